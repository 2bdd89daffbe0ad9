// Request checks: the part of data.checks that one row can break, as the service applies it to
// requests. Unique values, numbers of rows, SQL conditions and shares judge tables and are left
// out.

#pragma once

#include <string>
#include <vector>

#include "expect/column_check.h"
#include "report/document.h"
#include "spec/spec.h"
#include "table/schema.h"

namespace millrace::data {

/// What is not asked of requests, and why.
struct LeftOutCheck {
  std::string check;   // "customerID unique", "(TotalCharges >= 0)"
  std::string reason;  // "judges the whole table"
};

struct RequestChecks {
  std::vector<expect::ColumnCheck> checks;  // in the order of the specification
  std::vector<LeftOutCheck> left_out;
};

/// Chooses from the checks of the specification those that rows of `request_schema` can break, and
/// what becomes of a request that does. A check that allows exceptions (at_least below 1, severity
/// warn) never refuses a request unless its on_request says so.
RequestChecks RequestChecksOf(const spec::Spec& spec, const table::Schema& request_schema);

/// Returns the table of the report: what requests are checked for and what is left out; nothing to
/// show where the specification has no checks. `policy`: of deploy.on_invalid.
std::vector<report::Block> RequestChecksBlocks(const RequestChecks& checks, spec::OnInvalid policy);

}  // namespace millrace::data
