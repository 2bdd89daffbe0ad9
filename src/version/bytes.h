// Little-endian bytes of the formats of this folder: writing, and reading that never goes past the
// end. Internal to the folder.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace millrace::version {

static_assert(std::endian::native == std::endian::little, "files are written in memory order");

template <typename T>
void PutNumber(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}
inline void PutDigest(std::string& bytes, const Digest& digest) {
  bytes.append(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
}
/// At most 2^32 - 1 bytes.
inline void PutText(std::string& bytes, std::string_view text) {
  PutNumber(bytes, static_cast<uint32_t>(text.size()));
  bytes.append(text);
}

/// Reads fields in order. After the first that is not there every one is zero or empty, and
/// complete() is false.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T Number() {
    T value{};
    const std::string_view field = Take(sizeof(T));
    if (field.size() == sizeof(T)) std::memcpy(&value, field.data(), sizeof(T));
    return value;
  }
  Digest Hash() {
    Digest digest;
    const std::string_view field = Take(digest.bytes.size());
    if (!field.empty()) std::memcpy(digest.bytes.data(), field.data(), field.size());
    return digest;
  }
  std::string_view Text() { return Take(Number<uint32_t>()); }
  std::string_view Take(size_t size) {
    if (bytes_.size() - at_ < size) {
      complete_ = false;
      at_ = bytes_.size();
      return {};
    }
    const std::string_view field = bytes_.substr(at_, size);
    at_ += size;
    return field;
  }
  /// True as long as every field was there.
  bool complete() const { return complete_; }
  bool at_end() const { return complete_ && at_ == bytes_.size(); }
  size_t remaining() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool complete_ = true;
};

}  // namespace millrace::version
