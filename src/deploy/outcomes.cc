#include "deploy/outcomes.h"

#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/format.h"
#include "bundle/label_reader.h"

namespace millrace::deploy {
namespace {

constexpr int64_t kReadAtOnce = 20'000;

struct Prediction {
  bool is_challenger = false;
  std::vector<double> outputs;
  std::optional<double> label;
};

// Predictions by the two ways in which feedback finds them.
class Join {
 public:
  explicit Join(const OutcomeInputs& inputs)
      : inputs_(inputs),
        champion_(inputs.champion.digest().ToHex()),
        challenger_(inputs.challenger.digest().ToHex()),
        labels_(inputs.champion.class_labels()) {}

  void Take(const journal::Record& record) {
    if (const auto* prediction = std::get_if<journal::PredictionRecord>(&record)) {
      TakePrediction(*prediction);
    } else {
      TakeFeedback(std::get<journal::FeedbackRecord>(record));
    }
  }

  Outcomes Finish() {
    for (const Prediction& prediction : predictions_) {
      RouteRows& route = prediction.is_challenger ? outcomes_.challenger : outcomes_.champion;
      ++route.num_predictions;
      if (!prediction.label) continue;
      route.labels.push_back(*prediction.label);
      route.outputs.insert(route.outputs.end(), prediction.outputs.begin(),
                           prediction.outputs.end());
    }
    return std::move(outcomes_);
  }

 private:
  static std::string RowName(std::string_view request_id, int64_t row) {
    return Format("{}#{}", request_id, row);
  }

  void TakePrediction(const journal::PredictionRecord& record) {
    const bool is_challenger = record.bundle == challenger_;
    if (record.time_micros < inputs_.since_micros) return;
    if (!is_challenger && record.bundle != champion_) return;
    if (static_cast<int64_t>(predictions_.size()) >= inputs_.max_rows) {
      outcomes_.truncated = true;
      return;
    }
    Prediction prediction;
    prediction.is_challenger = is_challenger;
    prediction.outputs = record.outputs;
    if (inputs_.champion.task() == table::Task::kBinary && prediction.outputs.size() == 2) {
      prediction.outputs.erase(prediction.outputs.begin());  // of the positive class only
    }
    const size_t width = inputs_.champion.task() == table::Task::kMulticlass
                             ? inputs_.champion.class_labels().size()
                             : 1;
    if (prediction.outputs.size() != width) return;
    by_request_[RowName(record.request_id, record.row_index)] = predictions_.size();
    if (!record.row_key.empty()) by_key_[record.row_key] = predictions_.size();
    predictions_.push_back(std::move(prediction));
  }

  void TakeFeedback(const journal::FeedbackRecord& record) {
    Prediction* prediction = nullptr;
    if (!record.request_id.empty()) {
      const auto found = by_request_.find(RowName(record.request_id, record.row_index));
      if (found != by_request_.end()) prediction = &predictions_[found->second];
    } else if (const auto found = by_key_.find(record.row_key); found != by_key_.end()) {
      prediction = &predictions_[found->second];
    }
    if (prediction == nullptr) {
      ++outcomes_.num_unmatched;
      return;
    }
    const std::optional<double> label = labels_.FromText(record.label);
    if (!label) {
      ++outcomes_.num_unknown_labels;
      return;
    }
    prediction->label = label;
  }

  const OutcomeInputs& inputs_;
  const std::string champion_;
  const std::string challenger_;
  const bundle::LabelReader labels_;
  std::vector<Prediction> predictions_;
  std::unordered_map<std::string, size_t> by_request_;
  std::unordered_map<std::string, size_t> by_key_;
  Outcomes outcomes_;
};

}  // namespace

metric::Scored RouteRows::Scored(const bundle::Bundle& bundle) const {
  metric::Scored scored;
  scored.task = bundle.task();
  scored.num_classes = static_cast<int64_t>(bundle.class_labels().size());
  scored.labels = labels;
  scored.outputs = outputs;
  scored.threshold = bundle.threshold();
  return scored;
}

Result<Outcomes> CollectOutcomes(const OutcomeInputs& inputs) {
  Join join(inputs);
  journal::Cursor cursor = inputs.from;
  for (bool more = true; more;) {
    MILLRACE_ASSIGN_OR_RETURN(journal::NewRecords read,
                              journal::ReadNew(inputs.journal, cursor, kReadAtOnce));
    for (const journal::Record& record : read.records) join.Take(record);
    more = read.more;
    cursor = std::move(read.next);
  }
  return join.Finish();
}

Result<journal::Cursor> EndOfJournal(const std::string& folder) {
  journal::Cursor cursor;
  for (bool more = true; more;) {
    MILLRACE_ASSIGN_OR_RETURN(journal::NewRecords read,
                              journal::ReadNew(folder, cursor, kReadAtOnce));
    more = read.more;
    cursor = std::move(read.next);
  }
  return cursor;
}

}  // namespace millrace::deploy
