// What every serialized model starts with: "MRMODEL", format version, kind.

#pragma once

#include <string_view>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/model.h"

namespace millrace::model {

inline constexpr std::string_view kModelMagic = "MRMODEL";
inline constexpr uint32_t kModelVersion = 1;

void WriteHeader(ByteWriter& writer, std::string_view kind);
/// Reads a link byte. kCorrupt for an unknown one.
Result<Link> ReadLink(ByteReader& reader);

}  // namespace millrace::model
