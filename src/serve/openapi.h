// The interface as OpenAPI 3.1, made from the endpoints and the bundle's schema.

#pragma once

#include <string>

#include "bundle/bundle.h"
#include "serve/invalid_field.h"

namespace millrace::serve {

/// Returns the document of a service that serves `bundle`. `on_invalid`: of its deployment; says
/// whether a field that breaks a check refuses a request.
std::string OpenApi(const bundle::Bundle& bundle, InvalidRows on_invalid);

}  // namespace millrace::serve
