// Open Inference Protocol v2 over JSON: tensors to rows (specification/protocol/inference_rest.md).

#include <array>
#include <limits>

#include "base/format.h"
#include "base/text.h"
#include "serve/request_reader.h"
#include "serve/row_builder.h"

namespace millrace::serve {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

enum class ValueKind { kBool, kInteger, kFloat, kBytes };
struct Datatype {
  std::string_view name;
  ValueKind kind;
  int64_t low = 0;  // kInteger
  uint64_t high = 0;
};
constexpr std::array<Datatype, 12> kDatatypes = {{
    {"BOOL", ValueKind::kBool},
    {"UINT8", ValueKind::kInteger, 0, std::numeric_limits<uint8_t>::max()},
    {"UINT16", ValueKind::kInteger, 0, std::numeric_limits<uint16_t>::max()},
    {"UINT32", ValueKind::kInteger, 0, std::numeric_limits<uint32_t>::max()},
    {"UINT64", ValueKind::kInteger, 0, std::numeric_limits<uint64_t>::max()},
    {"INT8", ValueKind::kInteger, -128, 127},
    {"INT16", ValueKind::kInteger, -32768, 32767},
    {"INT32", ValueKind::kInteger, std::numeric_limits<int32_t>::min(),
     std::numeric_limits<int32_t>::max()},
    {"INT64", ValueKind::kInteger, std::numeric_limits<int64_t>::min(),
     std::numeric_limits<int64_t>::max()},
    {"FP32", ValueKind::kFloat},
    {"FP64", ValueKind::kFloat},
    {"BYTES", ValueKind::kBytes},
}};

// Returns true when the value is of the datatype; null stands for a missing value.
bool Fits(const Datatype& datatype, const element& value) {
  if (value.type() == element_type::NULL_VALUE) return true;
  switch (datatype.kind) {
    case ValueKind::kBool:
      return value.type() == element_type::BOOL;
    case ValueKind::kFloat:
      return IsNumber(value);
    case ValueKind::kBytes:
      return value.type() == element_type::STRING;
    case ValueKind::kInteger:
      break;
  }
  int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) {
    return number >= datatype.low && (number < 0 || static_cast<uint64_t>(number) <= datatype.high);
  }
  uint64_t large = 0;
  return value.get(large) == simdjson::SUCCESS && large <= datatype.high;
}

struct Tensor {
  std::string name;
  size_t num_rows = 0;
  size_t width = 1;  // values a row
  std::vector<element> values;
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
  std::vector<size_t> sizes;
  for (const element item : shape) {
    int64_t size = 0;
    if (item.get(size) != simdjson::SUCCESS || size < 0) {
      return InvalidData(Format("{}: not a size: {}", place, std::string(simdjson::minify(item))));
    }
    sizes.push_back(static_cast<size_t>(size));
  }
  if (sizes.empty() || sizes.size() > 2) {
    return InvalidData(
        Format("{}: {} dimensions, not [rows] or [rows, columns]", place, sizes.size()));
  }
  MILLRACE_RETURN_IF_ERROR(CheckRowCount(place, sizes[0], max_rows));
  tensor.num_rows = sizes[0];
  tensor.width = sizes.size() == 2 ? sizes[1] : 1;
  return {};
}

