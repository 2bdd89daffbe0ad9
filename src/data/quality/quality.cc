#include "data/quality/quality.h"

#include <algorithm>

#include "data/quality/quality_checks.h"

namespace millrace::data {
namespace {

constexpr double kTextWords = 6.0;  // words of a text whose copies are looked for
constexpr size_t kTextColumns = 4;

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Measurement {
 public:
  Measurement(const QualityInputs& inputs, QualityRows rows)
      : inputs_(inputs), rows_(std::move(rows)), features_(inputs.record.features) {}

  QualityFindings Run() {
    Leaks();
    Plain();
    if (inputs_.record.num_test > 0) Split();
    Groups();
    LabelsAndClasses();
    AddPersonalData(FindPersonalData(rows_, inputs_.record.schema.names()), HandledColumns(),
                    findings_);
    AddOutliers(FindOutliers(rows_, features_, Seed()), inputs_.record.outliers, findings_);
    return std::move(findings_);
  }

 private:
  uint64_t Seed() const { return static_cast<uint64_t>(inputs_.spec.split.seed); }
  spec::LeakPolicy Policy() const { return inputs_.spec.data.on_leak; }
  int64_t NumClasses() const { return static_cast<int64_t>(inputs_.record.labels.size()); }

  void LeaveOutExcluded() {
    std::erase_if(features_, [this](const std::string& name) {
      return std::any_of(findings_.excluded.begin(), findings_.excluded.end(),
                         [&](const ExcludedColumn& column) { return column.name == name; });
    });
  }

  void Leaks() {
    // What is computed from earlier rows tells of the target, and is known in time.
    std::vector<std::string> of_source = features_;
    const table::Schema& schema = inputs_.record.schema;
    std::erase_if(of_source, [&](const std::string& name) {
      return !schema.column(*schema.Find(name)).derived.empty();
    });
    AddColumnLeaks(FindColumnLeaks({.rows = rows_,
                                    .features = of_source,
                                    .target = inputs_.record.target,
                                    .task = inputs_.record.task,
                                    .labels = inputs_.record.labels,
                                    .time = inputs_.spec.data.time.value_or("")}),
                   Policy(), features_, findings_);
    LeaveOutExcluded();
  }

  void Plain() {
    AddPlainColumns(FindPlainColumns(rows_, features_), findings_);
    LeaveOutExcluded();
  }

  void Split() {
    std::vector<std::string> compared = features_;
    compared.push_back(inputs_.record.target);
    std::vector<TextCopies> texts;
    for (const profile::ColumnProfile& column : inputs_.record.profile.columns) {
      const bool text = !table::IsNumeric(column.type) && column.mean_words >= kTextWords;
      if (text && Holds(features_, column.name) && texts.size() < kTextColumns) {
        texts.push_back(FindTextCopies(rows_, column.name));
      }
    }
    AddRowCopies(FindRowCopies(rows_, compared), texts, Policy(), findings_);
    const bool by_time = inputs_.record.split_kind == "time";
    const std::string group =
        inputs_.record.split_kind == "group" ? inputs_.spec.data.group.value_or("") : "";
    AddSplitDifference(CompareParts(inputs_.engine, rows_, features_, group, Seed()),
                       by_time ? SplitBy::kTime : SplitBy::kChance, findings_);
  }

  // Whether the parts may share what they must not: where the split does not follow time or group.
  void Groups() {
    const bool by_chance =
        inputs_.record.split_kind == "stratified" || inputs_.record.split_kind == "random";
    if (!by_chance) return;
    const FoldComparisonInputs inputs{.engine = inputs_.engine,
                                      .rows = rows_,
                                      .features = features_,
                                      .task = inputs_.record.task,
                                      .num_classes = NumClasses(),
                                      .seed = Seed()};
    std::vector<std::string> columns;
    for (const std::string& name : inputs_.record.schema.names()) {
      const bool taken = name == inputs_.record.target || name == inputs_.spec.data.id;
      if (!taken) columns.push_back(name);
    }
    std::vector<FoldComparison> comparisons;
    for (const std::string& name : GroupCandidates(rows_, columns)) {
      Result<FoldComparison> comparison = CompareByGroup(inputs, name);
      if (comparison.ok()) comparisons.push_back(std::move(comparison).value());
    }
    AddGroupLeaks(comparisons, Policy(), findings_);
    std::string time = inputs_.spec.data.time.value_or("");
    for (const profile::ColumnProfile& column : inputs_.record.profile.columns) {
      const bool dated = column.type == table::ColumnType::kDate && column.num_distinct > 2 &&
                         column.name != inputs_.record.target;
      if (time.empty() && dated) time = column.name;
    }
    AddOrderLeak(CompareByOrder(inputs, time), Policy(), findings_);
  }

  void LabelsAndClasses() {
    if (NumClasses() == 0) return;
    std::vector<int64_t> class_rows(static_cast<size_t>(NumClasses()), 0);
    for (const int64_t row : rows_.RowsOf(SplitPart::kTrain)) {
      ++class_rows[static_cast<size_t>(rows_.labels[static_cast<size_t>(row)])];
    }
    AddClassBalance(inputs_.record.labels, class_rows, findings_);
    AddLabelNoise(EstimateLabelNoise(inputs_.engine, rows_, features_, NumClasses(), Seed()),
                  inputs_.record.labels, findings_);
  }

  std::vector<std::string> HandledColumns() const {
    std::vector<std::string> handled = inputs_.spec.data.sensitive;
    for (const std::string& name : inputs_.record.schema.names()) {
      if (!Holds(features_, name) && name != inputs_.record.target) handled.push_back(name);
    }
    return handled;
  }

  const QualityInputs& inputs_;
  QualityRows rows_;
  std::vector<std::string> features_;
  QualityFindings findings_;
};

}  // namespace

Result<QualityFindings> MeasureQuality(const QualityInputs& inputs) {
  MILLRACE_ASSIGN_OR_RETURN(QualityRows rows,
                            LoadQualityRows(inputs.record, inputs.objects, inputs.engine));
  return Measurement(inputs, std::move(rows)).Run();
}

}  // namespace millrace::data
