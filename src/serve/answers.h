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
/// The answer to infer; `wanted` empty: all outputs. Invalid fields stand in `parameters`, as JSON
/// in one text: the protocol takes scalars only. kInvalidData naming an output that there is not.
Result<std::string> TensorAnswer(const Answered& answered, std::string_view model,
                                 std::string_view id, const std::vector<std::string>& wanted);

/// Returns {"error": {"code", "message", "details"}} with one detail a line of `message`.
Response ErrorResponse(int status, std::string_view code, std::string_view message);
/// Returns the same with status 422, code "check_not_met" and the fields as "fields".
Response RefusedResponse(std::string_view message, std::span<const InvalidField> fields);
/// Returns the answer to a failed Status in the native form.
Response ErrorOf(const Status& status);
/// Returns the HTTP status of a failure: as HttpStatus, and 413 for what is too large.
int StatusOf(const Status& status);

}  // namespace millrace::serve
