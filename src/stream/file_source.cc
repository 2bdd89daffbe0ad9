#include "stream/file_source.h"

#include <algorithm>
#include <set>

#include "base/file_range.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/source_files.h"
#include "spec/locator.h"
#include "stream/prefix_proof.h"
#include "stream/records.h"
#include "stream/row_builder.h"

namespace millrace::stream {
namespace {

using engine::SourceForm;
using json::Json;

constexpr size_t kShownBytes = 1000;
constexpr std::string_view kWholeView = "__stream_whole";
constexpr std::string_view kTooLong = "line size over maximum";

// Packed files and one document of JSON cannot be read bit by bit.
std::optional<SourceForm> FormOf(const std::string& name) {
  const std::string lower = ToLower(name);
  for (const std::string_view ending : {".gz", ".zst", ".json"}) {
    if (lower.ends_with(ending)) return std::nullopt;
  }
  const Result<SourceForm> form = engine::FormByName(name);
  return form.ok() ? std::optional<SourceForm>(*form) : std::nullopt;
}

Status CheckName(const std::string& named) {
  if (!spec::NamesFiles(named)) {
    return Unsupported(Format("{}: cannot be followed", named))
        .WithHint("data.append_only knows files, patterns and folders of this machine");
  }
  if (FolderName(named).find_first_of("*?") != std::string::npos) {
    return Unsupported(Format("{}: a pattern of folders cannot be followed", named))
        .WithHint("name the folders one by one: data.source takes a list");
  }
  return {};
}

Status WayOut(Status status) {
  return std::move(status).WithHint(
      "put the file back as it was, or read all anew: millrace data follow --reingest "
      "--until-idle");
}

// What a token says.
struct Token {
  PrefixProof proof;
  char delimiter = ',';
  std::vector<std::string> columns;
  bool skipping = false;  // within a line that was too long: up to its end nothing is read
};

Json ToJson(const Token& token, SourceForm form) {
  Json document = Json::Of({{"proof", ToJson(token.proof)}});
  if (form == SourceForm::kDelimited) {
    document.Set("delimiter", std::string(1, token.delimiter));
    document.Set("columns", Json::ArrayOf(token.columns));
  }
  if (token.skipping) document.Set("skipping", true);
  return document;
}

Result<Token> ReadToken(const Position& from) {
  Token token;
  if (from.token.is_null()) return token;
  const std::string where = "stream position of " + from.part;
  MILLRACE_ASSIGN_OR_RETURN(token.proof, PrefixProofFromJson(from.token["proof"], where));
  if (token.proof.size_bytes != from.offset) {
    return Corrupt(Format("{}: offset {} of {} bytes", where, from.offset, token.proof.size_bytes));
  }
  const std::string& delimiter = from.token["delimiter"].AsString();
  if (!delimiter.empty()) token.delimiter = delimiter.front();
  for (const Json& name : from.token["columns"].AsArray()) token.columns.push_back(name.AsString());
  token.skipping = from.token["skipping"].AsBool();
  return token;
}

// True once the writer is done: the format ends with its length and a mark.
Result<bool> IsWholeParquet(const std::string& path, int64_t size) {
  constexpr std::string_view kMark = "PAR1";
  if (size < 12) return false;
  MILLRACE_ASSIGN_OR_RETURN(const std::string head, ReadFileRange(path, 0, 4));
  MILLRACE_ASSIGN_OR_RETURN(const std::string tail, ReadFileRange(path, size - 4, 4));
  if (head != kMark) {
    return InvalidData(Format("{}: is no Parquet file", path));
  }
  return tail == kMark;
}

// The proof of a file as it is now, read in pieces.
Result<PrefixProof> ProofOf(const std::string& path, int64_t size) {
  constexpr int64_t kPieceBytes = int64_t{16} << 20;
  PrefixProof proof;
  while (proof.size_bytes < size) {
    const int64_t begin = proof.tail_offset();
    const int64_t end = std::min(size, proof.size_bytes + kPieceBytes);
    MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, ReadFileRange(path, begin, end - begin));
    if (static_cast<int64_t>(bytes.size()) != end - begin) {
      return InvalidData(Format("{}: was cut while it was read", path));
    }
    MILLRACE_ASSIGN_OR_RETURN(proof, Extend(proof, bytes));
  }
  return proof;
}

// Takes records out of bytes that begin at a position.
class Taker {
 public:
  Taker(SourceForm form, Token& token, Position& next)
      : form_(form),
        delimited_(token.delimiter, token.columns.size()),
        token_(token),
        next_(next),
        file_(BaseName(next.part)),
        rows_(token.columns) {}

