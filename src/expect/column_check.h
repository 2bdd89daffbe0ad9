// ColumnCheck: what a check asks of the value of one column in one row. Plain data: what a bundle
// keeps of data.checks. The rest of them (unique, number of rows, SQL, shares) judges tables.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::expect {

/// What becomes of a request that breaks it.
enum class Action {
  kFlag,    // it is answered, with a warning
  kPolicy,  // the server decides: serve::Deployment::on_invalid
  kReject   // it is refused
};

/// One check of one column. A missing value breaks `present` only.
struct ColumnCheck {
  std::string column;
  std::optional<double> minimum;      // smallest allowed value; numeric columns
  std::optional<double> maximum;      // largest allowed value; numeric columns
  std::vector<std::string> values;    // the only allowed values, as a file writes them; empty: any
  std::string pattern;                // of the whole text; text columns; empty: any
  std::optional<int64_t> min_length;  // in characters (code points); text columns
  std::optional<int64_t> max_length;
  bool present = false;  // a value must be there
  Action action = Action::kPolicy;

  friend bool operator==(const ColumnCheck&, const ColumnCheck&) = default;
};

}  // namespace millrace::expect
