// The reference page of millrace.yaml, docs/reference/spec.md.

#pragma once

#include <string>

namespace millrace::spec {

/// Returns the page in Markdown, made from the key table and the gate metrics.
std::string ReferenceMarkdown();

}  // namespace millrace::spec
