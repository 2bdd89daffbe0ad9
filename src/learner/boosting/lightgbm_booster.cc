#include "learner/boosting/lightgbm_booster.h"

#include <LightGBM/c_api.h>

#include "base/format.h"

namespace millrace::learner {

struct LightGbmBooster::Handles {
  DatasetHandle train = nullptr;
  DatasetHandle validation = nullptr;
  BoosterHandle booster = nullptr;

  ~Handles() {
    if (booster != nullptr) LGBM_BoosterFree(booster);
    if (validation != nullptr) LGBM_DatasetFree(validation);
    if (train != nullptr) LGBM_DatasetFree(train);
  }
};

namespace {

Status Check(int code) {
  if (code == 0) return {};
  return Internal(Format("boosting: {}", LGBM_GetLastError()));
}

Status MakeDataset(const LightGbmBooster::Rows& rows, DatasetHandle reference,
                   const std::string& parameters, DatasetHandle* dataset) {
  MILLRACE_RETURN_IF_ERROR(
      Check(LGBM_DatasetCreateFromMat(rows.features.values().data(), C_API_DTYPE_FLOAT32,
                                      static_cast<int32_t>(rows.features.num_rows()),
                                      static_cast<int32_t>(rows.features.num_columns()), 1,
                                      parameters.c_str(), reference, dataset)));
  return Check(LGBM_DatasetSetField(*dataset, "label", rows.labels.data(),
                                    static_cast<int>(rows.labels.size()), C_API_DTYPE_FLOAT32));
}

}  // namespace

LightGbmBooster::LightGbmBooster(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
LightGbmBooster::~LightGbmBooster() = default;
LightGbmBooster::LightGbmBooster(LightGbmBooster&&) noexcept = default;
LightGbmBooster& LightGbmBooster::operator=(LightGbmBooster&&) noexcept = default;

Result<LightGbmBooster> LightGbmBooster::Make(const Rows& train, const Rows* validation,
                                              const std::string& parameters) {
  auto handles = std::make_unique<Handles>();
  MILLRACE_RETURN_IF_ERROR(MakeDataset(train, nullptr, parameters, &handles->train));
  MILLRACE_RETURN_IF_ERROR(
      Check(LGBM_BoosterCreate(handles->train, parameters.c_str(), &handles->booster)));
  if (validation != nullptr) {
    MILLRACE_RETURN_IF_ERROR(
        MakeDataset(*validation, handles->train, parameters, &handles->validation));
    MILLRACE_RETURN_IF_ERROR(
        Check(LGBM_BoosterAddValidData(handles->booster, handles->validation)));
  }
  return LightGbmBooster(std::move(handles));
}

Result<bool> LightGbmBooster::Update() {
  int finished = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterUpdateOneIter(handles_->booster, &finished)));
  return finished == 0;
}

Result<double> LightGbmBooster::ValidationMetric() const {
  int count = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterGetEvalCounts(handles_->booster, &count)));
  std::vector<double> values(static_cast<size_t>(count));
  if (values.empty()) return Internal("boosting: no validation metric");
  int length = 0;
  MILLRACE_RETURN_IF_ERROR(
      Check(LGBM_BoosterGetEval(handles_->booster, 1, &length, values.data())));
  return values[0];
}

Result<std::string> LightGbmBooster::ModelText(int64_t rounds) const {
  std::string text(1 << 16, '\0');
  int64_t length = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterSaveModelToString(
        handles_->booster, 0, static_cast<int>(rounds), C_API_FEATURE_IMPORTANCE_SPLIT,
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
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterGetNumClasses(handles_->booster, &classes)));
  std::vector<double> scores(static_cast<size_t>(features.num_rows() * classes));
  int64_t length = 0;
  MILLRACE_RETURN_IF_ERROR(Check(LGBM_BoosterPredictForMat(
      handles_->booster, features.values().data(), C_API_DTYPE_FLOAT32,
      static_cast<int32_t>(features.num_rows()), static_cast<int32_t>(features.num_columns()), 1,
      C_API_PREDICT_RAW_SCORE, 0, static_cast<int>(rounds), "num_threads=1", &length,
      scores.data())));
  return scores;
}

}  // namespace millrace::learner
