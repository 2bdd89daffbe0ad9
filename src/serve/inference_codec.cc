// Open Inference Protocol v2 over JSON: tensors to rows (specification/protocol/inference_rest.md),
// and the binary values that Triton's extension lets follow the JSON (extension_binary_data.md).

#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "serve/packed_tensor.h"
#include "serve/request_reader.h"
#include "serve/row_builder.h"
#include "serve/tensor_rows.h"
#include "serve/tensor_type.h"

namespace millrace::serve {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Returns true when the value is of the datatype; null stands for a missing value.
bool Fits(const TensorType& datatype, const element& value) {
  if (value.type() == element_type::NULL_VALUE) return true;
  switch (datatype.kind) {
    case TensorKind::kBool:
      return value.type() == element_type::BOOL;
    case TensorKind::kFloat:
      return IsNumber(value);
    case TensorKind::kBytes:
      return value.type() == element_type::STRING;
    case TensorKind::kInteger:
      break;
  }
  int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) {
    return number >= datatype.low && (number < 0 || static_cast<uint64_t>(number) <= datatype.high);
  }
  uint64_t large = 0;
  return value.get(large) == simdjson::SUCCESS && large <= datatype.high;
}

struct Tensor : TensorLayout {
  std::vector<element> values;
  std::optional<PackedTensor> packed;  // instead of `values`

  void SetCell(RowBuilder& builder, size_t column, size_t index) const {
    packed ? packed->SetCell(builder, column, index) : builder.Set(column, values[index]);
  }
  std::string KeyText(size_t index) const {
    return packed ? packed->KeyText(index) : TextOf(values[index]);
  }
};

// Nested or flat data, row-major; the depth is bounded by the parser's.
void Flatten(const element& data, std::vector<element>& values) {
  simdjson::dom::array array;
  if (data.get(array) != simdjson::SUCCESS) {
    values.push_back(data);
    return;
  }
  for (const element item : array) Flatten(item, values);
}

Status ReadShape(const element& input, int64_t max_rows, Tensor& tensor) {
  simdjson::dom::array shape;
  const std::string place = Format("inputs.{}.shape", tensor.name);
  if (input.at_key("shape").get(shape) != simdjson::SUCCESS) {
    return InvalidData(Format("{}: not a list", place));
  }
  std::vector<int64_t> sizes;
  for (const element item : shape) {
    int64_t size = 0;
    if (item.get(size) != simdjson::SUCCESS) {
      return InvalidData(Format("{}: not a size: {}", place, std::string(simdjson::minify(item))));
    }
    sizes.push_back(size);
  }
  return ReadTensorShape(place, sizes, max_rows, tensor);
}