  // Returns the number of bytes taken.
  size_t Take(std::string_view bytes, int64_t max_rows) {
    size_t taken = 0;
    while (num_records_ < max_rows && taken < bytes.size()) {
      const std::string_view rest = bytes.substr(taken);
      if (token_.skipping) {
        taken += PassLine(rest);
        continue;
      }
      const auto record =
          form_ == SourceForm::kDelimited ? delimited_.Next(rest) : lines_.Next(rest);
      if (!record) break;
      AddRecord(*record, rest);
      taken += record->size_bytes;
    }
    return taken;
  }

  std::vector<engine::RejectedRow> TakeRejected() { return std::move(rejected_); }
  std::vector<int64_t> TakeLines() { return std::move(lines_of_rows_); }
  Result<table::Table> FinishRows() { return rows_.Finish(); }
  int64_t num_records() const { return num_records_; }

 private:
  size_t PassLine(std::string_view rest) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return rest.size();
    token_.skipping = false;
    ++next_.lines;
    return end + 1;
  }

  void AddRecord(const Record& record, std::string_view bytes) {
    std::string_view problem = record.problem;
    if (problem.empty() && !record.blank) {
      if (form_ == SourceForm::kDelimited) {
        rows_.AddCells(record);
      } else {
        problem = rows_.AddNamed(record);
      }
      if (problem.empty()) lines_of_rows_.push_back(next_.lines + 1);
    }
    if (!problem.empty()) {
      engine::RejectedRow row;
      row.file = file_;
      row.line = next_.lines + 1;
      row.rule = problem;
      row.text = Trim(bytes.substr(0, std::min(record.size_bytes, kShownBytes)));
      rejected_.push_back(std::move(row));
    }
    if (problem == kTooLong) token_.skipping = true;
    if (!record.blank) ++num_records_;
    next_.lines += record.num_lines;
  }

  SourceForm form_;
  DelimitedCutter delimited_;
  JsonLineCutter lines_;
  Token& token_;
  Position& next_;
  std::string file_;
  RowBuilder rows_;
  std::vector<int64_t> lines_of_rows_;
  std::vector<engine::RejectedRow> rejected_;
  int64_t num_records_ = 0;
};

Status AddFile(const std::string& name, const std::string& path, std::set<std::string>& seen,
               std::vector<Part>& parts) {
  if (!seen.insert(path).second) return {};
  Part part{.name = name, .file = {.path = path}};
  const auto size = FileSize(path);
  // Gone since the folder was listed: it shows as missing, if its rows were ever read.
  if (!size.ok()) return size.status().code() == Code::kNotFound ? Status() : size.status();
  MILLRACE_ASSIGN_OR_RETURN(part.file.modified_micros, FileModifiedMicros(path));
  part.file.size_bytes = *size;
  part.end = *size;
  parts.push_back(std::move(part));
  return {};
}

}  // namespace

std::string FileSource::PathOf(const std::string& part) const {
  return part.starts_with("/") ? part : JoinPath(options_.folder, part);
}

Result<std::vector<Part>> FileSource::Parts() {
  std::vector<Part> parts;
  std::set<std::string> seen;
  for (const std::string& named : options_.paths) {
    const std::string full = PathOf(named);
    const bool is_folder = IsFolder(full);
    MILLRACE_RETURN_IF_ERROR(CheckName(named));
    const std::string pattern = is_folder ? "*" : BaseName(named);
    if (!is_folder && pattern.find_first_of("*?") == std::string::npos) {
      if (!FormOf(pattern)) {
        return Unsupported(Format("{}: this kind of file cannot be read bit by bit", named))
            .WithHint("data.append_only knows .csv .tsv .txt .psv .data .jsonl .ndjson .parquet");
      }
      if (FileExists(full)) MILLRACE_RETURN_IF_ERROR(AddFile(named, full, seen, parts));
      continue;
    }
    const std::string folder = is_folder ? full : FolderName(full);
    const std::string prefix = is_folder ? named : FolderName(named);
    if (!IsFolder(folder)) continue;
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(folder));
    for (const std::string& name : names) {
      const bool fits = engine::MatchesPattern(pattern, name) && !engine::IsHidden(name);
      if (!fits || !FormOf(name)) continue;
      const std::string path = JoinPath(folder, name);
      if (IsFolder(path)) continue;
      const std::string shown = prefix == "." ? name : JoinPath(prefix, name);
      MILLRACE_RETURN_IF_ERROR(AddFile(shown, path, seen, parts));
    }
  }
  return parts;
}

