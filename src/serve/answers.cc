#include "serve/answers.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "serve/packed_tensor.h"

namespace millrace::serve {
namespace {

double ProbabilityOf(const Answered& answered, int64_t row, size_t label) {
  const bundle::Predictions& predictions = answered.predictions;
  if (predictions.num_outputs != 1) return predictions.output(row, static_cast<int64_t>(label));
  return label == 1 ? predictions.output(row) : 1.0 - predictions.output(row);
}

void AppendPrediction(std::string& out, const Answered& answered, int64_t row) {
  const std::vector<std::string>& labels = answered.scorer.class_labels();
  if (labels.empty()) {
    out += "{\"prediction\":";
    json::AppendNumber(out, answered.predictions.output(row));
    out += '}';
    return;
  }
  out += "{\"prediction\":";
  out += json::Quote(answered.scorer.DecisionLabel(answered.predictions, row));
  out += ",\"probabilities\":{";
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) out += ',';
    out += json::Quote(labels[i]);
    out += ':';
    json::AppendNumber(out, ProbabilityOf(answered, row, i));
  }
  out += "}}";
}

// A decision or a number.
void AppendDecision(std::string& out, const Answered& answered, int64_t row) {
  if (answered.scorer.class_labels().empty()) {
    json::AppendNumber(out, answered.predictions.output(row));
  } else {
    out += json::Quote(answered.scorer.DecisionLabel(answered.predictions, row));
  }
}

template <typename F>
void AppendList(std::string& out, int64_t count, F append) {
  out += '[';
  for (int64_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    append(out, i);
  }
  out += ']';
}

template <typename F>
std::string ListOf(int64_t count, F append) {
  std::string out;
  AppendList(out, count, append);
  return out;
}

std::string DataOf(const Answered& answered, const OutputTensor& tensor) {
  const int64_t rows = answered.predictions.num_rows;
  if (tensor.name != "probabilities") {
    return ListOf(rows, [&](std::string& out, int64_t i) { AppendDecision(out, answered, i); });
  }
  return ListOf(rows * tensor.width, [&](std::string& out, int64_t i) {
    json::AppendNumber(
        out, ProbabilityOf(answered, i / tensor.width, static_cast<size_t>(i % tensor.width)));
  });
}

// The member with the fields that break a check, behind others; nothing where there is none.
std::string InvalidMember(const Answered& answered) {
  if (answered.invalid.empty()) return {};
  return Format(",\"invalid_fields\":{}", InvalidFieldsJson(answered.invalid));
}

// `more`: members behind those of every error.
std::string ErrorBody(std::string_view code, std::string_view message, std::string_view more) {
  json::Json details = json::Json::MakeArray();
  for (const std::string_view line : Split(message, '\n')) details.Append(line);
  return Format("{{\"error\":{{\"code\":{},\"message\":{},\"details\":{}{}}}}}", json::Quote(code),
                json::Write(details[size_t{0}]), json::Write(details), more);
}

}  // namespace

std::string NativeAnswer(const Answered& answered) {
  constexpr size_t kUsual = 512;  // of an answer for one row: no growth on the way
  std::string out;
  out.reserve(kUsual);
  out += "{\"request_id\":\"";
  out += answered.request_id;
  out += "\",\"model\":{\"digest\":\"";
  out += answered.route.digest;
  out += "\",\"route\":";
  out += json::Quote(answered.route.label);
  out += "},\"predictions\":";
  AppendList(out, answered.predictions.num_rows,
             [&](std::string& list, int64_t i) { AppendPrediction(list, answered, i); });
  if (!answered.warnings.empty()) {
    out += ",\"warnings\":";
    AppendList(out, static_cast<int64_t>(answered.warnings.size()),
               [&](std::string& list, int64_t i) {
                 list += json::Quote(answered.warnings[static_cast<size_t>(i)]);
               });
  }
  out += InvalidMember(answered);
  out += '}';
  return out;
}

std::string InvocationAnswer(const Answered& answered, bool probabilities) {
  return Format("{{\"predictions\":{}{}}}",
                ListOf(answered.predictions.num_rows,
                       [&](std::string& out, int64_t i) {
                         if (probabilities) {
                           AppendPrediction(out, answered, i);
                         } else {
                           AppendDecision(out, answered, i);
                         }
                       }),
                InvalidMember(answered));
}

