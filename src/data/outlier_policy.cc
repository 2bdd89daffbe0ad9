#include "data/outlier_policy.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "data/quality/outliers.h"
#include "spec/names.h"

namespace millrace::data {
namespace {

using spec::OutlierPolicy;
using table::ColumnType;

constexpr int64_t kFenceRows = 200'000;
constexpr int64_t kFenceCells = 5'000'000;
constexpr double kManyRows = 0.05;  // of training, set aside

bool IsPlainNumber(ColumnType type) {
  return type == ColumnType::kInteger || type == ColumnType::kNumber;
}

Status CheckOverrides(const DataInputs& inputs, const DataRecord& record) {
  for (const spec::ColumnRules& rules : inputs.spec.data.columns) {
    if (!rules.outliers || *rules.outliers == OutlierPolicy::kKeep) continue;
    const auto refuse = [&](std::string_view what) {
      return InvalidSpec(
          Format("{}: data.columns.{}.outliers: {}", rules.place.ToString(), rules.name, what));
    };
    const auto index = record.schema.Find(rules.name);
    if (!index) {
      return refuse("no such column").WithHint(DidYouMean(rules.name, record.schema.names()));
    }
    if (rules.name == record.target) {
      return refuse("is the target").WithHint("rows are not chosen by what is to be predicted");
    }
    const ColumnType type = record.schema.column(*index).type;
    if (IsPlainNumber(type)) continue;
    return refuse(Format("is for numbers, not for {} column",
                         WithArticle(table::ColumnTypeName(type))))
        .WithHint("remove the key");
  }
  return {};
}

OutlierPolicy PolicyOf(const DataInputs& inputs, const std::string& column) {
  const auto rules = std::ranges::find(inputs.spec.data.columns, column, &spec::ColumnRules::name);
  const bool given = rules != inputs.spec.data.columns.end() && rules->outliers.has_value();
  return given ? *rules->outliers : inputs.spec.data.outliers;
}

// Looks at columns together, so that the rows are read once for each question.
class PolicyMeasurement {
 public:
  PolicyMeasurement(const DataInputs& inputs, const DataRecord& record)
      : inputs_(inputs),
        record_(record),
        rows_(Format("read_parquet({})",
                     engine::QuoteLiteral(inputs.objects.PathOf(record.rows_object)))) {}

  Result<OutlierChanges> Run() {
    for (const std::string& name : record_.features) {
      if (!IsPlainNumber(record_.schema.column(*record_.schema.Find(name)).type)) continue;
      const OutlierPolicy policy = PolicyOf(inputs_, name);
      if (policy != OutlierPolicy::kKeep) {
        changes_.columns.push_back({.column = name, .policy = policy});
      }
    }
    if (changes_.columns.empty()) return std::move(changes_);
    MILLRACE_RETURN_IF_ERROR(FindFences());
    MILLRACE_RETURN_IF_ERROR(CountBeyond());
    MILLRACE_RETURN_IF_ERROR(FindRows());
    return std::move(changes_);
  }

 private:
  static std::string TrainPart() { return engine::QuoteLiteral(SplitPartName(SplitPart::kTrain)); }
  static std::string Number(double value) {
    return Format("CAST('{}' AS DOUBLE)", FormatDouble(value));
  }

  // Fences from all training rows, or from every k-th of many.
  Status FindFences() {
    const auto width = static_cast<int64_t>(changes_.columns.size());
    const int64_t wanted = std::clamp<int64_t>(kFenceCells / width, 1'000, kFenceRows);
    const int64_t step = std::max<int64_t>(1, (record_.num_train + wanted - 1) / wanted);
    std::vector<std::string> selected;
    for (const OutlierTreatment& column : changes_.columns) {
      selected.push_back(Format("CAST({} AS DOUBLE)", engine::QuoteIdentifier(column.column)));
    }
    std::vector<std::vector<double>> values(changes_.columns.size());
    MILLRACE_RETURN_IF_ERROR(inputs_.engine.Stream(
        Format("SELECT {} FROM {} WHERE __split = {} AND __row % {} = 0", Join(selected, ", "),
               rows_, TrainPart(), step),
        [&values](const table::Table& batch) -> Status {
          for (size_t c = 0; c < values.size(); ++c) {
            const table::Column& cells = batch.column(static_cast<int64_t>(c));
            for (int64_t row = 0; row < batch.num_rows(); ++row) {
              if (cells.valid(row)) values[c].push_back(cells.number(row));
            }
          }
          return {};
        }));
    for (size_t c = 0; c < values.size(); ++c) {
      OutlierTreatment& column = changes_.columns[c];
      const std::optional<Fences> fences = FarFences(std::move(values[c]));
      if (!fences) {
        column.left_because = "the middle half is one value, or there are too few";
        continue;
      }
      column.low = fences->low;
      column.high = fences->high;
    }
    return {};
  }

  Status CountBeyond() {
    std::vector<std::string> counts;
    for (const OutlierTreatment& column : changes_.columns) {
      const std::string name = engine::QuoteIdentifier(column.column);
      for (const SplitPart part : {SplitPart::kTrain, SplitPart::kTest}) {
        const std::string in_part =
            Format("__split = {}", engine::QuoteLiteral(SplitPartName(part)));
        counts.push_back(Format("count({}) FILTER (WHERE {})", name, in_part));
        counts.push_back(
            Format("count(*) FILTER (WHERE {} AND {} < {})", in_part, name, Number(column.low)));
        counts.push_back(
            Format("count(*) FILTER (WHERE {} AND {} > {})", in_part, name, Number(column.high)));
      }
    }
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table found,
        engine::Query(inputs_.engine, Format("SELECT {} FROM {}", Join(counts, ", "), rows_)));
    int64_t at = 0;
    const auto next = [&] { return static_cast<int64_t>(found.column(at++).number(0)); };
    for (OutlierTreatment& column : changes_.columns) {
      const int64_t values = next();
      column.num_train = next();
      column.num_train += next();
      next();  // values of the test part
      column.num_test = next();
      column.num_test += next();
      if (!column.left_because.empty()) {
        column.num_train = column.num_test = 0;
        continue;
      }
      const double share =
          values == 0 ? 0.0 : static_cast<double>(column.num_train) / static_cast<double>(values);
      if (share > kRareValues) {
        column.left_because =
            Format("{} of its values lie beyond the fences: too many to be outliers",
                   FormatShare(share, 1.0));
      }
    }
    return {};
  }

