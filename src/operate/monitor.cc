#include "operate/monitor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "base/format.h"
#include "base/text.h"
#include "bundle/golden.h"
#include "json/text.h"
#include "operate/alerts.h"
#include "operate/label_join.h"
#include "sketch/drift.h"

namespace millrace::operate {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr size_t kRowsCountedTogether = 1024;
constexpr size_t kShownColumns = 3;

sketch::ReferenceSketches EmptyLike(const sketch::ReferenceSketches& reference) {
  sketch::ReferenceSketches empty;
  for (const auto& column : reference.columns) empty.columns.push_back(column.Empty());
  for (const auto& output : reference.predictions.outputs) {
    empty.predictions.outputs.push_back(output.Empty());
  }
  if (reference.predictions.decisions) {
    empty.predictions.decisions = reference.predictions.decisions->Empty();
  }
  return empty;
}

void CountRows(const table::Table& rows, sketch::ReferenceSketches& counts) {
  for (sketch::ColumnSketch& column : counts.columns) {
    const std::optional<int64_t> index = rows.schema().Find(column.name());
    if (index) column.AddColumn(rows.column(*index));
  }
}

ColumnDrift DriftOf(std::string name, const sketch::Drift& drift, double drift_psi) {
  return {.column = std::move(name),
          .psi = drift.psi,
          .jensen_shannon = drift.jensen_shannon,
          .kolmogorov_smirnov = drift.kolmogorov_smirnov,
          .p_value = drift.p_value,
          .significant = drift.significant,
          .alarm = drift.significant && drift.psi >= drift_psi};
}

// Two cells: present and missing.
sketch::ColumnSketch PresenceOf(const sketch::ColumnSketch& sketch) {
  table::Column presence(table::ColumnType::kCategory);
  presence.AppendText("present");
  sketch::ColumnSketch counts =
      sketch::ColumnSketch::FromReference(sketch.name(), presence).Empty();
  for (int64_t row = 0; row < sketch.num_missing(); ++row) counts.AddMissing();
  for (int64_t row = sketch.num_missing(); row < sketch.num_rows(); ++row) {
    counts.AddText("present");
  }
  return counts;
}

// "Drift in window 12 (champion, 1,000 rows): tenure psi 0.31, ...".
std::string DriftText(const Window& window) {
  std::vector<const ColumnDrift*> alarms;
  for (const ColumnDrift& drift : window.drift) {
    if (drift.alarm) alarms.push_back(&drift);
  }
  std::ranges::stable_sort(alarms, [](const auto* a, const auto* b) { return a->psi > b->psi; });
  std::vector<std::string> parts;
  for (size_t i = 0; i < std::min(kShownColumns, alarms.size()); ++i) {
    parts.push_back(Format("{} psi {} (p {})", alarms[i]->column,
                           FormatSignificant(alarms[i]->psi, 2),
                           FormatSignificant(alarms[i]->p_value, 1)));
  }
  if (alarms.size() > kShownColumns) {
    parts.push_back(Format("{} more", alarms.size() - kShownColumns));
  }
  return Format("Drift in window {} ({}, {} rows): {}", window.number, window.route,
                FormatCount(window.num_rows), Join(parts, ", "));
}

}  // namespace

std::string OutputName(const sketch::ReferenceSketches& reference, size_t output) {
  if (!reference.predictions.decisions) return "prediction";
  return "prediction " + reference.predictions.outputs[output].name();
}

std::vector<ColumnDrift> MeasureDrift(const sketch::ReferenceSketches& reference,
                                      const sketch::ReferenceSketches& now, double drift_psi,
                                      const std::set<std::string>& dates) {
  const sketch::PredictionSketch& before = reference.predictions;
  const auto num_tests = static_cast<int64_t>(reference.columns.size() + before.outputs.size() +
                                              (before.decisions ? 1 : 0));
  std::vector<ColumnDrift> drift;
  const auto compare = [&](std::string name, const sketch::ColumnSketch& left,
                           const sketch::ColumnSketch& right) {
    drift.push_back(
        DriftOf(std::move(name), sketch::CompareSketches(left, right, num_tests), drift_psi));
  };
  for (size_t i = 0; i < reference.columns.size(); ++i) {
    const sketch::ColumnSketch& column = reference.columns[i];
    if (dates.count(column.name()) != 0) {
      compare(column.name(), PresenceOf(column), PresenceOf(now.columns[i]));
    } else {
      compare(column.name(), column, now.columns[i]);
    }
  }
  for (size_t i = 0; i < before.outputs.size(); ++i) {
    compare(OutputName(reference, i), before.outputs[i], now.predictions.outputs[i]);
  }
  if (before.decisions && now.predictions.decisions) {
    compare("decision", *before.decisions, *now.predictions.decisions);
  }
  return drift;
}

