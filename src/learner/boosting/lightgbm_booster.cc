#include "learner/boosting/lightgbm_booster.h"

#include <LightGBM/c_api.h>

#include "base/format.h"

namespace millrace::learner {

struct LightGbmData::Handle {
  DatasetHandle data = nullptr;

  ~Handle() {
    if (data != nullptr) LGBM_DatasetFree(data);
  }
};

struct LightGbmBooster::Handle {
  BoosterHandle booster = nullptr;

  ~Handle() {
    if (booster != nullptr) LGBM_BoosterFree(booster);
  }
};

namespace {

Status Check(int code) {
  if (code == 0) return {};
  return Internal(Format("boosting: {}", LGBM_GetLastError()));
}

}  // namespace

LightGbmData::LightGbmData(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
LightGbmData::~LightGbmData() = default;
LightGbmData::LightGbmData(LightGbmData&&) noexcept = default;
LightGbmData& LightGbmData::operator=(LightGbmData&&) noexcept = default;

Result<LightGbmData> LightGbmData::Make(const table::Matrix& features,
                                        std::span<const float> labels,
                                        const std::string& parameters) {
  auto handle = std::make_unique<Handle>();
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_DatasetCreateFromMat(
      features.values().data(), C_API_DTYPE_FLOAT32, static_cast<int32_t>(features.num_rows()),
      static_cast<int32_t>(features.num_columns()), 1, parameters.c_str(), nullptr,
      &handle->data)));
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_DatasetSetField(
      handle->data, "label", labels.data(), static_cast<int>(labels.size()), C_API_DTYPE_FLOAT32)));
  return LightGbmData(std::move(handle));
}

Result<LightGbmData> LightGbmData::Subset(std::span<const int64_t> rows,
                                          const std::string& parameters) const {
  const std::vector<int32_t> indexes(rows.begin(), rows.end());
  auto handle = std::make_unique<Handle>();
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_DatasetGetSubset(handle_->data, indexes.data(),
                                                       static_cast<int32_t>(indexes.size()),
                                                       parameters.c_str(), &handle->data)));
  return LightGbmData(std::move(handle));
}

LightGbmBooster::LightGbmBooster(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
LightGbmBooster::~LightGbmBooster() = default;
LightGbmBooster::LightGbmBooster(LightGbmBooster&&) noexcept = default;
LightGbmBooster& LightGbmBooster::operator=(LightGbmBooster&&) noexcept = default;

Result<LightGbmBooster> LightGbmBooster::Make(const LightGbmData& train,
                                              const LightGbmData* validation,
                                              const std::string& parameters) {
  auto handle = std::make_unique<Handle>();
  MILLRACE_RETURN_IF_ERROR(
      Check(LGBM_BoosterCreate(train.handle_->data, parameters.c_str(), &handle->booster)));
  if (validation != nullptr) {
    MILLRACE_RETURN_IF_ERROR(
        Check(LGBM_BoosterAddValidData(handle->booster, validation->handle_->data)));
  }
  return LightGbmBooster(std::move(handle));
}

Status LightGbmBooster::ValidationOutputs(std::vector<double>& outputs) const {
  int64_t length = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterGetNumPredict(handle_->booster, 1, &length)));
  outputs.resize(static_cast<size_t>(length));
  return Check(LGBM_BoosterGetPredict(handle_->booster, 1, &length, outputs.data()));
}

Result<bool> LightGbmBooster::Update() {
  int finished = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterUpdateOneIter(handle_->booster, &finished)));
  return finished == 0;
}

Result<double> LightGbmBooster::ValidationMetric() const {
  int count = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterGetEvalCounts(handle_->booster, &count)));
  std::vector<double> values(static_cast<size_t>(count));
  if (values.empty()) return Internal("boosting: no validation metric");
  int length = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterGetEval(handle_->booster, 1, &length, values.data())));
  return values[0];
}

Result<std::string> LightGbmBooster::ModelText(int64_t rounds) const {
  std::string text(1 << 16, '\0');
  int64_t length = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterSaveModelToString(
        handle_->booster, 0, static_cast<int>(rounds), C_API_FEATURE_IMPORTANCE_SPLIT,
        static_cast<int64_t>(text.size()), &length, text.data())));
    if (length <= static_cast<int64_t>(text.size())) break;
    text.resize(static_cast<size_t>(length));
  }
  text.resize(static_cast<size_t>(length > 0 ? length - 1 : 0));  // without the final zero byte
  return text;
}

Result<std::vector<double>> LightGbmBooster::RawScores(const table::Matrix& features,
                                                       int64_t rounds) const {
  int classes = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterGetNumClasses(handle_->booster, &classes)));
  std::vector<double> scores(static_cast<size_t>(features.num_rows() * classes));
  int64_t length = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterPredictForMat(
      handle_->booster, features.values().data(), C_API_DTYPE_FLOAT32,
      static_cast<int32_t>(features.num_rows()), static_cast<int32_t>(features.num_columns()), 1,
      C_API_PREDICT_RAW_SCORE, 0, static_cast<int>(rounds), "num_threads=1", &length,
      scores.data())));
  return scores;
}

}  // namespace millrace::learner
