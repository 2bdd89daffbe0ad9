#include "data/quality/fold_comparison.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/format.h"
#include "data/quality/personal_words.h"
#include "data/quality/probe_model.h"
#include "profile/leak_probe.h"

namespace millrace::data {
namespace {

constexpr int64_t kRows = 4'000;
constexpr int64_t kCells = 200'000;
constexpr int64_t kLeastRows = 300;
constexpr int64_t kMostClasses = 20;
constexpr uint64_t kFolds = 3;
constexpr int64_t kResamples = 200;
constexpr size_t kLeastGroups = 50;
constexpr double kRepeatedShare = 0.5;
constexpr double kLargestGroup = 0.1;
constexpr size_t kCandidates = 2;
constexpr int64_t kStretches = 30;
constexpr double kPlaceAdds = 0.005;
constexpr double kSorted = 0.98;  // of the target, that the place explains

int64_t AffordableRows(const FoldComparisonInputs& inputs) {
  const auto num_features = static_cast<int64_t>(std::max<size_t>(1, inputs.features.size()));
  return std::clamp<int64_t>(kCells / num_features, 1'000, kRows);
}

// Words of names that hold ids.
bool SoundsLikeId(const std::string& name) {
  static constexpr std::string_view kWords[] = {
      "id",      "key",       "code",   "no",      "nr",     "num",     "number",
      "patient", "customer",  "client", "user",    "person", "subject", "device",
      "host",    "household", "family", "account", "member", "driver",  "player",
      "session", "machine",   "unit",   "ticket",  "order",  "product"};
  const std::vector<std::string> parts = NameParts(name);
  return std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
    return std::find(std::begin(kWords), std::end(kWords), part) != std::end(kWords);
  });
}

// Nearly every value has letters or digits with a digit, as "P0123".
bool HoldsCodes(const table::Column& column, const std::vector<int64_t>& rows) {
  int64_t present = 0;
  int64_t codes = 0;
  for (const int64_t row : rows) {
    if (!column.valid(row)) continue;
    ++present;
    const std::string_view text = column.text(row);
    const bool digit = text.find_first_of("0123456789") != std::string_view::npos;
    if (digit && text.find(' ') == std::string_view::npos) ++codes;
  }
  return codes * 10 > present * 9;
}

struct Candidate {
  std::string column;
  bool named = false;
  size_t num_groups = 0;
};

// Rows with their unit (group, stretch) and, where the order matters, their place in it.
struct Units {
  std::vector<int64_t> rows;
  std::vector<uint64_t> units;
  std::vector<double> places;  // [rows], or empty
};

class Comparison {
 public:
  Comparison(const FoldComparisonInputs& inputs, const Units& units)
      : inputs_(inputs), units_(units) {}

  Result<FoldComparison> Run() {
    if (inputs_.num_classes > kMostClasses) {
      return Unsupported(Format("{} classes are too many to probe", inputs_.num_classes));
    }
    if (static_cast<int64_t>(units_.rows.size()) < kLeastRows) {
      return Unsupported(Format("{} rows are too few to probe", units_.rows.size()));
    }
    std::vector<int64_t> mixed;
    std::vector<int64_t> whole;
    for (size_t i = 0; i < units_.rows.size(); ++i) {
      const auto index = static_cast<size_t>(units_.rows[i]);
      labels_.push_back(inputs_.rows.labels[index]);
      // Copies of a row are no group: they never lie on both sides of a split.
      mixed.push_back(Fold(inputs_.rows.keys[index], inputs_.seed));
      whole.push_back(Fold(units_.units[i], inputs_.seed + 1));
    }
    MILLRACE_ASSIGN_OR_RETURN(EncodedRows encoded, EncodeRows(inputs_.engine, inputs_.rows,
                                                              units_.rows, inputs_.features));
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<double> together,
                              OutOfFold(encoded, labels_, mixed, Plan()));
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<double> apart,
                              OutOfFold(encoded, labels_, whole, Plan()));
    FoldComparison comparison;
    comparison.metric = inputs_.task == table::Task::kBinary       ? "auc"
                        : inputs_.task == table::Task::kMulticlass ? "accuracy"
                                                                   : "r2";
    const metric::MetricInfo& info = *metric::FindMetric(inputs_.task, comparison.metric);
    comparison.together = metric::Compute(info, Scored(together));
    comparison.apart = metric::Compute(info, Scored(apart));
    comparison.loss = Difference(info, together, apart);
    comparison.num_rows = static_cast<int64_t>(units_.rows.size());
    comparison.num_groups =
        static_cast<int64_t>(std::set<uint64_t>(units_.units.begin(), units_.units.end()).size());
    // Only a loss must be explained.
    if (units_.places.empty() || !Flatters(comparison)) return comparison;
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<double> placed,
                              OutOfFold(WithPlaces(encoded), labels_, mixed, Plan()));
    comparison.place_adds = Difference(info, placed, together);
    comparison.sorted_by_target =
        profile::ProbeColumn(BinsOfPlaces(), labels_, inputs_.num_classes) > kSorted;
    return comparison;
  }

 private:
  static int64_t Fold(uint64_t key, uint64_t seed) {
    return static_cast<int64_t>(MixHash(key, seed) % kFolds);
  }
  ProbePlan Plan() const {
    return {.task = inputs_.task, .num_classes = inputs_.num_classes, .seed = inputs_.seed};
  }
  metric::Scored Scored(const std::vector<double>& outputs) const {
    return {.task = inputs_.task,
            .num_classes = inputs_.num_classes,
            .labels = labels_,
            .outputs = outputs};
  }
  metric::Interval Difference(const metric::MetricInfo& info, const std::vector<double>& left,
                              const std::vector<double>& right) const {
    return metric::BootstrapDifference(info, Scored(left), Scored(right), Rng(inputs_.seed),
                                       {.num_resamples = kResamples});
  }
  EncodedRows WithPlaces(const EncodedRows& encoded) const {
    const int64_t num_features = encoded.matrix.num_columns();
    EncodedRows placed{table::Matrix(encoded.matrix.num_rows(), num_features + 1), encoded.infos};
    for (int64_t r = 0; r < encoded.matrix.num_rows(); ++r) {
      const std::span<float> to = placed.matrix.mutable_row(r);
      std::ranges::copy(encoded.matrix.row(r), to.begin());
      to.back() = static_cast<float>(units_.places[static_cast<size_t>(r)]);
    }
    placed.infos.push_back({.name = "__place", .column = "__place", .columns = {"__place"}});
    return placed;
  }
  std::vector<int64_t> BinsOfPlaces() const {
    table::Column places(table::ColumnType::kInteger);
    for (const double place : units_.places) places.AppendNumber(place);
    return profile::BinsOf(places);
  }

  const FoldComparisonInputs& inputs_;
  const Units& units_;
  std::vector<double> labels_;
};

}  // namespace