Monitor::Monitor(MonitorStore& store, ReferenceFinder& references, const spec::MonitorPlan& plan)
    : store_(store), references_(references), plan_(plan) {
  for (const int64_t number : store.state().Open()) {
    const Window& window = store.state().windows[number].window;
    open_[{window.route, window.bundle}] = number;
  }
}

Status Monitor::Take(const journal::NewRecords& records, int64_t now_micros) {
  MonitorState& state = store_.state();
  std::vector<journal::FeedbackRecord> feedback = std::move(state.pending);
  state.pending.clear();
  for (const journal::Record& record : records.records) {
    if (const auto* prediction = std::get_if<journal::PredictionRecord>(&record)) {
      MILLRACE_RETURN_IF_ERROR(AddPrediction(*prediction, now_micros));
    } else {
      feedback.push_back(std::get<journal::FeedbackRecord>(record));
    }
  }
  MILLRACE_RETURN_IF_ERROR(CountAll());
  MILLRACE_RETURN_IF_ERROR(JoinLabels(std::move(feedback)));
  Forget();
  state.cursor = records.next;
  state.num_segments = records.num_segments;
  state.num_torn = records.num_torn;
  return {};
}

Status Monitor::Settle(int64_t now_micros) {
  MonitorState& state = store_.state();
  const auto age = static_cast<int64_t>(plan_.window_seconds * 1e6);
  for (const int64_t number : state.Open()) {
    if (now_micros - state.windows[number].window.first_micros >= age) {
      MILLRACE_RETURN_IF_ERROR(Close(number, now_micros));
    }
  }
  // A label may be read before its prediction where two servers write side by side.
  const auto num_pending = static_cast<int64_t>(state.pending.size());
  std::erase_if(state.pending, [&](const journal::FeedbackRecord& record) {
    return now_micros - record.time_micros > 60 * kSecond;
  });
  state.num_unmatched += num_pending - static_cast<int64_t>(state.pending.size());
  for (const int64_t number : std::vector<int64_t>(state.closed)) {
    if (!state.windows[number].labels_changed) continue;
    MILLRACE_RETURN_IF_ERROR(MeasurePerformance(number, now_micros));
  }
  return {};
}

void Monitor::Raise(Alert alert) {
  std::vector<AlertState>& alerts = store_.state().alerts;
  const auto same = [&](const AlertState& known) { return known.alert.id == alert.id; };
  if (std::ranges::any_of(alerts, same)) return;
  alerts.push_back({std::move(alert), TargetNames(plan_)});
  if (static_cast<int64_t>(alerts.size()) > kMaxAlerts) alerts.erase(alerts.begin());
}

Status Monitor::AddPrediction(const journal::PredictionRecord& record, int64_t now_micros) {
  MonitorState& state = store_.state();
  ++state.num_predictions;
  state.last_prediction_micros = std::max(state.last_prediction_micros, record.time_micros);
  MILLRACE_ASSIGN_OR_RETURN(const int64_t number, WindowFor(record, now_micros));
  MILLRACE_RETURN_IF_ERROR(AddRow(number, record));
  Window& window = state.windows[number].window;
  window.first_micros = std::min(window.first_micros, record.time_micros);
  window.last_micros = std::max(window.last_micros, record.time_micros);
  ++window.num_rows;
  store_.MarkWindow(number);
  if (window.num_rows >= plan_.window_rows) return Close(number, now_micros);
  return {};
}

Result<int64_t> Monitor::WindowFor(const journal::PredictionRecord& record, int64_t now_micros) {
  MonitorState& state = store_.state();
  const auto age = static_cast<int64_t>(plan_.window_seconds * 1e6);
  const auto open = open_.find({record.route, record.bundle});
  if (open != open_.end()) {
    const int64_t number = open->second;
    if (record.time_micros - state.windows[number].window.first_micros < age) return number;
    MILLRACE_RETURN_IF_ERROR(Close(number, now_micros));
  }
  const int64_t number = state.next_window++;
  open_[{record.route, record.bundle}] = number;
  WindowState opened;
  opened.window.number = number;
  opened.window.route = record.route;
  opened.window.bundle = record.bundle;
  opened.window.first_micros = record.time_micros;
  opened.window.last_micros = record.time_micros;
  state.windows[number] = std::move(opened);
  store_.MarkWindow(number);
  return number;
}

