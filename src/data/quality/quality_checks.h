// QualityChecks: what the measurements of quality mean, as checks and tables of the report.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/quality/column_leaks.h"
#include "data/quality/fold_comparison.h"
#include "data/quality/label_noise.h"
#include "data/quality/outliers.h"
#include "data/quality/personal_data.h"
#include "data/quality/plain_columns.h"
#include "data/quality/quality.h"
#include "data/quality/row_copies.h"
#include "data/quality/split_difference.h"

namespace millrace::data {

/// Most rows of a table of findings.
inline constexpr size_t kListedRows = 1'000;

/// Adds the checks of one measurement to the findings. `policy` says whether a leak blocks.
void AddColumnLeaks(const ColumnLeaks& leaks, spec::LeakPolicy policy,
                    const std::vector<std::string>& features, QualityFindings& findings);
void AddRowCopies(const RowCopies& copies, const std::vector<TextCopies>& texts,
                  spec::LeakPolicy policy, QualityFindings& findings);
/// `by_time`: the split follows time, so a difference is drift and no fault of the split.
enum class SplitBy { kChance, kTime };
void AddSplitDifference(const Result<SplitDifference>& difference, SplitBy split_by,
                        QualityFindings& findings);
void AddGroupLeaks(const std::vector<FoldComparison>& comparisons, spec::LeakPolicy policy,
                   QualityFindings& findings);
void AddOrderLeak(const Result<FoldComparison>& comparison, spec::LeakPolicy policy,
                  QualityFindings& findings);
void AddLabelNoise(const Result<LabelNoise>& noise, const std::vector<std::string>& labels,
                   QualityFindings& findings);
/// `class_rows`: training rows of each class.
void AddClassBalance(const std::vector<std::string>& labels, const std::vector<int64_t>& class_rows,
                     QualityFindings& findings);
void AddPlainColumns(const PlainColumns& plain, QualityFindings& findings);
/// `handled`: columns that the specification leaves out or calls sensitive.
void AddPersonalData(const std::vector<PersonalColumn>& found,
                     const std::vector<std::string>& handled, QualityFindings& findings);
/// `policies`: what data.outliers does to columns.
void AddOutliers(const Outliers& outliers, const std::vector<OutlierTreatment>& policies,
                 QualityFindings& findings);

}  // namespace millrace::data
