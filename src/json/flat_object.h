// FlatObject: a JSON object as named texts, for tables of JSON records.
//
// Thread safety: one thread at a time.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace millrace::json {

/// Takes one member: `text` is nothing for null.
using MemberSink =
    std::function<Status(std::string_view name, std::optional<std::string_view> text)>;

class FlatObjectReader {
 public:
  FlatObjectReader();
  ~FlatObjectReader();
  FlatObjectReader(FlatObjectReader&&) noexcept;

  /// Hands over the members of one object in their order. A nested object's members are named with
  /// dots ("address.city"); an array stays what is written; numbers keep their digits ("1.50",
  /// whole numbers of any length); texts are unescaped; true and false are words. kInvalidData for
  /// text that is not one object, or is nested more than 64 deep. The views last for the call.
  Status Read(std::string_view object, const MemberSink& sink);

 private:
  struct Parser;
  Status ReadPadded(size_t size, const MemberSink& sink);
  std::unique_ptr<Parser> parser_;
};

}  // namespace millrace::json
