// MonitorState: what phase 6 remembers between passes, and how it lies in the catalog
// (docs/formats/catalog.md, states):
//
//     operate                     cursor, counters, alerts, numbers of open and closed windows
//     operate.window.<n>          one window
//     operate.sketch.<n>          its counts per column
//     operate.rows.<n>.<chunk>    its rows: join keys, outputs, labels; at most kChunkRows each
//
// Numbers in keys have 8 digits. Everything that one step changed is committed together.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "journal/cursor.h"
#include "operate/operate_phase.h"
#include "sketch/column_sketch.h"
#include "store/catalog.h"

namespace millrace::operate {

inline constexpr int64_t kChunkRows = 1024;

/// Rows of a window, as late labels need them; columns of equal length.
struct RowChunk {
  int64_t num_outputs = 0;
  std::vector<int64_t> request_hash;  // of request id and row index
  std::vector<int64_t> key_hash;      // of the row key; 0: none
  std::vector<int64_t> time_micros;
  std::vector<double> labels;   // class index or number; NaN: not known yet
  std::vector<double> outputs;  // [rows, num_outputs]

  int64_t num_rows() const { return static_cast<int64_t>(labels.size()); }
};

struct WindowState {
  Window window;
  int64_t num_chunks = 0;       // 0 in a closed window: labels come too late
  bool labels_changed = false;  // since the performance was measured
};

/// An alert with the targets that have not taken it yet.
struct AlertState {
  Alert alert;
  std::vector<std::string> waiting;  // names of targets (alerts.h)
};

/// What the last test of a target showed.
struct TargetTest {
  std::string target;
  bool reached = false;
  std::string evidence;
  int64_t time_micros = 0;
};

struct MonitorState {
  journal::Cursor cursor;
  int64_t next_window = 1;
  int64_t num_predictions = 0;
  int64_t num_labels = 0;
  int64_t num_unmatched = 0;
  int64_t num_unknown_labels = 0;  // feedback whose label is no class and no number
  int64_t num_unread_rows = 0;     // predictions whose row does not fit the schema of the bundle
  int64_t num_segments = 0;
  int64_t num_torn = 0;
  int64_t last_prediction_micros = 0;
  std::map<int64_t, WindowState> windows;        // by number, open and closed
  std::vector<int64_t> closed;                   // numbers, in the order of closing
  std::vector<journal::FeedbackRecord> pending;  // labels whose prediction was not read yet
  std::vector<AlertState> alerts;
  std::vector<TargetTest> targets;

  /// Returns the numbers of open windows.
  std::vector<int64_t> Open() const;
};

/// The state and its larger parts, read when needed and kept until Commit.
class MonitorStore {
 public:
  /// Reads the state; an empty one when there is none. `catalog` is borrowed. kCorrupt.
  static Result<MonitorStore> Load(store::Catalog& catalog);

  MonitorState& state() { return state_; }
  const MonitorState& state() const { return state_; }

  /// Returns a chunk of rows, an empty one when there is none. Valid until the next call of Commit
  /// or Release.
  Result<RowChunk*> Chunk(int64_t window, int64_t chunk);
  void MarkChunk(int64_t window, int64_t chunk) { chunks_[{window, chunk}].changed = true; }
  /// Forgets a chunk that was not changed: bounds memory.
  void Release(int64_t window, int64_t chunk);
  /// Returns the counts of a window, or nothing.
  Result<std::optional<sketch::ReferenceSketches>> Sketches(int64_t window) const;
  void PutSketches(int64_t window, const sketch::ReferenceSketches& sketches);
  /// Marks a window for writing.
  void MarkWindow(int64_t window) { changed_windows_[window] = true; }
  /// Forgets the rows of a window.
  void DropRows(int64_t window);
  /// Forgets a window with all that belongs to it.
  void DropWindow(int64_t window);

  /// Writes everything that changed in one transaction. After a failure the state in the catalog is
  /// the old one as a whole.
  Status Commit();

 private:
  struct CachedChunk {
    RowChunk rows;
    bool changed = false;
  };

  explicit MonitorStore(store::Catalog& catalog) : catalog_(&catalog) {}

  store::Catalog* catalog_;
  MonitorState state_;
  std::map<std::pair<int64_t, int64_t>, CachedChunk> chunks_;
  std::map<int64_t, bool> changed_windows_;
  std::map<int64_t, json::Json> changed_sketches_;
  std::vector<std::string> cleared_;
};

json::Json ToJson(const Window& window);
Result<Window> WindowFromJson(const json::Json& document);
json::Json ToJson(const Alert& alert);
Result<Alert> AlertFromJson(const json::Json& document);

}  // namespace millrace::operate