std::vector<OutputTensor> OutputTensors(const bundle::Scorer& scorer) {
  if (scorer.class_labels().empty()) return {{"prediction", "FP64", 1}};
  return {{"label", "BYTES", 1},
          {"probabilities", "FP64", static_cast<int64_t>(scorer.class_labels().size())}};
}

double OutputValue(const Answered& answered, const OutputTensor& tensor, int64_t row,
                   int64_t index) {
  if (tensor.name == "probabilities") {
    return ProbabilityOf(answered, row, static_cast<size_t>(index));
  }
  return answered.predictions.output(row);
}

std::string PackOutput(const Answered& answered, const OutputTensor& tensor) {
  std::string out;
  for (int64_t row = 0; row < answered.predictions.num_rows; ++row) {
    if (tensor.datatype == "BYTES") {
      AppendPackedText(out, answered.scorer.DecisionLabel(answered.predictions, row));
      continue;
    }
    for (int64_t i = 0; i < tensor.width; ++i) {
      const double value = OutputValue(answered, tensor, row, i);
      out.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
  }
  return out;
}

Result<std::vector<OutputTensor>> OutputsOf(const bundle::Scorer& scorer,
                                            std::span<const WantedOutput> wanted) {
  std::vector<OutputTensor> tensors = OutputTensors(scorer);
  if (wanted.empty()) return tensors;
  for (const WantedOutput& output : wanted) {
    if (std::ranges::find(tensors, output.name, &OutputTensor::name) == tensors.end()) {
      return InvalidData(Format("outputs: no such output: {}", Ellipsize(output.name, 80)));
    }
  }
  std::erase_if(tensors, [&wanted](const OutputTensor& tensor) {
    return std::ranges::find(wanted, tensor.name, &WantedOutput::name) == wanted.end();
  });
  return tensors;
}

Result<TensorBody> TensorAnswer(const Answered& answered, std::string_view model,
                                const TensorRows& request) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<OutputTensor> tensors,
                            OutputsOf(answered.scorer, request.outputs));
  const auto is_binary = [&request](std::string_view name) {
    const auto wanted = std::ranges::find(request.outputs, name, &WantedOutput::name);
    return wanted == request.outputs.end() ? request.all_binary : wanted->binary;
  };
  std::string outputs;
  std::string binary;
  bool any_binary = false;
  for (const OutputTensor& tensor : tensors) {
    const std::string shape = tensor.width == 1
                                  ? Format("[{}]", answered.predictions.num_rows)
                                  : Format("[{},{}]", answered.predictions.num_rows, tensor.width);
    outputs += Format("{}{{\"name\":\"{}\",\"shape\":{},\"datatype\":\"{}\",",
                      outputs.empty() ? "" : ",", tensor.name, shape, tensor.datatype);
    if (is_binary(tensor.name)) {
      const std::string packed = PackOutput(answered, tensor);
      outputs += Format("\"parameters\":{{\"binary_data_size\":{}}}}}", packed.size());
      binary += packed;
      any_binary = true;
    } else {
      outputs += Format("\"data\":{}}}", DataOf(answered, tensor));
    }
  }
  TensorBody body;
  body.bytes = Format(
      "{{\"model_name\":{},\"model_version\":\"{}\",\"id\":{},\"parameters\":{{\"request_id\":"
      "\"{}\",\"route\":{}{}}},\"outputs\":[{}]}}",
      json::Quote(model), answered.route.digest, json::Quote(request.id), answered.request_id,
      json::Quote(answered.route.label),
      answered.invalid.empty()
          ? ""
          : Format(",\"invalid_fields\":{}", json::Quote(InvalidFieldsJson(answered.invalid))),
      outputs);
  if (any_binary) {
    body.json_length = static_cast<int64_t>(body.bytes.size());
    body.bytes += binary;
  }
  return body;
}

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  return {status, "application/json", ErrorBody(code, message, "")};
}

Response RefusedResponse(std::string_view message, std::span<const InvalidField> fields) {
  return {422, "application/json",
          ErrorBody("check_not_met", message, Format(",\"fields\":{}", InvalidFieldsJson(fields)))};
}

int StatusOf(const Status& status) {
  return status.code() == Code::kResourceExhausted ? 413 : HttpStatus(status.code());
}

Response ErrorOf(const Status& status) {
  return ErrorResponse(StatusOf(status), CodeName(status.code()), status.message());
}

}  // namespace millrace::serve