Status Monitor::AddRow(int64_t number, const journal::PredictionRecord& record) {
  MILLRACE_ASSIGN_OR_RETURN(Filling * filling, FillingOf(number));
  WindowState& state = store_.state().windows[number];
  const int64_t index = state.window.num_rows / kChunkRows;
  MILLRACE_ASSIGN_OR_RETURN(RowChunk * chunk, store_.Chunk(number, index));
  if (chunk->num_rows() == 0) chunk->num_outputs = static_cast<int64_t>(record.outputs.size());
  std::vector<double> outputs = record.outputs;
  outputs.resize(static_cast<size_t>(chunk->num_outputs), 0.0);
  chunk->request_hash.push_back(RequestHash(record.request_id, record.row_index));
  chunk->key_hash.push_back(KeyHash(record.row_key));
  chunk->time_micros.push_back(record.time_micros);
  chunk->labels.push_back(std::numeric_limits<double>::quiet_NaN());
  chunk->outputs.insert(chunk->outputs.end(), outputs.begin(), outputs.end());
  store_.MarkChunk(number, index);
  state.num_chunks = index + 1;
  if (!filling->counts) return {};
  Result<json::Json> row = json::Parse(record.row_json, "row");
  filling->rows.push_back(row.ok() ? std::move(row).value() : json::Json());
  filling->outputs.insert(filling->outputs.end(), outputs.begin(), outputs.end());
  filling->decisions.push_back(record.decision);
  if (filling->rows.size() >= kRowsCountedTogether) return CountWaiting(*filling);
  return {};
}

Result<Monitor::Filling*> Monitor::FillingOf(int64_t number) {
  const auto found = filling_.find(number);
  if (found != filling_.end()) return &found->second;
  Filling filling;
  filling.reference = references_.Find(store_.state().windows[number].window.bundle);
  if (filling.reference && filling.reference->sketches) {
    MILLRACE_ASSIGN_OR_RETURN(filling.counts, store_.Sketches(number));
    if (!filling.counts) filling.counts = EmptyLike(*filling.reference->sketches);
  }
  return &filling_.insert_or_assign(number, std::move(filling)).first->second;
}

Status Monitor::CountWaiting(Filling& filling) {
  if (filling.rows.empty()) return {};
  const auto& schema = filling.reference->bundle->scorer().shared_schema();
  const json::Json rows(filling.rows);
  Result<table::Table> table = bundle::RowsFromJson(schema, rows);
  if (table.ok()) {
    CountRows(*table, *filling.counts);
  } else {
    for (const json::Json& row : filling.rows) {
      const auto one = bundle::RowsFromJson(schema, json::Json(json::Array{row}));
      if (one.ok()) {
        CountRows(*one, *filling.counts);
      } else {
        ++store_.state().num_unread_rows;
      }
    }
  }
  sketch::PredictionSketch& predictions = filling.counts->predictions;
  const size_t width = filling.outputs.size() / filling.rows.size();
  for (size_t i = 0; i < filling.outputs.size(); ++i) {
    const size_t output = i % width;
    if (output < predictions.outputs.size()) {
      predictions.outputs[output].AddNumber(filling.outputs[i]);
    }
  }
  if (predictions.decisions) {
    const std::vector<std::string>& labels = filling.reference->bundle->class_labels();
    for (const int32_t decision : filling.decisions) {
      if (decision >= 0 && static_cast<size_t>(decision) < labels.size()) {
        predictions.decisions->AddText(labels[static_cast<size_t>(decision)]);
      } else {
        predictions.decisions->AddMissing();
      }
    }
  }
  filling.rows.clear();
  filling.outputs.clear();
  filling.decisions.clear();
  return {};
}

Status Monitor::CountAll() {
  for (auto& [number, filling] : filling_) {
    MILLRACE_RETURN_IF_ERROR(CountWaiting(filling));
    if (filling.counts) store_.PutSketches(number, *filling.counts);
  }
  filling_.clear();
  return {};
}

Status Monitor::Close(int64_t number, int64_t now_micros) {
  MonitorState& state = store_.state();
  MILLRACE_ASSIGN_OR_RETURN(Filling * filling, FillingOf(number));
  MILLRACE_RETURN_IF_ERROR(CountWaiting(*filling));
  Window& window = state.windows[number].window;
  window.closed_micros = now_micros;
  if (filling->counts) {
    window.drift = MeasureDrift(*filling->reference->sketches, *filling->counts, plan_.drift_psi,
                                filling->reference->dates);
    store_.PutSketches(number, *filling->counts);
  }
  filling_.erase(number);
  open_.erase({window.route, window.bundle});
  state.closed.push_back(number);
  store_.MarkWindow(number);
  if (std::ranges::any_of(window.drift, &ColumnDrift::alarm)) {
    Raise({.id = Format("drift.window-{}", number),
           .kind = "drift",
           .text = DriftText(window),
           .time_micros = now_micros});
  }
  return {};
}

void Monitor::Forget() {
  MonitorState& state = store_.state();
  while (static_cast<int64_t>(state.closed.size()) > kMaxWindows) {
    store_.DropWindow(state.closed.front());
  }
  int64_t kept = 0;
  for (auto it = state.closed.rbegin(); it != state.closed.rend(); ++it) {
    const WindowState& window = state.windows[*it];
    if (window.num_chunks == 0) continue;
    kept += window.window.num_rows;
    if (kept > kMaxKeptRows && it != state.closed.rbegin()) store_.DropRows(*it);
  }
}

}  // namespace millrace::operate
