// The JSON schema of millrace.yaml, for editors: completion, descriptions, checks while typing.

#pragma once

#include "json/value.h"
#include "spec/parse.h"

namespace millrace::spec {

/// Returns the schema (JSON Schema, draft 2020-12), made from the key table and from the options of
/// the learners that are handed in. It says what single keys hold; Parse checks more (gates that
/// contradict each other) and less (numbers in quotes are numbers to it).
json::Json JsonSchema(const ParseOptions& options = {});

}  // namespace millrace::spec
