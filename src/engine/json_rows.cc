#include "engine/json_rows.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/delimited_text.h"
#include "engine/record_reader.h"
#include "engine/row_file.h"
#include "json/flat_object.h"

namespace millrace::engine {
namespace {

constexpr size_t kMaxRecordBytes = size_t{16} << 20;
constexpr size_t kMaxColumns = 10'000;
constexpr size_t kFrontBytes = size_t{1} << 16;

/// Cuts a text into its records, without reading their content.
class RecordCutter {
 public:
  RecordCutter(std::string name, std::unique_ptr<TextReader> text)
      : name_(std::move(name)), source_(std::move(text)) {}

  // Reads the next object; false at the end. `line` is that of its first sign. Of lines of arrays
  // the first holds the names, and each later one is written as the object that it stands for.
  Result<bool> Next(std::string& record, int64_t& line) {
    char c = 0;
    MILLRACE_ASSIGN_OR_RETURN(bool more, SkipSpace(c));
    if (!names_.empty()) return NextArray(more, c, record, line);
    if (more && c == '[' && !in_array_ && num_records_ == 0) {
      ++at_;
      line = line_;
      MILLRACE_ASSIGN_OR_RETURN(more, SkipSpace(c));
      if (more && c == '"') {
        MILLRACE_RETURN_IF_ERROR(TakeNames(record, line));
        MILLRACE_ASSIGN_OR_RETURN(more, SkipSpace(c));
        return NextArray(more, c, record, line);
      }
      in_array_ = true;
    } else if (more && in_array_ && num_records_ > 0 && c == ',') {
      ++at_;
      MILLRACE_ASSIGN_OR_RETURN(more, SkipSpace(c));
      if (more && c != '{') return Unexpected(c);
    }
    if (more && in_array_ && c == ']') {
      ++at_;
      MILLRACE_ASSIGN_OR_RETURN(more, SkipSpace(c));
      if (more) return Unexpected(c);
      return false;
    }
    if (!more) {
      if (in_array_) return InvalidData(Format("{}:{}: the array is never closed", name_, line_));
      return false;
    }
    if (c != '{') return Unexpected(c);
    line = line_;
    record.clear();
    MILLRACE_RETURN_IF_ERROR(TakeValue(record, 0));
    ++num_records_;
    return true;
  }

 private:
  // The names of the columns, as JSON texts; their opening bracket has been read.
  Status TakeNames(std::string& record, int64_t line) {
    record = "[";
    MILLRACE_RETURN_IF_ERROR(TakeValue(record, 1));
    for (const std::string_view name : ElementsOf(record)) {
      const bool text = name.size() >= 2 && name.front() == '"' && name.back() == '"';
      if (!text) {
        return InvalidData(Format("{}:{}: the first array holds no names: {}", name_, line,
                                  Ellipsize(name, 60)))
            .WithHint("its values are the names of the columns, as texts");
      }
      names_.emplace_back(name);
    }
    return {};
  }

  Result<bool> NextArray(bool more, char c, std::string& record, int64_t& line) {
    if (!more) return false;
    if (c != '[') return Unexpected(c);
    line = line_;
    std::string array;
    MILLRACE_RETURN_IF_ERROR(TakeValue(array, 0));
    if (array.back() != ']') {
      return InvalidData(Format("{}:{}: not a JSON array", name_, line));
    }
    const std::vector<std::string_view> values = ElementsOf(array);
    if (values.size() != names_.size()) {
      return InvalidData(Format("{}:{}: {} values for the {} names of the first array", name_, line,
                                values.size(), names_.size()));
    }
    record = "{";
    for (size_t i = 0; i < values.size(); ++i) {
      record += i == 0 ? "" : ",";
      record.append(names_[i]).append(":").append(values[i]);
    }
    record += "}";
    ++num_records_;
    return true;
  }

  // The values between the outer brackets of an array, without the space around them.
  static std::vector<std::string_view> ElementsOf(std::string_view array) {
    std::vector<std::string_view> elements;
    const std::string_view inside = array.substr(1, array.size() - 2);
    int depth = 0;
    bool quoted = false;
    bool escaped = false;
    size_t start = 0;
    for (size_t i = 0; i < inside.size(); ++i) {
      const char c = inside[i];
      if (quoted) {
        if (!escaped && c == '"') quoted = false;
        escaped = !escaped && c == '\\';
        continue;
      }
      if (c == '"') quoted = true;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      if (c != ',' || depth != 0) continue;
      elements.push_back(Trim(inside.substr(start, i - start)));
      start = i + 1;
    }
    elements.push_back(Trim(inside.substr(start)));
    return elements;
  }

  Result<bool> Peek(char& c) {
    while (at_ >= text_.size()) {
      if (ended_) return false;
      text_.clear();
      at_ = 0;
      MILLRACE_ASSIGN_OR_RETURN(const bool more, source_->ReadMore(text_));
      ended_ = !more;
    }
    c = text_[at_];
    return true;
  }

  Result<bool> SkipSpace(char& c) {
    while (true) {
      MILLRACE_ASSIGN_OR_RETURN(const bool more, Peek(c));
      if (!more) return false;
      if (c == '\n') ++line_;
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return true;
      ++at_;
    }
  }

  Status Unexpected(char c) const {
    const std::string sign = c > ' ' && c < '\x7f' ? std::string(1, c) : "a sign";
    return InvalidData(Format("{}:{}: not an {}: it begins with {}", name_, line_,
                              names_.empty() ? "object with named fields" : "array as before",
                              sign))
        .WithHint("each record is {\"name\": value, ...}, one a line or all in one array");
  }