  Status FindRows() {
    std::vector<std::string> beyond;
    std::vector<std::string> selected{"__row"};
    std::vector<const OutlierTreatment*> columns;
    for (const OutlierTreatment& column : changes_.columns) {
      const bool leaves = column.policy == OutlierPolicy::kSetAside && column.left_because.empty();
      if (!leaves || column.num_train == 0) continue;
      const std::string name = engine::QuoteIdentifier(column.column);
      beyond.push_back(
          Format("{0} < {1} OR {0} > {2}", name, Number(column.low), Number(column.high)));
      selected.push_back(Format("CAST({} AS DOUBLE)", name));
      columns.push_back(&column);
    }
    if (columns.empty()) return {};
    changes_.listed.columns = {"row", "column", "value", "rule"};
    changes_.listed.numeric = {true, false, true, false};
    return inputs_.engine.Stream(
        Format("SELECT {} FROM {} WHERE __split = {} AND ({}) ORDER BY __row", Join(selected, ", "),
               rows_, TrainPart(), Join(beyond, " OR ")),
        [&](const table::Table& batch) -> Status {
          for (int64_t row = 0; row < batch.num_rows(); ++row) Take(batch, row, columns);
          return {};
        });
  }

  void Take(const table::Table& batch, int64_t row,
            const std::vector<const OutlierTreatment*>& columns) {
    const auto place = static_cast<int64_t>(batch.column(0).number(row));
    changes_.rows.push_back(place);
    for (size_t c = 0; c < columns.size(); ++c) {
      const table::Column& cells = batch.column(static_cast<int64_t>(c) + 1);
      if (!cells.valid(row)) continue;
      const double value = cells.number(row);
      if (value >= columns[c]->low && value <= columns[c]->high) continue;
      if (static_cast<int64_t>(changes_.listed.rows.size()) >= kMostListedValues) return;
      changes_.listed.rows.push_back(
          {Format("{}", place + 1), columns[c]->column, FormatSignificant(value, 6),
           value < columns[c]->low ? Format("below {}", FormatSignificant(columns[c]->low, 6))
                                   : Format("above {}", FormatSignificant(columns[c]->high, 6))});
    }
  }

  const DataInputs& inputs_;
  const DataRecord& record_;
  const std::string rows_;
  OutlierChanges changes_;
};

}  // namespace

Result<OutlierChanges> MeasureOutlierPolicy(const DataInputs& inputs, const DataRecord& record) {
  MILLRACE_RETURN_IF_ERROR(CheckOverrides(inputs, record));
  return PolicyMeasurement(inputs, record).Run();
}

report::Check OutlierPolicyCheck(const DataRecord& record) {
  report::Check check;
  check.id = "data.outlier_policy";
  check.label = "outliers changed";
  check.state = report::CheckState::kMet;
  int64_t clipped = 0;
  for (const OutlierTreatment& column : record.outliers) {
    if (column.policy == OutlierPolicy::kClip && column.left_because.empty()) {
      clipped += column.num_train + column.num_test;
    }
  }
  check.value = static_cast<double>(clipped + record.num_set_aside);
  check.evidence = Format("{} training rows set aside, {} values clipped; no test row is moved",
                          FormatCount(record.num_set_aside), FormatCount(clipped));
  const auto before = static_cast<double>(record.num_train + record.num_set_aside);
  if (static_cast<double>(record.num_set_aside) > kManyRows * before) {
    check.state = report::CheckState::kWarning;
    check.fix = "many rows leave training: clip instead, or keep";
  }
  return check;
}

report::DataTable OutlierPolicyTable(const DataRecord& record) {
  report::DataTable table;
  table.title = "Outliers: policy and counts";
  table.columns = {"column",         "policy",       "below", "above", "beyond in training",
                   "beyond in test", "what was done"};
  table.numeric = {false, false, true, true, true, true, false};
  for (const OutlierTreatment& column : record.outliers) {
    const bool left = !column.left_because.empty();
    const bool fenced = column.low < column.high;
    const std::string done = left ? "left as they are: " + column.left_because
                             : column.policy == OutlierPolicy::kClip
                                 ? "stand at the fence, in training, test and serving"
                                 : "these training rows left training; test rows stay";
    table.rows.push_back({column.column, std::string(spec::NameOf(column.policy)),
                          fenced ? FormatSignificant(column.low, 6) : "-",
                          fenced ? FormatSignificant(column.high, 6) : "-",
                          FormatCount(column.num_train), FormatCount(column.num_test), done});
  }
  return table;
}

}  // namespace millrace::data
