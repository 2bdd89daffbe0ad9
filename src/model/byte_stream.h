// Little-endian bytes: writing and bounds-checked reading of binary model parts.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::model {

static_assert(std::endian::native == std::endian::little, "files are written in memory order");

class ByteWriter {
 public:
  template <typename T>
  void Put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  template <typename T>
  void PutArray(const std::vector<T>& values) {
    Put(static_cast<uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void PutText(std::string_view text) {
    Put(static_cast<uint64_t>(text.size()));
    bytes_.append(text);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Every read fails with kCorrupt past the end; after a failure the object is not used further.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  Result<T> Get() {
    if (bytes_.size() - at_ < sizeof(T)) return Corrupt("model: cut short");
    T value;
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  template <typename T>
  Result<std::vector<T>> GetArray() {
    MILLRACE_ASSIGN_OR_RETURN(const uint64_t size, Get<uint64_t>());
    if (size > (bytes_.size() - at_) / sizeof(T)) return Corrupt("model: cut short");
    std::vector<T> values(static_cast<size_t>(size));
    if (size > 0) std::memcpy(values.data(), bytes_.data() + at_, values.size() * sizeof(T));
    at_ += values.size() * sizeof(T);
    return values;
  }
  Result<std::string> GetText() {
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<char> text, GetArray<char>());
    return std::string(text.begin(), text.end());
  }
  bool done() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace millrace::model