// The parameter of a tensor or a request; nothing where it is absent.
std::optional<element> Parameter(const element& owner, std::string_view name) {
  element value;
  if (owner.at_key("parameters").at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

// Takes the tensor's bytes off the front of `binary`.
Status TakeBinary(const element& size, const TensorType& datatype, std::string_view& binary,
                  Tensor& tensor) {
  const std::string place = Format("inputs.{}.parameters.binary_data_size", tensor.name);
  uint64_t num_bytes = 0;
  if (size.get(num_bytes) != simdjson::SUCCESS) {
    return InvalidData(Format("{}: not a size: {}", place, std::string(simdjson::minify(size))));
  }
  if (num_bytes > binary.size()) {
    return InvalidData(
        Format("{}: {} bytes of the {} that are left", place, num_bytes, binary.size()));
  }
  PackedTensor packed = PackedAs(tensor, datatype);
  MILLRACE_RETURN_IF_ERROR(TakeRaw(binary.substr(0, num_bytes), packed));
  binary.remove_prefix(num_bytes);
  tensor.packed = std::move(packed);
  return {};
}

Result<Tensor> ReadTensor(const element& input, size_t index, const ReadOptions& options,
                          std::string_view& binary, RowBuilder& builder) {
  Tensor tensor;
  std::string_view text;
  if (input.type() != element_type::OBJECT || input.at_key("name").get(text) != simdjson::SUCCESS) {
    return InvalidData(Format("inputs[{}].name: not a name", index));
  }
  tensor.name = text;
  MILLRACE_RETURN_IF_ERROR(ReadShape(input, options.max_rows, tensor));
  if (input.at_key("datatype").get(text) != simdjson::SUCCESS) text = {};
  MILLRACE_ASSIGN_OR_RETURN(const TensorType* datatype, TypeOfTensor(tensor.name, text));
  element data;
  if (const std::optional<element> size = Parameter(input, "binary_data_size")) {
    if (input.at_key("data").get(data) == simdjson::SUCCESS) {
      return InvalidData(Format("inputs.{}.data: beside binary_data_size", tensor.name));
    }
    MILLRACE_RETURN_IF_ERROR(TakeBinary(*size, *datatype, binary, tensor));
    return tensor;
  }
  if (input.at_key("data").get(data) != simdjson::SUCCESS || data.type() != element_type::ARRAY) {
    return InvalidData(Format("inputs.{}.data: not a list", tensor.name));
  }
  Flatten(data, tensor.values);
  if (!FillsShape(tensor, tensor.values.size())) {
    return InvalidData(Format("inputs.{}.data: {} values do not fill [{}, {}]", tensor.name,
                              tensor.values.size(), tensor.num_rows, tensor.width));
  }
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    if (Fits(*datatype, tensor.values[i])) continue;
    builder.AddError(Format("inputs.{}.data[{}]: not {}: {}", tensor.name, i, datatype->name,
                            Ellipsize(std::string(simdjson::minify(tensor.values[i])), 80)));
  }
  return tensor;
}

Status ReadOutputs(const element& root, TensorRows& request) {
  const auto flag = [](const std::optional<element>& value, bool otherwise) {
    bool set = otherwise;
    if (value && value->get(set) != simdjson::SUCCESS) return otherwise;
    return set;
  };
  request.all_binary = flag(Parameter(root, "binary_data_output"), false);
  element outputs;
  if (root.at_key("outputs").get(outputs) != simdjson::SUCCESS) return {};
  simdjson::dom::array array;
  if (outputs.get(array) != simdjson::SUCCESS) return InvalidData("outputs: not a list");
  for (const element output : array) {
    std::string_view name;
    if (output.type() != element_type::OBJECT ||
        output.at_key("name").get(name) != simdjson::SUCCESS) {
      return InvalidData(Format("outputs[{}].name: not a name", request.outputs.size()));
    }
    request.outputs.push_back(
        {std::string(name), flag(Parameter(output, "binary_data"), request.all_binary)});
  }
  return {};
}

}  // namespace

Result<TensorRows> RequestReader::ReadTensors(std::string_view body, std::string_view binary,
                                              const ReadOptions& options, table::Table& rows) {
  MILLRACE_ASSIGN_OR_RETURN(const element root, implementation_->Parse(body));
  if (root.type() != element_type::OBJECT) return InvalidData("body: not an object");
  TensorRows result;
  element id;
  if (root.at_key("id").get(id) == simdjson::SUCCESS) {
    if (id.type() != element_type::STRING) return InvalidData("id: not a text");
    result.id = TextOf(id);
  }
  MILLRACE_RETURN_IF_ERROR(ReadOutputs(root, result));
  simdjson::dom::array inputs;
  if (root.at_key("inputs").get(inputs) != simdjson::SUCCESS) {
    return InvalidData("inputs: not a list");
  }
  RowBuilder& builder = implementation_->builder;
  builder.Begin(rows, options, "inputs");
  if (inputs.size() > builder.num_columns() + 1) {
    return InvalidData(Format("inputs: {} for {} columns", inputs.size(), builder.num_columns()));
  }
  std::vector<Tensor> tensors;
  for (const element input : inputs) {
    MILLRACE_ASSIGN_OR_RETURN(Tensor tensor,
                              ReadTensor(input, tensors.size(), options, binary, builder));
    tensors.push_back(std::move(tensor));
  }
  if (!binary.empty()) {
    return InvalidData(Format("body: {} bytes behind the last tensor", binary.size()));
  }
  MILLRACE_RETURN_IF_ERROR(AddTensorRows(tensors, builder));
  MILLRACE_ASSIGN_OR_RETURN(result.texts, builder.Finish());
  return result;
}

}  // namespace millrace::serve
