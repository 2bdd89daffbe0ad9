#include "base/format.h"
#include "json/text.h"
#include "store/catalog_internal.h"

namespace millrace::store {
namespace {

const Value kNull;

}  // namespace

const Value& RowReader::Next() { return next_ < row_.size() ? row_[next_++] : kNull; }

void RowReader::Refuse(std::string_view needed) {
  if (!status_.ok()) return;
  status_ = Corrupt(Format("catalog: table {}, column {}: is not {}", table_, next_, needed))
                .WithHint("the catalog is damaged: put a copy back");
}

std::string RowReader::Text() {
  const Value& value = Next();
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  Refuse("a text");
  return "";
}

int64_t RowReader::Integer() {
  const Value& value = Next();
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  Refuse("a whole number");
  return 0;
}

double RowReader::Number() {
  const Value& value = Next();
  if (const auto* number = std::get_if<double>(&value)) return *number;
  Refuse("a number");
  return 0.0;
}

std::optional<double> RowReader::MaybeNumber() {
  const Value& value = Next();
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? std::optional<double>(*number) : std::nullopt;
}

Digest RowReader::Hash() {
  const auto digest = Digest::FromHex(Text());
  if (!digest.ok()) Refuse("a digest");
  return digest.ok() ? *digest : Digest{};
}

std::optional<Digest> RowReader::MaybeHash() {
  if (next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_])) {
    ++next_;
    return std::nullopt;
  }
  return Hash();
}

json::Json RowReader::Document() {
  auto document = json::Parse(Text(), "catalog");
  if (!document.ok()) {
    Refuse("a document");
    return json::Json();
  }
  return std::move(document).value();
}

Value TextValue(std::string_view text) { return Value(std::string(text)); }
Value HashValue(const Digest& digest) { return Value(digest.ToHex()); }
Value NumberValue(const std::optional<double>& number) {
  return number ? Value(*number) : Value(std::monostate());
}

}  // namespace millrace::store
