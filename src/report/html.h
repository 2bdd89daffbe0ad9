// The report page: one self-contained HTML file (inline style, SVG and script; no network). All
// text of the document is escaped; charts carry a text alternative and their data.

#pragma once

#include <string>

#include "report/document.h"

namespace millrace::report {

/// Returns the page. Pure; any document gives a valid page.
std::string RenderHtml(const Document& document);

}  // namespace millrace::report
