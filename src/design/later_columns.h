// LaterColumns: columns that a row of the files has and a prediction cannot have yet, by what their
// values and names show. A column that is filled in by the outcome makes a model that is excellent
// on the files and useless in production.

#pragma once

#include <string>
#include <vector>

#include "table/table.h"
#include "table/task.h"

namespace millrace::design {

/// How sure the evidence makes it.
enum class LaterEvidence {
  kShown,    // the values say so: left out without a question
  kLikely,   // left out unless a person says that it is known in time
  kPossible  // a feature unless a person says that it is not
};

struct LaterColumn {
  std::string name;
  LaterEvidence evidence = LaterEvidence::kPossible;
  std::string reason;  // "has a value in 3,471 rows, 94 % of them two_year_recid = 1; ..."
};

struct LaterInputs {
  const table::Table& rows;  // some of the source; the target of a classification is a category
  std::string target;
  table::Task task = table::Task::kBinary;
  std::string time;                   // the column that says when a row is; may be empty
  std::vector<std::string> features;  // columns that are looked at
};

/// Returns them in the order of `features`.
///
/// kShown: classification only: a column that has a value where the target is of a class (at least
/// 99 % of the rows on one side, and the phi coefficient of presence and class is 0.7 or more);
/// one that has values only where such a column has them; one of two values that says whether such
/// a column has one; and the output of another model, by its name ("prediction", "y_pred").
/// kLikely: a date that lies after `time` in 99 % of the rows and is no plan by its name ("due").
/// kPossible: a name that speaks of the end ("closed", "outcome", "after"). Each side of a
/// comparison needs 30 rows, dates 100.
std::vector<LaterColumn> FindLaterColumns(const LaterInputs& inputs);

}  // namespace millrace::design