Result<Batch> FileSource::Poll(const Position& from, const PollLimit& limit) {
  const SourceForm form = FormOf(from.part).value_or(SourceForm::kDelimited);
  const std::string path = PathOf(from.part);
  if (form == SourceForm::kParquet) return PollWhole(from, path);
  MILLRACE_ASSIGN_OR_RETURN(Token token, ReadToken(from));
  if (options_.delimiter && !token.columns.empty() && *options_.delimiter != token.delimiter) {
    return WayOut(InvalidSpec(Format("data.delimiter: {} was read with another one", from.part)));
  }
  if (!FileExists(path)) {
    return WayOut(InvalidData(
        Format("{}: is gone, {} rows of it were read", from.part, FormatCount(from.records))));
  }
  if (const Status ends = CheckEnds(token.proof, path); !ends.ok()) return WayOut(ends);
  const int64_t begin = token.proof.tail_offset();
  const int64_t window = std::max(limit.max_bytes, kMaxRecordBytes);
  MILLRACE_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFileRange(path, begin, from.offset - begin + window));
  const auto known = static_cast<size_t>(from.offset - begin);
  const bool cut = static_cast<int64_t>(bytes.size()) == from.offset - begin + window;
  Position next = from;
  size_t taken = known;
  if (form == SourceForm::kDelimited && token.columns.empty() && bytes.size() > known) {
    MILLRACE_ASSIGN_OR_RETURN(const std::optional<Header> header,
                              ReadHeader(bytes, options_.delimiter, path));
    if (header) {
      token.delimiter = header->delimiter;
      token.columns = header->columns;
      taken = header->size_bytes;
      next.lines = header->num_lines;
    } else if (cut) {
      return InvalidData(Format("{}:1: no header line within {} bytes", path, bytes.size()));
    }
  }
  const bool can_take = form == SourceForm::kJson || !token.columns.empty();
  Taker taker(form, token, next);
  if (can_take) taken += taker.Take(std::string_view(bytes).substr(taken), limit.max_rows);
  MILLRACE_ASSIGN_OR_RETURN(table::Table rows, taker.FinishRows());
  Batch batch{.rows = std::move(rows),
              .lines = taker.TakeLines(),
              .fixed_columns = form == SourceForm::kDelimited,
              .rejected = taker.TakeRejected(),
              .next = std::move(next),
              .full = cut || taker.num_records() >= limit.max_rows};
  if (taken == known) return batch;
  batch.next.offset = begin + static_cast<int64_t>(taken);
  batch.next.records += taker.num_records();
  const auto proof = Extend(token.proof, std::string_view(bytes).substr(0, taken));
  // The ends were checked a moment ago: the writer changes what it wrote.
  if (!proof.ok()) return WayOut(InvalidData(Format("{}: {}", path, proof.status().message())));
  token.proof = *proof;
  batch.next.token = ToJson(token, form);
  return batch;
}

Result<Batch> FileSource::PollWhole(const Position& from, const std::string& path) const {
  MILLRACE_ASSIGN_OR_RETURN(Token token, ReadToken(from));
  MILLRACE_ASSIGN_OR_RETURN(table::Table none, MakeTextTable({}, {}));
  Batch batch{.rows = std::move(none), .next = from};
  if (!FileExists(path)) {
    return WayOut(InvalidData(
        Format("{}: is gone, {} rows of it were read", from.part, FormatCount(from.records))));
  }
  if (const Status ends = CheckEnds(token.proof, path); !ends.ok()) return WayOut(ends);
  MILLRACE_ASSIGN_OR_RETURN(const int64_t size, FileSize(path));
  if (from.offset > 0) {
    if (size == from.offset) return batch;
    return WayOut(InvalidData(Format("{}: what was read before has changed: it is longer", path)));
  }
  MILLRACE_ASSIGN_OR_RETURN(const bool is_whole, IsWholeParquet(path, size));
  if (!is_whole) return batch;
  if (options_.engine == nullptr) {
    return Internal(Format("{}: there is no engine to open it with", path));
  }
  MILLRACE_ASSIGN_OR_RETURN(token.proof, ProofOf(path, size));
  MILLRACE_ASSIGN_OR_RETURN(
      batch.whole, engine::OpenSource(*options_.engine, options_.folder, {path}, {}, kWholeView));
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table count,
      engine::Query(*options_.engine, Format("SELECT count(*) FROM {}", kWholeView)));
  batch.next.offset = size;
  batch.next.records = static_cast<int64_t>(count.column(0).number(0));
  batch.next.token = ToJson(token, SourceForm::kParquet);
  return batch;
}

Status FileSource::Verify(const Position& position) {
  MILLRACE_ASSIGN_OR_RETURN(const Token token, ReadToken(position));
  const Status all = CheckAll(token.proof, PathOf(position.part));
  return all.ok() ? all : WayOut(all);
}

}  // namespace millrace::stream