Result<Tensor> ReadTensor(const element& input, size_t index, const ReadOptions& options,
                          RowBuilder& builder) {
  Tensor tensor;
  std::string_view text;
  if (input.type() != element_type::OBJECT || input.at_key("name").get(text) != simdjson::SUCCESS) {
    return InvalidData(Format("inputs[{}].name: not a name", index));
  }
  tensor.name = text;
  MILLRACE_RETURN_IF_ERROR(ReadShape(input, options.max_rows, tensor));
  if (input.at_key("datatype").get(text) != simdjson::SUCCESS) text = {};
  const Datatype* datatype = nullptr;
  for (const Datatype& known : kDatatypes) {
    if (known.name == text) datatype = &known;
  }
  if (datatype == nullptr) {
    return InvalidData(
        Format("inputs.{}.datatype: unknown: \"{}\"", tensor.name, Ellipsize(text, 40)));
  }
  element data;
  if (input.at_key("data").get(data) != simdjson::SUCCESS || data.type() != element_type::ARRAY) {
    return InvalidData(
        Format("inputs.{}.data: not a list (binary tensors are not taken here)", tensor.name));
  }
  Flatten(data, tensor.values);
  // By division: a product of sizes that a client chose could overflow.
  const bool fills = tensor.width == 0 ? tensor.values.empty()
                                       : tensor.values.size() % tensor.width == 0 &&
                                             tensor.values.size() / tensor.width == tensor.num_rows;
  if (!fills) {
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

Status FillRows(const std::vector<Tensor>& tensors, RowBuilder& builder) {
  const size_t num_rows = tensors.front().num_rows;
  std::vector<bool> seen(builder.num_columns(), false);
  std::vector<std::optional<size_t>> columns;
  for (const Tensor& tensor : tensors) {
    columns.push_back(builder.Find(tensor.name, columns.size()));
    const bool is_whole = tensors.size() == 1 && !columns.back() &&
                          tensor.width == builder.num_columns() && tensor.width > 0;
    if (!columns.back() && !is_whole && !builder.IsKey(tensor.name)) {
      return InvalidData(Format("inputs.{}: no column of the model", tensor.name));
    }
    if (tensor.width != 1 && !is_whole) {
      return InvalidData(
          Format("inputs.{}.shape: {} values a row for one column", tensor.name, tensor.width));
    }
    if (tensor.num_rows != num_rows) {
      return InvalidData(Format("inputs.{}.shape: {} rows, others have {}", tensor.name,
                                tensor.num_rows, num_rows));
    }
    if (columns.back() && seen[*columns.back()]) {
      return InvalidData(Format("inputs.{}: given twice", tensor.name));
    }
    if (columns.back()) seen[*columns.back()] = true;
  }
  for (size_t row = 0; row < num_rows; ++row) {
    builder.BeginRow();
    for (size_t t = 0; t < tensors.size(); ++t) {
      const Tensor& tensor = tensors[t];
      if (columns[t]) {
        builder.Set(*columns[t], tensor.values[row]);
      } else if (!builder.IsKey(tensor.name)) {
        for (size_t c = 0; c < tensor.width; ++c) {
          builder.Set(c, tensor.values[row * tensor.width + c]);
        }
      }
      if (builder.IsKey(tensor.name)) builder.SetKey(TextOf(tensor.values[row]));
    }
    builder.EndRow();
  }
  return {};
}

Result<std::vector<std::string>> ReadOutputs(const element& root) {
  std::vector<std::string> names;
  element outputs;
  if (root.at_key("outputs").get(outputs) != simdjson::SUCCESS) return names;
  simdjson::dom::array array;
  if (outputs.get(array) != simdjson::SUCCESS) return InvalidData("outputs: not a list");
  for (const element output : array) {
    std::string_view name;
    if (output.type() != element_type::OBJECT ||
        output.at_key("name").get(name) != simdjson::SUCCESS) {
      return InvalidData(Format("outputs[{}].name: not a name", names.size()));
    }
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

Result<TensorRows> RequestReader::ReadTensors(std::string_view body, const ReadOptions& options,
                                              table::Table& rows) {
  MILLRACE_ASSIGN_OR_RETURN(const element root, implementation_->Parse(body));
  if (root.type() != element_type::OBJECT) return InvalidData("body: not an object");
  TensorRows result;
  element id;
  if (root.at_key("id").get(id) == simdjson::SUCCESS) {
    if (id.type() != element_type::STRING) return InvalidData("id: not a text");
    result.id = TextOf(id);
  }
  MILLRACE_ASSIGN_OR_RETURN(result.outputs, ReadOutputs(root));
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
    MILLRACE_ASSIGN_OR_RETURN(Tensor tensor, ReadTensor(input, tensors.size(), options, builder));
    tensors.push_back(std::move(tensor));
  }
  if (tensors.empty()) return InvalidData("inputs: empty");
  MILLRACE_RETURN_IF_ERROR(FillRows(tensors, builder));
  MILLRACE_ASSIGN_OR_RETURN(result.texts, builder.Finish());
  return result;
}

}  // namespace millrace::serve
