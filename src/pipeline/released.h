// Released rows: rows that a check set aside and a person put back. One file in the project,
// replaced as a whole; a run reads it once and records it among its inputs, so that a replay keeps
// the same rows.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/quarantine.h"
#include "store/project.h"

namespace millrace::pipeline {

struct ReleasedRow {
  std::string row;   // data::QuarantinedRow::row
  std::string file;  // where it stood when it was released
  int64_t line = 0;
  std::string column;
  std::string value;
  std::string rule;     // that it breaks
  int64_t release = 0;  // number of the release, from 1: what one command put back

  friend bool operator==(const ReleasedRow&, const ReleasedRow&) = default;
};

struct ReleasedRows {
  std::vector<ReleasedRow> rows;  // in the order of releases; each `row` once

  /// Returns the number of the newest release; 0: none.
  int64_t newest() const;
  friend bool operator==(const ReleasedRows&, const ReleasedRows&) = default;
};

/// Returns what the project holds; nothing released when there is no file. kCorrupt naming it.
Result<ReleasedRows> ReadReleased(const store::Project& project);
/// Replaces the file; a crash leaves the old one or the new one. The caller holds the project lock.
/// kIoError.
Status WriteReleased(const store::Project& project, const ReleasedRows& released);
/// Which rows a person means. One of the three, or several.
struct RowChoice {
  std::vector<std::string> rows;  // "31", "data.csv:31", or a name or its first 6 digits or more
  std::string rule;               // with or without "check: "; empty: any
  bool all = false;

  bool empty() const { return rows.empty() && rule.empty() && !all; }
};

/// What a release or its undoing changes.
struct ReleaseChange {
  ReleasedRows after;
  std::vector<ReleasedRow> rows;  // put back, or taken back
  int64_t num_already = 0;        // chosen rows that were put back before
  int64_t num_fixed = 0;  // chosen by rule or all, and of no use to a model: no target, torn
};

/// Puts rows of the quarantine back, as one release. Equal rows share a name and go together.
/// kNotFound for a row or rule that is not there; kInvalidData for a row that no model can learn
/// from, or when nothing is left to put back; kInvalidSpec for a choice that is empty, or a row
/// that is meant ambiguously.
Result<ReleaseChange> Release(const std::vector<data::QuarantinedRow>& quarantined,
                              const RowChoice& choice, const ReleasedRows& before);
/// Takes rows back; an empty choice means the newest release. kNotFound when there is none of it.
Result<ReleaseChange> Undo(const RowChoice& choice, const ReleasedRows& before);

/// Returns the names of the rows, ascending.
std::vector<std::string> RowsOf(const ReleasedRows& released);

}  // namespace millrace::pipeline
