#include "operate/monitor_state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/format.h"

namespace millrace::operate {
namespace {

using json::Json;

constexpr const char* kStateKey = "operate";
constexpr int64_t kStateVersion = 1;

std::string WindowKey(int64_t window) { return Format("operate.window.{:08}", window); }
std::string SketchKey(int64_t window) { return Format("operate.sketch.{:08}", window); }
std::string RowsKey(int64_t window, int64_t chunk) {
  return Format("operate.rows.{:08}.{:06}", window, chunk);
}

// One array a row: request hash, key hash, time, label or null, outputs.
Json ToJson(const RowChunk& chunk) {
  Json rows = Json::MakeArray();
  for (size_t row = 0; row < chunk.labels.size(); ++row) {
    json::Array cells = {Json(chunk.request_hash[row]), Json(chunk.key_hash[row]),
                         Json(chunk.time_micros[row]),
                         std::isnan(chunk.labels[row]) ? Json() : Json(chunk.labels[row])};
    const size_t width = static_cast<size_t>(chunk.num_outputs);
    for (size_t i = 0; i < width; ++i) cells.emplace_back(chunk.outputs[row * width + i]);
    rows.Append(Json(std::move(cells)));
  }
  return Json::Of({{"outputs", chunk.num_outputs}, {"rows", std::move(rows)}});
}

Result<RowChunk> RowChunkFromJson(const Json& document) {
  RowChunk chunk;
  MILLRACE_ASSIGN_OR_RETURN(chunk.num_outputs, document.RequireInteger("operate rows", "outputs"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* rows, document.RequireArray("operate rows", "rows"));
  const auto width = static_cast<size_t>(std::max<int64_t>(0, chunk.num_outputs));
  for (const Json& cells : *rows) {
    if (cells.size() != 4 + width) return Corrupt("operate rows: a row of another width");
    chunk.request_hash.push_back(cells[size_t{0}].AsInteger());
    chunk.key_hash.push_back(cells[1].AsInteger());
    chunk.time_micros.push_back(cells[2].AsInteger());
    chunk.labels.push_back(cells[3].AsNumber(std::numeric_limits<double>::quiet_NaN()));
    for (size_t i = 0; i < width; ++i) chunk.outputs.push_back(cells[4 + i].AsNumber());
  }
  return chunk;
}

Json ToJson(const journal::FeedbackRecord& feedback) {
  return Json::Of({{"request_id", feedback.request_id},
                   {"row_index", feedback.row_index},
                   {"row_key", feedback.row_key},
                   {"time_micros", feedback.time_micros},
                   {"label", feedback.label}});
}

journal::FeedbackRecord FeedbackFromJson(const Json& document) {
  return {document["request_id"].AsString(), document["row_index"].AsInteger(),
          document["row_key"].AsString(), document["time_micros"].AsInteger(),
          document["label"].AsString()};
}

Json ToJson(const AlertState& state) {
  return Json::Of({{"alert", ToJson(state.alert)}, {"waiting", Json::ArrayOf(state.waiting)}});
}

Json ToJson(const TargetTest& test) {
  return Json::Of({{"target", test.target},
                   {"reached", test.reached},
                   {"evidence", test.evidence},
                   {"time_micros", test.time_micros}});
}

template <typename Item>
Json ToArray(const std::vector<Item>& items) {
  Json array = Json::MakeArray();
  for (const Item& item : items) array.Append(ToJson(item));
  return array;
}

// Counters by name, for both directions.
struct Counter {
  const char* name;
  int64_t MonitorState::*field;
};
constexpr Counter kCounters[] = {{"next_window", &MonitorState::next_window},
                                 {"num_predictions", &MonitorState::num_predictions},
                                 {"num_labels", &MonitorState::num_labels},
                                 {"num_unmatched", &MonitorState::num_unmatched},
                                 {"num_unknown_labels", &MonitorState::num_unknown_labels},
                                 {"num_unread_rows", &MonitorState::num_unread_rows},
                                 {"num_segments", &MonitorState::num_segments},
                                 {"num_torn", &MonitorState::num_torn},
                                 {"last_prediction_micros", &MonitorState::last_prediction_micros}};

Json MainDocument(const MonitorState& state) {
  Json document = Json::Of({{"version", kStateVersion}});
  for (const Counter& counter : kCounters) document.Set(counter.name, state.*counter.field);
  Json cursor = Json::MakeObject();
  for (const auto& [segment, offset] : state.cursor.offsets) cursor.AppendMember(segment, offset);
  document.Set("cursor", std::move(cursor));
  document.Set("open", Json::ArrayOf(state.Open()));
  document.Set("closed", Json::ArrayOf(state.closed));
  document.Set("pending", ToArray(state.pending));
  document.Set("alerts", ToArray(state.alerts));
  document.Set("targets", ToArray(state.targets));
  return document;
}

Status ReadMain(const Json& document, MonitorState& state) {
  if (document["version"].AsInteger() > kStateVersion) {
    return Unsupported("catalog: the state of monitoring was written by a newer program");
  }
  for (const Counter& counter : kCounters) {
    MILLRACE_ASSIGN_OR_RETURN(state.*counter.field,
                              document.RequireInteger("operate", counter.name));
  }
  for (const auto& [segment, offset] : document["cursor"].AsObject()) {
    state.cursor.offsets[segment] = offset.AsInteger();
  }
  for (const Json& number : document["closed"].AsArray())
    state.closed.push_back(number.AsInteger());
  for (const Json& item : document["pending"].AsArray()) {
    state.pending.push_back(FeedbackFromJson(item));
  }
  for (const Json& item : document["alerts"].AsArray()) {
    AlertState alert;
    MILLRACE_ASSIGN_OR_RETURN(alert.alert, AlertFromJson(item["alert"]));
    for (const Json& name : item["waiting"].AsArray()) alert.waiting.push_back(name.AsString());
    state.alerts.push_back(std::move(alert));
  }
  for (const Json& item : document["targets"].AsArray()) {
    state.targets.push_back({item["target"].AsString(), item["reached"].AsBool(),
                             item["evidence"].AsString(), item["time_micros"].AsInteger()});
  }
  return {};
}

}  // namespace

std::vector<int64_t> MonitorState::Open() const {
  std::vector<int64_t> open;
  for (const auto& [number, state] : windows) {
    if (state.window.closed_micros == 0) open.push_back(number);
  }
  return open;
}

Result<MonitorStore> MonitorStore::Load(store::Catalog& catalog) {
  MonitorStore out(catalog);
  MILLRACE_ASSIGN_OR_RETURN(const Json document, catalog.GetState(kStateKey));
  if (document.is_null()) return out;
  MILLRACE_RETURN_IF_ERROR(ReadMain(document, out.state_));
  std::vector<int64_t> numbers = out.state_.closed;
  for (const Json& number : document["open"].AsArray()) numbers.push_back(number.AsInteger());
  for (const int64_t number : numbers) {
    MILLRACE_ASSIGN_OR_RETURN(const Json stored, catalog.GetState(WindowKey(number)));
    WindowState window;
    MILLRACE_ASSIGN_OR_RETURN(window.window, WindowFromJson(stored["window"]));
    MILLRACE_ASSIGN_OR_RETURN(window.num_chunks, stored.RequireInteger("operate", "num_chunks"));
    window.labels_changed = stored["labels_changed"].AsBool();
    out.state_.windows[number] = std::move(window);
  }
  return out;
}

Result<RowChunk*> MonitorStore::Chunk(int64_t window, int64_t chunk) {
  const auto found = chunks_.find({window, chunk});
  if (found != chunks_.end()) return &found->second.rows;
  MILLRACE_ASSIGN_OR_RETURN(const Json document, catalog_->GetState(RowsKey(window, chunk)));
  CachedChunk cached;
  if (!document.is_null()) {
    MILLRACE_ASSIGN_OR_RETURN(cached.rows, RowChunkFromJson(document));
  }
  return &chunks_.insert_or_assign({window, chunk}, std::move(cached)).first->second.rows;
}

void MonitorStore::Release(int64_t window, int64_t chunk) {
  const auto found = chunks_.find({window, chunk});
  if (found != chunks_.end() && !found->second.changed) chunks_.erase(found);
}

Result<std::optional<sketch::ReferenceSketches>> MonitorStore::Sketches(int64_t window) const {
  using Maybe = std::optional<sketch::ReferenceSketches>;
  const auto changed = changed_sketches_.find(window);
  Json document;
  if (changed != changed_sketches_.end()) {
    document = changed->second;
  } else {
    MILLRACE_ASSIGN_OR_RETURN(document, catalog_->GetState(SketchKey(window)));
  }
  if (document.is_null()) return Maybe();
  MILLRACE_ASSIGN_OR_RETURN(sketch::ReferenceSketches sketches,
                            sketch::ReferenceSketchesFromJson(document));
  return Maybe(std::move(sketches));
}

void MonitorStore::PutSketches(int64_t window, const sketch::ReferenceSketches& sketches) {
  changed_sketches_[window] = sketch::ToJson(sketches);
}

void MonitorStore::DropRows(int64_t window) {
  WindowState& state = state_.windows[window];
  for (int64_t chunk = 0; chunk < state.num_chunks; ++chunk) {
    chunks_.erase({window, chunk});
    cleared_.push_back(RowsKey(window, chunk));
  }
  state.num_chunks = 0;
  MarkWindow(window);
}

void MonitorStore::DropWindow(int64_t window) {
  DropRows(window);
  changed_windows_.erase(window);
  changed_sketches_.erase(window);
  cleared_.push_back(SketchKey(window));
  cleared_.push_back(WindowKey(window));
  state_.windows.erase(window);
  std::erase(state_.closed, window);
}

Status MonitorStore::Commit() {
  MILLRACE_RETURN_IF_ERROR(catalog_->Transaction([&]() -> Status {
    for (const std::string& key : cleared_) MILLRACE_RETURN_IF_ERROR(catalog_->ClearState(key));
    for (const auto& [number, changed] : changed_windows_) {
      const WindowState& state = state_.windows[number];
      MILLRACE_RETURN_IF_ERROR(catalog_->PutState(
          WindowKey(number), Json::Of({{"window", ToJson(state.window)},
                                       {"num_chunks", state.num_chunks},
                                       {"labels_changed", state.labels_changed}})));
    }
    for (const auto& [number, document] : changed_sketches_) {
      MILLRACE_RETURN_IF_ERROR(catalog_->PutState(SketchKey(number), document));
    }
    for (const auto& [key, cached] : chunks_) {
      if (!cached.changed) continue;
      MILLRACE_RETURN_IF_ERROR(
          catalog_->PutState(RowsKey(key.first, key.second), ToJson(cached.rows)));
    }
    return catalog_->PutState(kStateKey, MainDocument(state_));
  }));
  chunks_.clear();
  changed_windows_.clear();
  changed_sketches_.clear();
  cleared_.clear();
  return {};
}

}  // namespace millrace::operate
