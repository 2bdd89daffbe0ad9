#include "engine/record_reader.h"

#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::engine {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 17;
constexpr size_t kMaxRecordBytes = size_t{16} << 20;
constexpr size_t kKeptTextBytes = 1000;

class FileText final : public TextReader {
 public:
  FileText(std::unique_ptr<ByteReader> bytes, Encoding encoding)
      : bytes_(std::move(bytes)), decoder_(encoding), block_(kBlockBytes) {}

  Result<bool> ReadMore(std::string& text) override {
    if (ended_) return false;
    MILLRACE_ASSIGN_OR_RETURN(const size_t count, bytes_->Read(block_));
    if (count == 0) {
      ended_ = true;
      const size_t before = text.size();
      decoder_.Finish(text);
      return text.size() > before;
    }
    decoder_.Decode({block_.data(), count}, text);
    return true;
  }

 private:
  std::unique_ptr<ByteReader> bytes_;
  TextDecoder decoder_;
  std::vector<char> block_;
  bool ended_ = false;
};

class MemoryText final : public TextReader {
 public:
  explicit MemoryText(std::string text) : text_(std::move(text)) {}
  Result<bool> ReadMore(std::string& text) override {
    if (text_.empty()) return false;
    text += std::exchange(text_, std::string());
    return true;
  }

 private:
  std::string text_;
};

}  // namespace

Result<std::unique_ptr<TextReader>> OpenText(const std::string& path, Encoding encoding) {
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<ByteReader> bytes, OpenBytes(path));
  return std::unique_ptr<TextReader>(std::make_unique<FileText>(std::move(bytes), encoding));
}

std::unique_ptr<TextReader> TextOf(std::string text) {
  return std::make_unique<MemoryText>(std::move(text));
}

// Gives the next sign without taking it; false at the end.
Result<bool> RecordReader::Peek(char& c) {
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

void RecordReader::Take(Record& record) {
  if (record.text.size() < kKeptTextBytes) record.text += text_[at_];
  ++at_;
  ++record_bytes_;
}

// Takes a line end where one stands.
Result<bool> RecordReader::EndOfLine() {
  char c = 0;
  MILLRACE_ASSIGN_OR_RETURN(bool more, Peek(c));
  if (!more || (c != '\n' && c != '\r')) return false;
  ++at_;
  ++line_;
  if (c == '\r') {
    MILLRACE_ASSIGN_OR_RETURN(more, Peek(c));
    if (more && c == '\n') ++at_;
  }
  return true;
}

Status RecordReader::SkipLine() {
  char c = 0;
  while (true) {
    MILLRACE_ASSIGN_OR_RETURN(const bool ended, EndOfLine());
    if (ended) return {};
    MILLRACE_ASSIGN_OR_RETURN(const bool more, Peek(c));
    if (!more) return {};
    ++at_;
  }
}

Status RecordReader::TooLong(const Record& record) const {
  return InvalidData(Format("{}:{}: a row longer than {}", name_, record.line,
                            FormatBytes(static_cast<int64_t>(kMaxRecordBytes))))
      .WithHint("is a quote opened there that is never closed?");
}

// Reads what follows an opening quote, up to its end.
Status RecordReader::ReadQuoted(Record& record) {
  const int64_t opened = line_;
  char c = 0;
  while (true) {
    MILLRACE_ASSIGN_OR_RETURN(bool more, Peek(c));
    if (!more || record_bytes_ > kMaxRecordBytes) {
      return InvalidData(Format("{}:{}: a quote is opened and never closed: {}", name_, opened,
                                Ellipsize(record.text.substr(0, record.text.find('\n')), 60)))
          .WithHint("close it, or double a quote that is part of the text");
    }
    if (c == '\n') ++line_;
    Take(record);
    if (dialect_.backslash && c == '\\') {
      MILLRACE_ASSIGN_OR_RETURN(more, Peek(c));
      if (!more) continue;
      if (c == '\n') ++line_;
      Take(record);
      record.cells.back() += c;
      continue;
    }
    if (c != dialect_.quote) {
      record.cells.back() += c;
      continue;
    }
    MILLRACE_ASSIGN_OR_RETURN(more, Peek(c));
    if (!more || c != dialect_.quote) return {};
    Take(record);
    record.cells.back() += c;
  }
}

Result<bool> RecordReader::ReadRecord(Record& record) {
  record.line = line_;
  record.cells.assign(1, std::string());
  record.text.clear();
  record_bytes_ = 0;
  char c = 0;
  bool any = false;
  while (true) {
    MILLRACE_ASSIGN_OR_RETURN(const bool ended, EndOfLine());
    if (ended) return true;
    MILLRACE_ASSIGN_OR_RETURN(bool more, Peek(c));
    if (!more) return any;
    any = true;
    if (record_bytes_ > kMaxRecordBytes) return TooLong(record);
    Take(record);
    std::string& cell = record.cells.back();
    if (c == dialect_.delimiter) {
      record.cells.emplace_back();
    } else if (c == dialect_.quote && c != '\0' && Trim(cell).empty()) {
      cell.clear();
      MILLRACE_RETURN_IF_ERROR(ReadQuoted(record));
    } else if (dialect_.backslash && c == '\\') {
      MILLRACE_ASSIGN_OR_RETURN(more, Peek(c));
      if (!more || c == '\n' || c == '\r') continue;
      Take(record);
      record.cells.back() += c;
    } else {
      cell += c;
    }
  }
}

Result<bool> RecordReader::Next(Record& record) {
  if (!skipped_) {
    skipped_ = true;
    for (int64_t i = 0; i < dialect_.skip; ++i) MILLRACE_RETURN_IF_ERROR(SkipLine());
  }
  while (true) {
    char c = 0;
    MILLRACE_ASSIGN_OR_RETURN(const bool more, Peek(c));
    if (!more) return false;
    if (dialect_.comment != '\0' && c == dialect_.comment) {
      MILLRACE_RETURN_IF_ERROR(SkipLine());
      continue;
    }
    MILLRACE_ASSIGN_OR_RETURN(const bool read, ReadRecord(record));
    if (!read) return false;
    // A blank line is no row.
    if (record.cells.size() == 1 && Trim(record.text).empty()) continue;
    return true;
  }
}

}  // namespace millrace::engine
