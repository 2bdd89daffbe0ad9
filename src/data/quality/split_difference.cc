#include "data/quality/split_difference.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "data/quality/probe_model.h"
#include "sketch/drift.h"

namespace millrace::data {
namespace {

constexpr int64_t kPartRows = 4'000;
constexpr int64_t kCells = 300'000;
constexpr int64_t kLeastRows = 50;
constexpr uint64_t kFolds = 3;
constexpr int64_t kResamples = 200;
constexpr double kConfidence = 0.99;
constexpr double kLevel = 0.001;  // of all columns together

std::vector<DifferingColumn> CompareColumns(const QualityRows& rows,
                                            const std::vector<int64_t>& train,
                                            const std::vector<int64_t>& test,
                                            const std::vector<std::string>& features) {
  std::vector<DifferingColumn> differing;
  for (const std::string& name : features) {
    const table::Column& column = rows.column(name);
    const table::Column reference = column.Take(train);
    const sketch::ColumnSketch before = sketch::ColumnSketch::FromReference(name, reference);
    sketch::ColumnSketch now = before.Empty();
    now.AddColumn(column.Take(test));
    const sketch::Drift drift =
        sketch::CompareSketches(before, now, static_cast<int64_t>(features.size()));
    if (drift.p_value * static_cast<double>(features.size()) > kLevel) continue;
    differing.push_back({name, drift.jensen_shannon, drift.p_value});
  }
  std::stable_sort(
      differing.begin(), differing.end(),
      [](const DifferingColumn& a, const DifferingColumn& b) { return a.distance > b.distance; });
  return differing;
}

}  // namespace

Result<SplitDifference> CompareParts(engine::Engine& engine, const QualityRows& rows,
                                     const std::vector<std::string>& features,
                                     const std::string& group, uint64_t seed) {
  std::vector<std::string> compared;
  for (const std::string& name : features) {
    if (rows.column(name).type() != table::ColumnType::kDate) compared.push_back(name);
  }
  if (compared.empty()) return Unsupported("no column but dates");
  const int64_t count =
      std::clamp<int64_t>(kCells / static_cast<int64_t>(compared.size()) / 2, 1'000, kPartRows);
  const std::vector<int64_t> train = rows.Sample(rows.RowsOf(SplitPart::kTrain), count);
  const std::vector<int64_t> test = rows.Sample(rows.RowsOf(SplitPart::kTest), count);
  SplitDifference difference;
  difference.num_train = static_cast<int64_t>(train.size());
  difference.num_test = static_cast<int64_t>(test.size());
  if (std::min(difference.num_train, difference.num_test) < kLeastRows) {
    return Unsupported(Format("fewer than {} rows of a part", kLeastRows));
  }
  std::vector<int64_t> all = train;
  all.insert(all.end(), test.begin(), test.end());
  std::sort(all.begin(), all.end());
  std::vector<double> labels;
  std::vector<int64_t> folds;
  for (const int64_t row : all) {
    const auto index = static_cast<size_t>(row);
    labels.push_back(rows.parts[index] == SplitPart::kTest ? 1.0 : 0.0);
    const uint64_t unit = group.empty() ? rows.keys[index] : HashCell(rows.column(group), row);
    folds.push_back(static_cast<int64_t>(MixHash(unit, seed) % kFolds));
  }
  MILLRACE_ASSIGN_OR_RETURN(const EncodedRows encoded, EncodeRows(engine, rows, all, compared));
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<double> outputs,
      OutOfFold(encoded, labels, folds,
                {.task = table::Task::kBinary, .num_classes = 2, .seed = seed}));
  const metric::Scored scored{
      .task = table::Task::kBinary, .num_classes = 2, .labels = labels, .outputs = outputs};
  difference.auc =
      metric::Bootstrap(*metric::FindMetric(table::Task::kBinary, "auc"), scored, Rng(seed),
                        {.num_resamples = kResamples, .confidence = kConfidence});
  const auto num_train = static_cast<double>(difference.num_train);
  const auto num_test = static_cast<double>(difference.num_test);
  const double deviation = std::sqrt((num_train + num_test + 1.0) / (12.0 * num_train * num_test));
  difference.p_value = 0.5 * std::erfc((difference.auc.value - 0.5) / deviation / std::sqrt(2.0));
  difference.columns = CompareColumns(rows, train, test, compared);
  return difference;
}

}  // namespace millrace::data
