// Sources: the files that a specification names, with the digests of their content: part of the
// keys of phases 1 and 2, and of a run's identity.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"
#include "spec/spec.h"

namespace millrace::pipeline {

/// One source file (or table, query, URL) as it was read.
struct SourceContent {
  std::string path;          // absolute; of other sources their locator
  std::string content_path;  // the file that was read: the same, or a staged copy
  int64_t size_bytes = 0;
  int64_t modified_micros = 0;
  Digest content;
};

/// Returns the files of `spec.data`, patterns resolved, in the order of reading. What was staged
/// before in `staging_folder` (empty: a temporary one) is removed first, so that databases and URLs
/// are asked anew; the phases of the run then read what is staged here. Errors: those of
/// engine::OpenSource. Cost: one read of every file.
Result<std::vector<SourceContent>> DigestSources(const spec::Spec& spec,
                                                 const std::string& project_folder,
                                                 const std::string& staging_folder);

/// Returns kInvalidData naming the first file whose size or time of change is no longer that of
/// `sources`: it was written to while it was read.
Status CheckSourcesUnchanged(const std::vector<SourceContent>& sources);

/// Names (no folders), sizes and digests: equal for equal data wherever it lies.
json::Json ToJson(const std::vector<SourceContent>& sources);
/// Reads them back; paths are names. kCorrupt.
Result<std::vector<SourceContent>> SourcesFromJson(const json::Json& list);

}  // namespace millrace::pipeline
