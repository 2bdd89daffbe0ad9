// Output: where a command writes its result: standard output. Text goes out as it comes; with
// --json one document is written at the end instead. Progress and questions go to standard error.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace millrace::cli {

class Output {
 public:
  enum class Form { kText, kJson };
  explicit Output(Form form) : form_(form) {}

  Form form() const { return form_; }
  bool json() const { return form_ == Form::kJson; }
  /// Writes text (dropped with --json).
  void Text(std::string_view text);
  /// Writes text in either form: for results that are a stream of lines.
  void Raw(std::string_view text);
  /// Sets the document that --json writes.
  void Document(json::Json document) { document_ = std::move(document); }
  /// Writes the document now, for commands that go on working.
  void FlushDocument();
  /// True once the reader has gone (`| head`): the rest need not be made.
  bool closed() const { return closed_; }
  /// Writes what is due at the end. kIoError or kResourceExhausted (disk full) when standard output
  /// did not take everything; a reader that has gone is no error.
  Status Finish();

 private:
  Form form_;
  json::Json document_;
  bool closed_ = false;
  int error_ = 0;  // errno of the first failure
};

}  // namespace millrace::cli
