// A document as Markdown (CommonMark with tables). All text of the document is escaped.

#pragma once

#include <string>
#include <string_view>

#include "report/document.h"

namespace millrace::report {

/// Returns `text` with the characters that Markdown or HTML would interpret escaped, on one line.
std::string EscapeMarkdown(std::string_view text);
/// Returns the document; charts become tables.
std::string RenderMarkdown(const Document& document);

}  // namespace millrace::report