  // Appends the value that begins here up to its last bracket; `depth` of them are open already.
  Status TakeValue(std::string& record, int depth) {
    const int64_t opened = line_;
    bool quoted = false;
    bool escaped = false;
    char c = 0;
    while (true) {
      MILLRACE_ASSIGN_OR_RETURN(const bool more, Peek(c));
      if (!more) {
        return InvalidData(Format("{}:{}: a record is never closed: {}", name_, opened,
                                  Ellipsize(record.substr(0, record.find('\n')), 60)));
      }
      if (record.size() > kMaxRecordBytes) {
        return InvalidData(Format("{}:{}: a record longer than 16 MB", name_, opened));
      }
      record += c;
      ++at_;
      if (c == '\n') ++line_;
      if (quoted) {
        if (!escaped && c == '"') quoted = false;
        escaped = !escaped && c == '\\';
        continue;
      }
      if (c == '"') quoted = true;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return {};
    }
  }

  std::string name_;
  std::unique_ptr<TextReader> source_;
  std::string text_;
  size_t at_ = 0;
  int64_t line_ = 1;
  bool ended_ = false;
  bool in_array_ = false;
  std::vector<std::string> names_;  // of lines of arrays, as JSON texts
  int64_t num_records_ = 0;
};

class JsonCopy {
 public:
  JsonCopy(const std::string& path, const std::string& name) : path_(path), name_(name) {}

  Status Run(const std::string& out) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string front, ReadFront(path_, kFrontBytes));
    const std::optional<Encoding> encoding = DetectEncoding(front);
    if (!encoding) return InvalidData(Format("{}: not a text file (it holds zero bytes)", name_));
    encoding_ = *encoding;
    MILLRACE_RETURN_IF_ERROR(ForEachRecord(
        [this](std::string_view record, int64_t line) { return TakeNames(record, line); }));
    if (num_records_ == 0) {
      return InvalidData(Format("{}: no record", name_))
          .WithHint("each record is {\"name\": value, ...}, one a line or all in one array");
    }
    if (names_.empty()) return InvalidData(Format("{}: the records have no field", name_));
    MILLRACE_RETURN_IF_ERROR(CheckUniqueNames(name_, names_));
    MILLRACE_ASSIGN_OR_RETURN(RowFile file, RowFile::Make(out, names_));
    std::vector<std::optional<std::string>> cells(names_.size());
    std::vector<TextCell> views(names_.size());
    MILLRACE_RETURN_IF_ERROR(ForEachRecord([&](std::string_view record, int64_t line) -> Status {
      for (auto& cell : cells) cell.reset();
      MILLRACE_RETURN_IF_ERROR(FillCells(record, line, cells));
      for (size_t i = 0; i < cells.size(); ++i) {
        views[i] = cells[i] ? TextCell(*cells[i]) : TextCell();
      }
      return file.Add(views);
    }));
    return file.Finish();
  }

 private:
  using RecordSink = std::function<Status(std::string_view record, int64_t line)>;

  Status ForEachRecord(const RecordSink& sink) {
    MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<TextReader> text, OpenText(path_, encoding_));
    RecordCutter cutter(name_, std::move(text));
    std::string record;
    int64_t line = 0;
    num_records_ = 0;
    while (true) {
      MILLRACE_ASSIGN_OR_RETURN(const bool more, cutter.Next(record, line));
      if (!more) return {};
      if (++num_records_ % 10000 == 0) MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
      MILLRACE_RETURN_IF_ERROR(sink(record, line));
    }
  }

  Status Placed(const Status& status, int64_t line) const {
    if (status.ok()) return status;
    return Status(status.code(), Format("{}:{}: {}", name_, line, status.message()))
        .WithHint(status.hint());
  }

  Status TakeNames(std::string_view record, int64_t line) {
    return Placed(reader_.Read(record,
                               [this](std::string_view name, auto) -> Status {
                                 if (index_.contains(std::string(name))) return {};
                                 if (names_.size() >= kMaxColumns) {
                                   return InvalidData("more than 10,000 different fields");
                                 }
                                 index_.emplace(name, names_.size());
                                 names_.emplace_back(name);
                                 if (name.empty()) return InvalidData("a field without a name");
                                 return {};
                               }),
                  line);
  }

  Status FillCells(std::string_view record, int64_t line,
                   std::vector<std::optional<std::string>>& cells) {
    std::vector<bool> seen(cells.size());
    return Placed(
        reader_.Read(record,
                     [&](std::string_view name, std::optional<std::string_view> text) -> Status {
                       const auto known = index_.find(std::string(name));
                       if (known == index_.end()) {
                         return InvalidData("the file was changed while it was read");
                       }
                       const size_t column = known->second;
                       if (seen[column]) {
                         return InvalidData(Format("the record names \"{}\" twice", name));
                       }
                       seen[column] = true;
                       if (text) cells[column] = std::string(*text);
                       return {};
                     }),
        line);
  }

  const std::string& path_;
  const std::string& name_;
  Encoding encoding_ = Encoding::kUtf8;
  json::FlatObjectReader reader_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> index_;
  int64_t num_records_ = 0;
};

}  // namespace

Status CopyJson(const std::string& path, const std::string& name, const std::string& out) {
  return JsonCopy(path, name).Run(out);
}

}  // namespace millrace::engine
