// The form of a delimited text file, found from its first lines: encoding, dialect, header; and its
// copy into plain CSV where the engine cannot read it as it is.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/record_reader.h"
#include "engine/row_file.h"
#include "engine/source.h"
#include "engine/text_encoding.h"

namespace millrace::engine {

struct DelimitedForm {
  Encoding encoding = Encoding::kUtf8;
  Dialect dialect;
  std::vector<std::string> columns;
  /// The engine reads such a file itself, over all cores.
  bool direct = false;
  /// What is unusual, with the reason.
  std::vector<FoundForm> found;
};

/// Finds the form of `path`, called `name` in messages. What the options say is taken as it is. A
/// column without a name is called "column_N" (N from 1).
///
/// Above the header, blank lines, lines that begin with # and titles (one cell where the rows have
/// several) are skipped; a header of the kind "#id,name" is none of these. Of the signs , ; tab | ^
/// ~ that one is the delimiter by which most lines get the same number of cells, at least two.
///
/// Errors, kInvalidData: binary content, a header without rows, a first line of numbers only (there
/// is no header), another number of names than the rows have cells, duplicate names, one column
/// where another delimiter stands in the options, a quote that is never closed. Cost: the first
/// 64 kB; of a file that could be read directly one pass over all bytes, that looks for bytes that
/// are not UTF-8 and for a quote without partner.
Result<DelimitedForm> SniffDelimited(const std::string& path, const std::string& name,
                                     const SourceOptions& options);

/// Copies the rows of `path` to the RowFile `out`, with columns `form.columns`. Rows with too many
/// or too few cells go to the RowFile `rejects` (columns file, line, rule, text).
Status CopyDelimited(const std::string& path, const std::string& name, const DelimitedForm& form,
                     const std::string& out, const std::string& rejects);

/// Returns kInvalidData when two names differ in case only or not at all.
Status CheckUniqueNames(const std::string& where, const std::vector<std::string>& names);

}  // namespace millrace::engine
