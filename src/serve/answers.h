// Answers: predictions as the bodies of the formats that the service speaks.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bundle/scorer.h"
#include "serve/invalid_field.h"
#include "serve/message.h"
#include "serve/request_reader.h"
#include "serve/router.h"

namespace millrace::serve {

/// One scored request.
struct Answered {
  const bundle::Scorer& scorer;
  const bundle::Predictions& predictions;
  const Route& route;
  std::string_view request_id;
  std::span<const std::string> warnings;  // of the rows that were read
  std::span<const InvalidField> invalid;  // fields that break a check
};

/// {"request_id", "model": {"digest", "route"}, "predictions": [{"prediction", "probabilities"}],
/// "warnings": [line], "invalid_fields": [...]}; the last two are left out where there are none.
std::string NativeAnswer(const Answered& answered);
/// {"predictions": [...], "invalid_fields": [...]}: decisions or numbers; with `probabilities` the
/// objects of NativeAnswer. The second is left out where there are none.
std::string InvocationAnswer(const Answered& answered, bool probabilities);

/// One output tensor of the Open Inference Protocol.
struct OutputTensor {
  std::string_view name;      // "label" and "probabilities", or "prediction"
  std::string_view datatype;  // "BYTES", "FP64"
  int64_t width = 1;          // values a row
};
std::vector<OutputTensor> OutputTensors(const bundle::Scorer& scorer);
/// Returns value `index` of a row of an output of numbers.
double OutputValue(const Answered& answered, const OutputTensor& tensor, int64_t row,
                   int64_t index);
/// Returns the values of an output packed (packed_tensor.h): little endian, row by row.
std::string PackOutput(const Answered& answered, const OutputTensor& tensor);
/// Returns the outputs that are wanted; empty: all. kInvalidData naming one that there is not.
Result<std::vector<OutputTensor>> OutputsOf(const bundle::Scorer& scorer,
                                            std::span<const WantedOutput> wanted);
/// An answer to infer: JSON, and behind it the values of the outputs that are wanted in binary
/// form, one after the other.
struct TensorBody {
  std::string bytes;
  int64_t json_length = -1;  // -1: all of it is JSON
};
/// Invalid fields stand in `parameters`, as JSON in one text: the protocol takes scalars only.
/// kInvalidData naming an output that there is not.
Result<TensorBody> TensorAnswer(const Answered& answered, std::string_view model,
                                const TensorRows& request);

/// Returns {"error": {"code", "message", "details"}} with one detail a line of `message`.
Response ErrorResponse(int status, std::string_view code, std::string_view message);
/// Returns the same with status 422, code "check_not_met" and the fields as "fields".
Response RefusedResponse(std::string_view message, std::span<const InvalidField> fields);
/// Returns the answer to a failed Status in the native form.
Response ErrorOf(const Status& status);
/// Returns the HTTP status of a failure: as HttpStatus, and 413 for what is too large.
int StatusOf(const Status& status);

}  // namespace millrace::serve
