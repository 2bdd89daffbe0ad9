// Arguments of millrace-server.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "serve/deployment.h"
#include "serve/http_server.h"

namespace millrace::serve {

/// Names and values as given; a switch has the value "1".
struct Arguments {
  std::map<std::string, std::string> values;
  std::string Get(const std::string& name, const std::string& otherwise = "") const;
  bool Has(const std::string& name) const { return values.count(name) != 0; }
};

extern const char* const kHelp;

/// Reads "--name value" and "--name=value". kInvalidSpec naming the argument.
Result<Arguments> ReadArguments(const std::vector<std::string>& words);

/// Returns what is to be served: the file's, or one bundle with the token hashes of the environment
/// variable MILLRACE_TOKEN_HASHES (comma separated). Errors as ReadDeployment.
Result<Deployment> WantedDeployment(const Arguments& arguments);

/// Returns where to listen. kInvalidSpec for numbers out of range, and for an address that others
/// reach while no token is asked for, unless --open says that this is meant.
Result<HttpOptions> OptionsOf(const Arguments& arguments, const Deployment& deployment);

/// Returns the number of an argument, or `otherwise` when absent. kInvalidSpec outside [low, high].
Result<double> NumberOf(const Arguments& arguments, const std::string& name, double otherwise,
                        double low, double high);

}  // namespace millrace::serve
