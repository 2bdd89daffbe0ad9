#include "serve/packed_tensor.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "serve/request_reader.h"
#include "serve/row_builder.h"
#include "serve/tensor_rows.h"

namespace millrace::serve {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire form is little endian");

constexpr size_t kLengthBytes = sizeof(uint32_t);

template <typename T>
T ValueAt(std::string_view bytes, size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

bool IsSigned(const TensorType& type) { return type.low < 0; }

// The integer of `width` bytes, 1 to 8, as the widest of its kind.
template <typename One, typename Two, typename Four, typename Eight>
Eight IntegerAt(size_t width, std::string_view bytes, size_t index) {
  switch (width) {
    case 1:
      return ValueAt<One>(bytes, index);
    case 2:
      return ValueAt<Two>(bytes, index);
    case 4:
      return ValueAt<Four>(bytes, index);
    default:
      return ValueAt<Eight>(bytes, index);
  }
}

int64_t SignedAt(const PackedTensor& tensor, size_t index) {
  return IntegerAt<int8_t, int16_t, int32_t, int64_t>(tensor.storage->width, tensor.bytes, index);
}

uint64_t UnsignedAt(const PackedTensor& tensor, size_t index) {
  return IntegerAt<uint8_t, uint16_t, uint32_t, uint64_t>(tensor.storage->width, tensor.bytes,
                                                          index);
}

double NumberAt(const PackedTensor& tensor, size_t index) {
  const TensorType& storage = *tensor.storage;
  if (storage.kind == TensorKind::kBool) return tensor.bytes[index] != 0 ? 1.0 : 0.0;
  if (storage.kind == TensorKind::kFloat) {
    return storage.width == 4 ? static_cast<double>(ValueAt<float>(tensor.bytes, index))
                              : ValueAt<double>(tensor.bytes, index);
  }
  return IsSigned(storage) ? static_cast<double>(SignedAt(tensor, index))
                           : static_cast<double>(UnsignedAt(tensor, index));
}

// As JSON writes it, so that a number means the same text on every way to the model.
std::string NumberText(const PackedTensor& tensor, size_t index) {
  const TensorType& storage = *tensor.storage;
  if (storage.kind == TensorKind::kBool) return tensor.bytes[index] != 0 ? "true" : "false";
  if (storage.kind == TensorKind::kFloat) return FormatDouble(NumberAt(tensor, index));
  return IsSigned(storage) ? Format("{}", SignedAt(tensor, index))
                           : Format("{}", UnsignedAt(tensor, index));
}

bool IsOfType(const PackedTensor& tensor, size_t index) {
  const TensorType& storage = *tensor.storage;
  if (IsSigned(storage)) {
    const int64_t value = SignedAt(tensor, index);
    return value >= tensor.type->low &&
           (value < 0 || static_cast<uint64_t>(value) <= tensor.type->high);
  }
  return UnsignedAt(tensor, index) <= tensor.type->high;
}

}  // namespace

size_t PackedTensor::num_values() const {
  return storage->width == 0 ? texts.size() : bytes.size() / storage->width;
}

void PackedTensor::SetCell(RowBuilder& builder, size_t column, size_t index) const {
  if (storage->width == 0) {
    builder.SetText(column, texts[index]);
  } else if (storage->kind == TensorKind::kFloat && std::isnan(NumberAt(*this, index))) {
    builder.SetMissing(column);
  } else if (builder.TakesNumbers(column)) {
    builder.SetNumber(column, NumberAt(*this, index));
  } else {
    builder.SetText(column, NumberText(*this, index));
  }
}

std::string PackedTensor::KeyText(size_t index) const {
  return storage->width == 0 ? std::string(texts[index]) : NumberText(*this, index);
}

Result<const TensorType*> TypeOfTensor(std::string_view tensor, std::string_view datatype) {
  if (const TensorType* type = FindTensorType(datatype)) return type;
  return InvalidData(
      Format("inputs.{}.datatype: unknown: \"{}\"", tensor, Ellipsize(datatype, 40)));
}

PackedTensor PackedAs(TensorLayout layout, const TensorType& type) {
  PackedTensor tensor;
  static_cast<TensorLayout&>(tensor) = std::move(layout);
  tensor.type = &type;
  tensor.storage = &type;
  return tensor;
}

Result<PackedTensor> StartTensor(std::string_view name, std::string_view datatype,
                                 std::span<const int64_t> shape, int64_t max_rows) {
  MILLRACE_ASSIGN_OR_RETURN(const TensorType* type, TypeOfTensor(name, datatype));
  TensorLayout layout{.name = std::string(name)};
  MILLRACE_RETURN_IF_ERROR(
      ReadTensorShape(Format("inputs.{}.shape", name), shape, max_rows, layout));
  return PackedAs(std::move(layout), *type);
}

Status TakeRaw(std::string_view raw, PackedTensor& tensor) {
  const std::string place = Format("inputs.{}.data", tensor.name);
  if (tensor.storage->width != 0) {
    if (raw.size() % tensor.storage->width != 0 ||
        !FillsShape(tensor, raw.size() / tensor.storage->width)) {
      return InvalidData(Format("{}: {} bytes of {} do not fill [{}, {}]", place, raw.size(),
                                tensor.type->name, tensor.num_rows, tensor.width));
    }
    tensor.bytes = raw;
    return {};
  }
  while (!raw.empty()) {
    if (raw.size() < kLengthBytes) {
      return InvalidData(Format("{}: ends within the length of a text", place));
    }
    const auto length = ValueAt<uint32_t>(raw, 0);
    raw.remove_prefix(kLengthBytes);
    if (raw.size() < length) {
      return InvalidData(Format("{}[{}]: a text of {} bytes in the last {}", place,
                                tensor.texts.size(), length, raw.size()));
    }
    tensor.texts.push_back(raw.substr(0, length));
    raw.remove_prefix(length);
  }
  if (FillsShape(tensor, tensor.texts.size())) return {};
  return InvalidData(Format("{}: {} values do not fill [{}, {}]", place, tensor.texts.size(),
                            tensor.num_rows, tensor.width));
}

Status CheckValues(const PackedTensor& tensor, RowBuilder& builder) {
  const size_t num_values = tensor.num_values();
  if (!FillsShape(tensor, num_values)) {
    return InvalidData(Format("inputs.{}.data: {} values do not fill [{}, {}]", tensor.name,
                              num_values, tensor.num_rows, tensor.width));
  }
  if (tensor.storage->kind != TensorKind::kInteger || tensor.storage == tensor.type) return {};
  for (size_t i = 0; i < num_values; ++i) {
    if (IsOfType(tensor, i)) continue;
    builder.AddError(Format("inputs.{}.data[{}]: not {}: {}", tensor.name, i, tensor.type->name,
                            NumberText(tensor, i)));
  }
  return {};
}

Result<RowTexts> RequestReader::ReadPacked(const std::vector<PackedTensor>& tensors,
                                           const ReadOptions& options, table::Table& rows) {
  RowBuilder& builder = implementation_->builder;
  builder.Begin(rows, options, "inputs");
  for (const PackedTensor& tensor : tensors) {
    MILLRACE_RETURN_IF_ERROR(CheckValues(tensor, builder));
  }
  MILLRACE_RETURN_IF_ERROR(AddTensorRows(tensors, builder));
  return builder.Finish();
}

void AppendPackedText(std::string& out, std::string_view text) {
  const auto length = static_cast<uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&length), sizeof(length));
  out += text;
}

}  // namespace millrace::serve