bool PlaceTells(const FoldComparison& comparison) {
  return comparison.place_adds.low > 0.0 && comparison.place_adds.value >= kPlaceAdds;
}

bool Flatters(const FoldComparison& comparison) {
  return comparison.loss.low > 0.0 && comparison.loss.value >= kFlattery;
}

std::vector<std::string> GroupCandidates(const QualityRows& rows,
                                         const std::vector<std::string>& columns) {
  const std::vector<int64_t> train = rows.RowsOf(SplitPart::kTrain);
  std::vector<Candidate> candidates;
  for (const std::string& name : columns) {
    const table::Column& column = rows.column(name);
    const table::ColumnType type = column.type();
    if (type != table::ColumnType::kInteger && type != table::ColumnType::kCategory) continue;
    std::unordered_map<uint64_t, int64_t> counts;
    int64_t present = 0;
    for (const int64_t row : train) {
      if (!column.valid(row)) continue;
      ++counts[HashCell(column, row)];
      ++present;
    }
    int64_t repeated = 0;
    int64_t largest = 0;
    for (const auto& [hash, count] : counts) {
      if (count > 1) repeated += count;
      largest = std::max(largest, count);
    }
    const auto total = static_cast<double>(present);
    if (counts.size() < kLeastGroups || total < 0.5 * static_cast<double>(train.size()) ||
        static_cast<double>(repeated) < kRepeatedShare * total ||
        static_cast<double>(largest) > kLargestGroup * total) {
      continue;
    }
    const bool named = SoundsLikeId(name);
    if (named || (type == table::ColumnType::kCategory && HoldsCodes(column, train))) {
      candidates.push_back({name, named, counts.size()});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return a.named != b.named ? a.named : a.num_groups > b.num_groups;
                   });
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(kCandidates, candidates.size()); ++i) {
    names.push_back(candidates[i].column);
  }
  return names;
}

Result<FoldComparison> CompareByGroup(const FoldComparisonInputs& inputs,
                                      const std::string& column_name) {
  const table::Column& column = inputs.rows.column(column_name);
  std::map<uint64_t, std::vector<int64_t>> groups;  // in order of a hash: a random one
  for (const int64_t row : inputs.rows.RowsOf(SplitPart::kTrain)) {
    if (column.valid(row)) {
      groups[MixHash(HashCell(column, row), inputs.seed)].push_back(row);
    }
  }
  std::vector<std::pair<int64_t, uint64_t>> taken;
  for (const auto& [group, members] : groups) {
    if (static_cast<int64_t>(taken.size()) >= AffordableRows(inputs)) break;
    for (const int64_t row : members) taken.emplace_back(row, group);
  }
  std::sort(taken.begin(), taken.end());
  Units units;
  for (const auto& [row, group] : taken) {
    units.rows.push_back(row);
    units.units.push_back(group);
  }
  MILLRACE_ASSIGN_OR_RETURN(FoldComparison comparison, Comparison(inputs, units).Run());
  comparison.column = column_name;
  return comparison;
}

Result<FoldComparison> CompareByOrder(const FoldComparisonInputs& inputs, const std::string& time) {
  std::vector<int64_t> order = inputs.rows.RowsOf(SplitPart::kTrain);
  if (!time.empty()) {
    const table::Column& column = inputs.rows.column(time);
    std::erase_if(order, [&column](int64_t row) { return !column.valid(row); });
    std::stable_sort(order.begin(), order.end(), [&column](int64_t a, int64_t b) {
      return column.number(a) < column.number(b);
    });
  }
  // Stretches of neighbours, spread over the whole.
  const auto total = static_cast<int64_t>(order.size());
  const int64_t length = std::min(total / kStretches, AffordableRows(inputs) / kStretches);
  struct Taken {
    int64_t row;
    int64_t stretch;
    int64_t place;
  };
  std::vector<Taken> taken;
  for (int64_t s = 0; s < kStretches; ++s) {
    const int64_t first = s * total / kStretches;
    for (int64_t i = first; i < first + length; ++i) {
      taken.push_back({order[static_cast<size_t>(i)], s, i});
    }
  }
  std::sort(taken.begin(), taken.end(),
            [](const Taken& a, const Taken& b) { return a.row < b.row; });
  Units units;
  for (const Taken& one : taken) {
    units.rows.push_back(one.row);
    units.units.push_back(static_cast<uint64_t>(one.stretch));
    units.places.push_back(static_cast<double>(one.place));
  }
  MILLRACE_ASSIGN_OR_RETURN(FoldComparison comparison, Comparison(inputs, units).Run());
  comparison.column = time;
  return comparison;
}

}  // namespace millrace::data
