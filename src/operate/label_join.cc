// Joining labels to predictions, and what follows from labels: the performance of a window.

#include "operate/label_join.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/digest.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "operate/monitor.h"

namespace millrace::operate {
namespace {

// Labels that wait for their row, by join key.
using Waiting = std::unordered_map<int64_t, std::vector<size_t>>;

struct Wanted {
  std::vector<journal::FeedbackRecord> feedback;
  Waiting by_request;
  Waiting by_key;
  std::vector<bool> joined;

  bool empty() const { return by_request.empty() && by_key.empty(); }
};

Wanted WantedOf(std::vector<journal::FeedbackRecord> feedback) {
  Wanted wanted;
  wanted.feedback = std::move(feedback);
  wanted.joined.assign(wanted.feedback.size(), false);
  for (size_t i = 0; i < wanted.feedback.size(); ++i) {
    const journal::FeedbackRecord& record = wanted.feedback[i];
    if (!record.request_id.empty()) {
      wanted.by_request[RequestHash(record.request_id, record.row_index)].push_back(i);
    } else if (!record.row_key.empty()) {
      wanted.by_key[KeyHash(record.row_key)].push_back(i);
    }
  }
  return wanted;
}

// Takes the labels of one row out of what is wanted; they all count as joined, the last one holds.
std::optional<size_t> TakeFor(Wanted& wanted, const RowChunk& chunk, size_t row) {
  std::optional<size_t> newest;
  const auto found = wanted.by_request.find(chunk.request_hash[row]);
  if (found != wanted.by_request.end()) {
    for (const size_t i : found->second) wanted.joined[i] = true;
    newest = found->second.back();
    wanted.by_request.erase(found);
  }
  if (chunk.key_hash[row] == 0) return newest;
  const auto keyed = wanted.by_key.find(chunk.key_hash[row]);
  if (keyed == wanted.by_key.end()) return newest;
  // A label belongs to the newest prediction of its key that was made before it.
  std::erase_if(keyed->second, [&](size_t i) {
    if (wanted.feedback[i].time_micros < chunk.time_micros[row]) return false;
    wanted.joined[i] = true;
    newest = i;
    return true;
  });
  if (keyed->second.empty()) wanted.by_key.erase(keyed);
  return newest;
}

struct LabelledRows {
  std::vector<double> labels;
  std::vector<double> outputs;
};

Result<LabelledRows> LabelledRowsOf(MonitorStore& store, int64_t number) {
  LabelledRows out;
  const int64_t num_chunks = store.state().windows[number].num_chunks;
  for (int64_t index = 0; index < num_chunks; ++index) {
    MILLRACE_ASSIGN_OR_RETURN(const RowChunk* chunk, store.Chunk(number, index));
    const auto width = static_cast<size_t>(chunk->num_outputs);
    for (size_t row = 0; row < chunk->labels.size(); ++row) {
      if (std::isnan(chunk->labels[row])) continue;
      out.labels.push_back(chunk->labels[row]);
      const auto begin = chunk->outputs.begin() + static_cast<std::ptrdiff_t>(row * width);
      out.outputs.insert(out.outputs.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
    }
    store.Release(number, index);
  }
  return out;
}

// Returns true when the whole interval is worse than the test's value by more than the drop.
bool IsFallen(const metric::Interval& now, const Reference& reference, double drop) {
  if (!reference.test) return false;
  const double allowed = drop * std::abs(reference.test->value);
  if (reference.metric->greater_is_better) return now.high < reference.test->value - allowed;
  return now.low > reference.test->value + allowed;
}

}  // namespace

int64_t RequestHash(std::string_view request_id, int64_t row_index) {
  return std::bit_cast<int64_t>(Hash64(request_id, static_cast<uint64_t>(row_index)));
}

int64_t KeyHash(std::string_view row_key) {
  if (row_key.empty()) return 0;
  const auto hash = std::bit_cast<int64_t>(Hash64(row_key, 0x6b6579));
  return hash == 0 ? 1 : hash;
}

Status Monitor::JoinLabels(std::vector<journal::FeedbackRecord> feedback) {
  if (feedback.empty()) return {};
  MonitorState& state = store_.state();
  Wanted wanted = WantedOf(std::move(feedback));
  for (auto it = state.windows.rbegin(); it != state.windows.rend() && !wanted.empty(); ++it) {
    const int64_t number = it->first;
    WindowState& window = it->second;
    const auto reference = references_.Find(window.window.bundle);
    for (int64_t index = window.num_chunks - 1; index >= 0 && !wanted.empty(); --index) {
      MILLRACE_ASSIGN_OR_RETURN(RowChunk * chunk, store_.Chunk(number, index));
      for (size_t row = chunk->labels.size(); row-- > 0;) {
        const std::optional<size_t> found = TakeFor(wanted, *chunk, row);
        if (!found) continue;
        const auto label =
            reference ? reference->labels.FromText(wanted.feedback[*found].label) : std::nullopt;
        if (!label) {
          ++state.num_unknown_labels;
          continue;
        }
        if (std::isnan(chunk->labels[row])) {
          ++window.window.num_labelled;
          ++state.num_labels;
        }
        chunk->labels[row] = *label;
        window.labels_changed = true;
        store_.MarkChunk(number, index);
        store_.MarkWindow(number);
      }
      store_.Release(number, index);
    }
  }
  constexpr size_t kMaxPending = 10'000;
  for (size_t i = 0; i < wanted.feedback.size(); ++i) {
    if (wanted.joined[i]) continue;
    if (state.pending.size() < kMaxPending) {
      state.pending.push_back(std::move(wanted.feedback[i]));
    } else {
      ++state.num_unmatched;
    }
  }
  return {};
}

Status Monitor::MeasurePerformance(int64_t number, int64_t now_micros) {
  WindowState& state = store_.state().windows[number];
  state.labels_changed = false;
  store_.MarkWindow(number);
  const auto reference = references_.Find(state.window.bundle);
  if (!reference || reference->metric == nullptr) return {};
  MILLRACE_ASSIGN_OR_RETURN(const LabelledRows rows, LabelledRowsOf(store_, number));
  if (static_cast<int64_t>(rows.labels.size()) < kMinLabelledRows) return {};
  const bundle::Bundle& bundle = *reference->bundle;
  const metric::Scored scored{bundle.task(), static_cast<int64_t>(bundle.class_labels().size()),
                              rows.labels, rows.outputs, bundle.threshold()};
  const Rng rng = Rng(static_cast<uint64_t>(number)).Fork("window");
  const metric::Interval interval = metric::Bootstrap(*reference->metric, scored, rng);
  if (!std::isfinite(interval.value)) return {};
  state.window.performance = interval;
  state.window.performance_alarm = IsFallen(interval, *reference, plan_.performance_drop);
  if (!state.window.performance_alarm) return {};
  const auto show = [](double value) { return FormatSignificant(value, 3); };
  Raise({.id = Format("performance.window-{}", number),
         .kind = "performance",
         .text = Format("Performance fell in window {} ({}): {} {} [{}, {}] on {} labelled rows "
                        "against {} on the test rows",
                        number, state.window.route, reference->metric->name, show(interval.value),
                        show(interval.low), show(interval.high),
                        FormatCount(static_cast<int64_t>(rows.labels.size())),
                        show(reference->test->value)),
         .time_micros = now_micros});
  return {};
}

}  // namespace millrace::operate
