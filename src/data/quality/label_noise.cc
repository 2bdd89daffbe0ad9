#include "data/quality/label_noise.h"

#include <algorithm>
#include <numeric>

#include "base/format.h"
#include "data/quality/probe_model.h"
#include "metric/share_interval.h"

namespace millrace::data {
namespace {

constexpr int64_t kRows = 10'000;
constexpr int64_t kCells = 400'000;
constexpr int64_t kLeastRows = 200;
constexpr int64_t kLeastClassRows = 20;
constexpr int64_t kMostClasses = 50;
constexpr double kZ95 = 1.959964;  // of 95 %
constexpr uint64_t kFolds = 5;
constexpr size_t kSuspects = 1'000;
constexpr size_t kSurest = 10;  // one row of so many of a predicted class
constexpr double kNear = 0.6;   // of the disputed share, that the floor reaches
constexpr double kMostDisputed = 0.3;
constexpr size_t kLeastSure = 10;  // rows of a class that tell something

// The class that a row confidently belongs to, or nothing (-1).
int64_t ConfidentClass(std::span<const double> row, const std::vector<double>& thresholds) {
  int64_t best = -1;
  for (size_t k = 0; k < row.size(); ++k) {
    if (row[k] < thresholds[k]) continue;
    if (best < 0 || row[k] > row[static_cast<size_t>(best)]) best = static_cast<int64_t>(k);
  }
  return best;
}

struct Disagreement {
  double rows = 0.0;
  double wrong = 0.0;
  bool of_all = true;  // every class is predicted often enough
};

// Among the surest tenth of each predicted class.
Disagreement WhereSurest(const std::vector<double>& labels,
                         const std::vector<double>& probabilities, size_t num_classes) {
  std::vector<std::vector<std::pair<double, size_t>>> predicted(num_classes);
  for (size_t r = 0; r < labels.size(); ++r) {
    const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(r * num_classes);
    const auto best = std::max_element(row, row + static_cast<std::ptrdiff_t>(num_classes));
    predicted[static_cast<size_t>(best - row)].emplace_back(-*best, r);
  }
  Disagreement sum;
  for (size_t k = 0; k < num_classes; ++k) {
    auto& rows = predicted[k];
    const size_t surest = rows.size() / kSurest;
    if (surest < kLeastSure) {
      sum.of_all = false;
      continue;
    }
    std::sort(rows.begin(), rows.end());
    for (size_t i = 0; i < surest; ++i) {
      ++sum.rows;
      if (labels[rows[i].second] != static_cast<double>(k)) ++sum.wrong;
    }
  }
  return sum;
}

}  // namespace

LabelNoise CountLabelNoise(const std::vector<double>& labels,
                           const std::vector<double>& probabilities, int64_t num_classes,
                           const std::vector<int64_t>& places) {
  const auto classes = static_cast<size_t>(num_classes);
  LabelNoise noise;
  noise.num_rows = static_cast<int64_t>(labels.size());
  noise.joint.assign(classes, std::vector<int64_t>(classes, 0));
  std::vector<double> thresholds(classes, 0.0);
  std::vector<double> given_rows(classes, 0.0);
  for (size_t r = 0; r < labels.size(); ++r) {
    const auto given = static_cast<size_t>(labels[r]);
    thresholds[given] += probabilities[r * classes + given];
    ++given_rows[given];
  }
  for (size_t k = 0; k < classes; ++k) thresholds[k] /= std::max(1.0, given_rows[k]);
  double counted = 0.0;
  double disputed = 0.0;
  for (size_t r = 0; r < labels.size(); ++r) {
    const std::span<const double> row(probabilities.data() + r * classes, classes);
    const auto given = static_cast<int64_t>(labels[r]);
    const int64_t likely = ConfidentClass(row, thresholds);
    if (likely < 0) continue;
    ++noise.joint[static_cast<size_t>(given)][static_cast<size_t>(likely)];
    ++counted;
    if (likely == given) continue;
    ++disputed;
    noise.suspects.push_back({.place = places[r],
                              .given = given,
                              .likely = likely,
                              .probability = row[static_cast<size_t>(likely)],
                              .given_probability = row[static_cast<size_t>(given)]});
  }
  std::sort(noise.suspects.begin(), noise.suspects.end(),
            [](const SuspectRow& a, const SuspectRow& b) {
              const double left = a.probability - a.given_probability;
              const double right = b.probability - b.given_probability;
              return left != right ? left > right : a.place < b.place;
            });
  if (noise.suspects.size() > kSuspects) noise.suspects.resize(kSuspects);
  const Disagreement surest = WhereSurest(labels, probabilities, classes);
  noise.disputed = counted > 0.0 ? disputed / counted : 0.0;
  noise.floor = surest.rows > 0.0 ? surest.wrong / surest.rows : 0.0;
  const metric::ShareInterval of_floor = metric::WilsonInterval(surest.wrong, surest.rows, kZ95);
  noise.apart = surest.of_all && noise.disputed <= kMostDisputed &&
                of_floor.high >= noise.disputed && noise.floor >= kNear * noise.disputed;
  noise.estimate = noise.apart ? noise.disputed : std::min(noise.disputed, noise.floor);
  const metric::ShareInterval interval = noise.apart || surest.rows == 0.0
                                             ? metric::WilsonInterval(disputed, counted, kZ95)
                                             : of_floor;
  noise.low = interval.low;
  noise.high = interval.high;
  return noise;
}

Result<LabelNoise> EstimateLabelNoise(engine::Engine& engine, const QualityRows& rows,
                                      const std::vector<std::string>& features, int64_t num_classes,
                                      uint64_t seed) {
  if (num_classes < 2) return Unsupported("numbers have no classes");
  if (num_classes > kMostClasses) {
    return Unsupported(Format("{} classes are too many to probe", num_classes));
  }
  const int64_t affordable = std::clamp<int64_t>(
      kCells / std::max<int64_t>(1, static_cast<int64_t>(features.size())), 2'000, kRows);
  const std::vector<int64_t> sample = rows.Sample(rows.RowsOf(SplitPart::kTrain), affordable);
  std::vector<double> labels;
  std::vector<int64_t> places;
  std::vector<int64_t> folds;
  std::vector<int64_t> class_rows(static_cast<size_t>(num_classes), 0);
  for (const int64_t row : sample) {
    const auto index = static_cast<size_t>(row);
    labels.push_back(rows.labels[index]);
    places.push_back(rows.places[index]);
    // Copies of a row fall into one fold: none is judged by its copy.
    folds.push_back(static_cast<int64_t>(MixHash(rows.keys[index], seed) % kFolds));
    ++class_rows[static_cast<size_t>(rows.labels[index])];
  }
  if (static_cast<int64_t>(sample.size()) < kLeastRows) {
    return Unsupported(Format("{} training rows are too few to probe", sample.size()));
  }
  if (*std::min_element(class_rows.begin(), class_rows.end()) < kLeastClassRows) {
    return Unsupported(Format("a class has fewer than {} rows", kLeastClassRows));
  }
  MILLRACE_ASSIGN_OR_RETURN(const EncodedRows encoded, EncodeRows(engine, rows, sample, features));
  const ProbePlan plan{.task = num_classes > 2 ? table::Task::kMulticlass : table::Task::kBinary,
                       .num_classes = num_classes,
                       .seed = seed};
  MILLRACE_ASSIGN_OR_RETURN(std::vector<double> outputs, OutOfFold(encoded, labels, folds, plan));
  if (num_classes == 2) {
    std::vector<double> both;
    for (const double positive : outputs) {
      both.push_back(1.0 - positive);
      both.push_back(positive);
    }
    outputs = std::move(both);
  }
  return CountLabelNoise(labels, outputs, num_classes, places);
}

}  // namespace millrace::data
