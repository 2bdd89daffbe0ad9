#include "develop/changes.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "spec/names.h"

namespace millrace::develop {
namespace {

using data::SplitPart;
using feature::FillKind;

std::string CountMissing(const std::string& column, SplitPart part) {
  return Format("count(*) FILTER (WHERE __split = {} AND {} IS NULL)",
                engine::QuoteLiteral(data::SplitPartName(part)), engine::QuoteIdentifier(column));
}

void AddOutliers(const data::OutlierTreatment& outliers, ColumnChanges& changes) {
  changes.outliers = spec::NameOf(outliers.policy);
  changes.low = outliers.low;
  changes.high = outliers.high;
  if (outliers.policy == spec::OutlierPolicy::kClip) {
    changes.clipped_train = outliers.num_train;
    changes.clipped_test = outliers.num_test;
  } else {
    changes.set_aside = outliers.num_train;
  }
}

}  // namespace

Result<std::vector<ColumnChanges>> CountChanges(const data::DataRecord& data,
                                                const store::ObjectStore& objects,
                                                engine::Engine& engine,
                                                const fit::FittedGraph& fitted) {
  std::vector<ColumnChanges> all;
  std::vector<std::string> counts;
  std::vector<size_t> counted;  // in `all`, two counts each
  for (const std::string& name : data.schema.names()) {
    ColumnChanges changes{.column = name};
    const auto& treatments = fitted.graph.treatments();
    const auto treatment = std::ranges::find(treatments, name, &feature::Treatment::column);
    const bool filled = treatment != treatments.end() && treatment->fill != FillKind::kNone;
    if (filled) {
      const auto place = static_cast<size_t>(treatment - treatments.begin());
      changes.policy = fitted.treatments[place].policy;
      changes.fill = fitted.treatments[place].fill;
      counts.push_back(CountMissing(name, SplitPart::kTrain));
      counts.push_back(CountMissing(name, SplitPart::kTest));
      counted.push_back(all.size());
    }
    const auto outliers = std::ranges::find(data.outliers, name, &data::OutlierTreatment::column);
    // A column that is no feature in the end has no value to clip.
    const bool gone = outliers != data.outliers.end() &&
                      outliers->policy == spec::OutlierPolicy::kClip &&
                      treatment == treatments.end();
    const bool moved = outliers != data.outliers.end() && outliers->left_because.empty() && !gone;
    if (moved) AddOutliers(*outliers, changes);
    if (filled || moved) all.push_back(std::move(changes));
  }
  if (counts.empty()) return all;
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table found,
      engine::Query(engine, Format("SELECT {} FROM read_parquet({})", Join(counts, ", "),
                                   engine::QuoteLiteral(objects.PathOf(data.rows_object)))));
  for (size_t i = 0; i < counted.size(); ++i) {
    const auto at = static_cast<int64_t>(2 * i);
    all[counted[i]].filled_train = static_cast<int64_t>(found.column(at).number(0));
    all[counted[i]].filled_test = static_cast<int64_t>(found.column(at + 1).number(0));
  }
  return all;
}

report::Block ChangesBlock(const data::DataRecord& data,
                           const std::vector<ColumnChanges>& changes) {
  if (changes.empty()) {
    return report::Paragraph{
        "What was changed: nothing. Missing values stay missing, no value is clipped, no row is "
        "set aside as an outlier."};
  }
  report::DataTable table;
  table.title = data.num_set_aside == 0 ? std::string("What was changed")
                                        : Format("What was changed ({} training rows set aside)",
                                                 FormatCount(data.num_set_aside));
  table.columns = {"column",   "missing values become",        "filled, training", "filled, test",
                   "outliers", "moved or set aside, training", "moved, test"};
  table.numeric = {false, false, true, true, false, true, true};
  for (const ColumnChanges& column : changes) {
    const std::string outliers =
        column.outliers.empty()
            ? std::string("kept")
            : Format("{}: {} .. {}", column.outliers, FormatSignificant(column.low, 4),
                     FormatSignificant(column.high, 4));
    table.rows.push_back({column.column, column.fill.empty() ? "missing" : column.fill,
                          FormatCount(column.filled_train), FormatCount(column.filled_test),
                          outliers, FormatCount(column.clipped_train + column.set_aside),
                          FormatCount(column.clipped_test)});
  }
  return table;
}

}  // namespace millrace::develop
