#include "data/quality/quality_checks.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "guide/guide.h"

namespace millrace::data {
namespace {

using report::Check;
using report::CheckState;
using report::DataTable;

// Copies matter from this share of the held-out rows on.
constexpr double kCopyShare = 0.01;
constexpr double kVisibleDifference = 0.52;  // AUC of telling the parts apart
constexpr double kDifferenceLevel = 2e-4;    // of a false alarm; outputs of folds vary a bit more
constexpr double kNoiseShare = 0.02;
constexpr double kRareShare = 0.05;
constexpr int64_t kRareRows = 50;

std::string Count(int64_t count) { return FormatCount(count); }
std::string Share(int64_t part, int64_t all) {
  return FormatShare(static_cast<double>(part), static_cast<double>(all));
}

Check Make(std::string id, std::string label, std::string evidence) {
  Check check;
  check.id = std::move(id);
  check.label = std::move(label);
  check.state = CheckState::kMet;
  check.evidence = std::move(evidence);
  return check;
}

Check NotMeasured(std::string id, std::string label, const Status& why) {
  Check check = Make(std::move(id), std::move(label), why.message());
  check.state = CheckState::kNotMeasured;
  return check;
}

void Warn(Check& check, std::string fix, std::string_view entry) {
  check.state = CheckState::kWarning;
  check.fix = Format("{} ({})", fix, guide::Cite(entry));
}

// A leak: a warning, or what stops the run.
void Leak(Check& check, spec::LeakPolicy policy, std::string fix, std::string_view entry) {
  Warn(check, std::move(fix), entry);
  if (policy != spec::LeakPolicy::kBlock) return;
  check.state = CheckState::kNotMet;
  check.blocks = true;
  check.source = "data.on_leak: block";
}

void SetInterval(Check& check, double value, double low, double high) {
  check.value = value;
  check.low = low;
  check.high = high;
}

void AddTable(DataTable table, QualityFindings& findings) {
  if (table.rows.empty()) return;
  if (table.rows.size() > kListedRows) table.rows.resize(kListedRows);
  table.folded = true;
  findings.tables.push_back(std::move(table));
}

std::string RowName(int64_t place) { return Format("{}", place + 1); }

std::string Named(const std::vector<std::string>& names, size_t most = 5) {
  std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(most, names.size())));
  std::string text = Join(shown, ", ");
  if (names.size() > most) text += Format(" and {} more", names.size() - most);
  return text;
}

}  // namespace

void AddColumnLeaks(const ColumnLeaks& leaks, spec::LeakPolicy policy,
                    const std::vector<std::string>& features, QualityFindings& findings) {
  const bool exclude = policy == spec::LeakPolicy::kExclude;
  // A target that is one column's function has no other feature: then it is only said.
  const bool some_left = leaks.telling.size() < features.size();
  for (const ColumnLeak& leak : leaks.telling) {
    const bool out = exclude && some_left;
    Check check = Make("data.leak." + leak.column, "leak: " + leak.column,
                       Format("{}; {}", leak.evidence,
                              out         ? "left out of the features"
                              : some_left ? "kept as a feature"
                                          : "kept: no other column is left"));
    SetInterval(check, leak.score.value, leak.score.low, leak.score.high);
    Leak(check, policy,
         "if it is known before the prediction is needed, set data.on_leak: warn; else list it "
         "under data.exclude",
         "leakage");
    findings.checks.push_back(std::move(check));
    if (out) findings.excluded.push_back({leak.column, "leak: " + leak.evidence});
  }
  for (const ColumnLeak& leak : leaks.partly) {
    Check check = Make("data.leak_value." + leak.column, "values that tell: " + leak.column,
                       leak.evidence + "; kept as a feature");
    check.value = leak.score.value;
    Warn(check, "list it under data.exclude unless such a value is known before the target",
         "leakage");
    findings.checks.push_back(std::move(check));
  }
  for (const ColumnLeak& leak : leaks.later) {
    Check check = Make("data.future." + leak.column, "later than its row: " + leak.column,
                       leak.evidence + "; kept as a feature");
    Leak(check, policy,
         "list it under data.not_at_prediction unless it is a plan that is known in time",
         "point-in-time");
    findings.checks.push_back(std::move(check));
  }
  if (leaks.telling.empty() && leaks.partly.empty() && leaks.later.empty()) {
    findings.checks.push_back(Make("data.leaks", "columns that tell the target",
                                   Format("none of {} does so alone", features.size())));
  }
}

void AddRowCopies(const RowCopies& copies, const std::vector<TextCopies>& texts,
                  spec::LeakPolicy policy, QualityFindings& findings) {
  const int64_t repeated = copies.num_exact + copies.num_near;
  std::string evidence =
      repeated == 0 ? Format("none of {} held-out rows is one of {} training rows again",
                             Count(copies.num_test), Count(copies.num_train))
                    : Format(
                          "{} of {} held-out rows ({}): {} exactly, {} up to one cell or the "
                          "fifth digit",
                          Count(repeated), Count(copies.num_test), Share(repeated, copies.num_test),
                          Count(copies.num_exact), Count(copies.num_near));
  if (copies.num_common > 0) {
    evidence += Format("; {} more are equal by values that often meet", Count(copies.num_common));
  }
  Check check = Make("data.copies_across_split", "copies across the split", std::move(evidence));
  check.value = static_cast<double>(repeated);
  check.unit = "rows";
  if (static_cast<double>(repeated) > kCopyShare * static_cast<double>(copies.num_test)) {
    Leak(check, policy,
         "name what the copies share under data.group, or drop them at the source; held-out "
         "figures flatter until then",
         "duplicates");
  }
  findings.checks.push_back(std::move(check));
  DataTable table;
  table.title = "Held-out rows that training rows repeat";
  table.columns = {"held-out row", "training row", "of"};
  table.numeric = {true, true, false};
  for (const RowPair& pair : copies.examples) {
    table.rows.push_back({RowName(pair.test), RowName(pair.train), "all columns"});
  }
  for (const TextCopies& text : texts) {
    Check near =
        Make("data.near_texts." + text.column, "near copies of texts: " + text.column,
             text.num_near == 0
                 ? Format("none of {} held-out texts", Count(text.num_test))
                 : Format("{} of {} held-out texts ({}) share {} of their word triples "
                          "with a training text",
                          Count(text.num_near), Count(text.num_test),
                          Share(text.num_near, text.num_test), FormatShare(kNearText, 1.0)));
    near.value = static_cast<double>(text.num_near);
    near.unit = "rows";
    if (static_cast<double>(text.num_near) > kCopyShare * static_cast<double>(text.num_test)) {
      Leak(near, policy, "drop copies at the source, or name what they share under data.group",
           "duplicates");
    }
    findings.checks.push_back(std::move(near));
    for (const RowPair& pair : text.examples) {
      table.rows.push_back({RowName(pair.test), RowName(pair.train), text.column});
    }
  }
  AddTable(std::move(table), findings);
}

void AddSplitDifference(const Result<SplitDifference>& difference, SplitBy split_by,
                        QualityFindings& findings) {
  const std::string id = "data.split_difference";
  const std::string label =
      split_by == SplitBy::kTime ? "drift to the held-out rows" : "parts told apart";
  if (!difference.ok()) {
    findings.checks.push_back(NotMeasured(id, label, difference.status()));
    return;
  }
  std::vector<std::string> names;
  for (const DifferingColumn& column : difference->columns) names.push_back(column.column);
  const metric::Interval& auc = difference->auc;
  Check check =
      Make(id, label,
           Format("a model tells them apart with auc {} [{}, {}] on {} rows{}",
                  FormatFixed(auc.value, 3), FormatFixed(auc.low, 3), FormatFixed(auc.high, 3),
                  Count(difference->num_train + difference->num_test),
                  names.empty() ? "; no column differs by itself"
                                : Format("; different by themselves: {}", Named(names))));
  SetInterval(check, auc.value, auc.low, auc.high);
  if (difference->p_value < kDifferenceLevel && auc.value >= kVisibleDifference) {
    if (split_by == SplitBy::kTime) {
      Warn(check, "later rows differ: expect the same in production, and watch these columns",
           "drift-kinds");
    } else {
      Warn(check, "a split by chance should not differ: look for groups or an order in the rows",
           "train-test-split");
    }
  }
  findings.checks.push_back(std::move(check));
  DataTable table;
  table.title = "Columns that differ between training and held-out rows";
  table.columns = {"column", "distance", "p-value"};
  table.numeric = {false, true, true};
  for (const DifferingColumn& column : difference->columns) {
    table.rows.push_back(
        {column.column, FormatFixed(column.distance, 3), FormatSignificant(column.p_value, 2)});
  }
  AddTable(std::move(table), findings);
}

namespace {

std::string Lost(const FoldComparison& comparison) {
  return Format("{} {} falls to {}: by {} [{}, {}], {} rows", comparison.metric,
                FormatFixed(comparison.together, 3), FormatFixed(comparison.apart, 3),
                FormatFixed(comparison.loss.value, 3), FormatFixed(comparison.loss.low, 3),
                FormatFixed(comparison.loss.high, 3), Count(comparison.num_rows));
}

}  // namespace

void AddGroupLeaks(const std::vector<FoldComparison>& comparisons, spec::LeakPolicy policy,
                   QualityFindings& findings) {
  std::vector<std::string> harmless;
  for (const FoldComparison& comparison : comparisons) {
    if (!Flatters(comparison)) {
      harmless.push_back(Format("{} ({} {} for {})", comparison.column, comparison.metric,
                                FormatFixed(comparison.apart, 3),
                                FormatFixed(comparison.together, 3)));
      continue;
    }
    Check check = Make("data.group_leak." + comparison.column,
                       "groups across the split: " + comparison.column,
                       Format("with each of {} groups on one side, {}",
                              Count(comparison.num_groups), Lost(comparison)));
    SetInterval(check, comparison.loss.value, comparison.loss.low, comparison.loss.high);
    Leak(check, policy,
         Format("set data.group: {} if new rows come from new groups", comparison.column),
         "group-split");
    findings.checks.push_back(std::move(check));
  }
  if (harmless.size() < comparisons.size()) return;
  findings.checks.push_back(
      Make("data.group_leak", "groups across the split",
           harmless.empty() ? "no column names groups of rows"
                            : "whole groups on one side change little: " + Join(harmless, ", ")));
}

void AddOrderLeak(const Result<FoldComparison>& comparison, spec::LeakPolicy policy,
                  QualityFindings& findings) {
  const std::string id = "data.order_leak";
  if (!comparison.ok()) {
    findings.checks.push_back(NotMeasured(id, "order across the split", comparison.status()));
    return;
  }
  const std::string by = comparison->column.empty() ? "the order of the rows" : comparison->column;
  Check check = Make(id, "order across the split",
                     Format("with stretches by {} on one side, {}", by, Lost(*comparison)));
  SetInterval(check, comparison->loss.value, comparison->loss.low, comparison->loss.high);
  if (comparison->sorted_by_target) {
    check.evidence = Format("the rows lie sorted by the target: {} says nothing more", by);
  } else if (Flatters(*comparison) && comparison->column.empty() && !PlaceTells(*comparison)) {
    check.evidence += "; the place itself tells nothing that the columns do not";
  } else if (Flatters(*comparison)) {
    const std::string fix =
        comparison->column.empty()
            ? std::string(
                  "neighbouring rows are alike: add the time or group of each row and name "
                  "it under data.time or data.group")
            : Format("set data.time: {}; the split then follows it", comparison->column);
    Leak(check, policy, fix, "time-split");
  }
  findings.checks.push_back(std::move(check));
}

void AddLabelNoise(const Result<LabelNoise>& noise, const std::vector<std::string>& labels,
                   QualityFindings& findings) {
  const std::string id = "data.label_noise";
  if (!noise.ok()) {
    findings.checks.push_back(NotMeasured(id, "labels that look wrong", noise.status()));
    return;
  }
  Check check = Make(id, "labels that look wrong",
                     Format("{} [{}, {}] of {} training rows: {} are disputed, {} where the model "
                            "is surest{}",
                            FormatShare(noise->estimate, 1.0), FormatShare(noise->low, 1.0),
                            FormatShare(noise->high, 1.0), Count(noise->num_rows),
                            FormatShare(noise->disputed, 1.0), FormatShare(noise->floor, 1.0),
                            noise->apart || noise->disputed < kNoiseShare
                                ? ""
                                : "; the classes overlap, so more cannot be told"));
  SetInterval(check, noise->estimate, noise->low, noise->high);
  check.unit = "share";
  if (noise->apart && noise->low > kNoiseShare) {
    Warn(check, "look at the rows listed first: millrace data quality", "label-noise");
  }
  findings.checks.push_back(std::move(check));
  DataTable table;
  table.title = "Labels that look wrong";
  table.columns = {"row", "given", "likely", "probability", "of given"};
  table.numeric = {true, false, false, true, true};
  for (const SuspectRow& row : noise->suspects) {
    table.rows.push_back({RowName(row.place), labels[static_cast<size_t>(row.given)],
                          labels[static_cast<size_t>(row.likely)], FormatFixed(row.probability, 3),
                          FormatFixed(row.given_probability, 3)});
  }
  AddTable(std::move(table), findings);
}

void AddClassBalance(const std::vector<std::string>& labels, const std::vector<int64_t>& class_rows,
                     QualityFindings& findings) {
  int64_t total = 0;
  for (const int64_t rows : class_rows) total += rows;
  const auto rarest = std::min_element(class_rows.begin(), class_rows.end());
  const std::string& name = labels[static_cast<size_t>(rarest - class_rows.begin())];
  Check check =
      Make("data.class_balance", "class balance",
           Format("the rarest of {} classes, {}, has {} of {} training rows ({})", labels.size(),
                  Ellipsize(name, 40), Count(*rarest), Count(total), Share(*rarest, total)));
  check.value = static_cast<double>(*rarest) / static_cast<double>(std::max<int64_t>(1, total));
  check.unit = "share";
  // In so many classes an even share is small by itself.
  const double even = 1.0 / static_cast<double>(labels.size());
  if (*check.value < std::min(kRareShare, even / 4.0) ||
      (*rarest < kRareRows && *check.value < even / 2.0)) {
    Warn(check,
         "judge by average precision and recall, not by accuracy; set problem.value, or gather "
         "more rows of it",
         "class-imbalance");
  }
  findings.checks.push_back(std::move(check));
}

void AddPlainColumns(const PlainColumns& plain, QualityFindings& findings) {
  std::vector<std::string> names;
  DataTable table;
  table.title = "Columns that add little";
  table.columns = {"column", "why", "what is done"};
  table.numeric = {false, false, false};
  for (const NearConstant& column : plain.near_constant) {
    names.push_back(column.column);
    table.rows.push_back({column.column,
                          Format("one value in {} of the rows", FormatShare(column.share, 1.0)),
                          "kept"});
  }
  Check constant = Make("data.near_constant", "nearly one value",
                        names.empty() ? "none" : Named(names) + "; kept as features");
  constant.value = static_cast<double>(names.size());
  constant.unit = "columns";
  findings.checks.push_back(std::move(constant));
  std::vector<std::string> copies;
  std::vector<std::string> alike;
  for (const RedundantPair& pair : plain.redundant) {
    const bool copy = pair.kind == Redundancy::kCopy;
    const std::string why =
        copy ? Format("equal to {} in every training row", pair.kept)
        : pair.kind == Redundancy::kRenamed
            ? Format("one value for each value of {}", pair.kept)
            : Format("on one line with {}: r {}", pair.kept, FormatFixed(pair.correlation, 4));
    (copy ? copies : alike).push_back(Format("{} ({})", pair.other, why));
    table.rows.push_back({pair.other, why, copy ? "left out of the features" : "kept"});
    // The column that it is a copy of stays, so that something is left.
    if (copy) findings.excluded.push_back({pair.other, "copy: " + why});
  }
  std::string evidence = "none";
  if (!copies.empty()) evidence = Named(copies, 3) + "; left out of the features";
  if (!alike.empty()) {
    evidence =
        Format("{}{}; kept as features", copies.empty() ? "" : evidence + "; ", Named(alike, 3));
  }
  Check redundant = Make("data.redundant_columns", "columns twice", std::move(evidence));
  redundant.value = static_cast<double>(plain.redundant.size());
  redundant.unit = "columns";
  if (!copies.empty()) {
    Warn(redundant, "drop one of each pair at the source", "feature-strategy");
  }
  findings.checks.push_back(std::move(redundant));
  AddTable(std::move(table), findings);
}

void AddPersonalData(const std::vector<PersonalColumn>& found,
                     const std::vector<std::string>& handled, QualityFindings& findings) {
  std::vector<std::string> open;
  std::vector<std::string> closed;
  DataTable table;
  table.title = "Cells that look like data about persons";
  table.columns = {"column", "kind", "cells", "share", "suggestion"};
  table.numeric = {false, false, true, true, false};
  for (const PersonalColumn& column : found) {
    const bool is_handled =
        std::find(handled.begin(), handled.end(), column.column) != handled.end();
    const std::string text =
        Format("{} ({} in {} of cells)", column.column, PersonalKindName(column.kind),
               Share(column.num_found, column.num_cells));
    (is_handled ? closed : open).push_back(text);
    table.rows.push_back({column.column, std::string(PersonalKindName(column.kind)),
                          Count(column.num_found), Share(column.num_found, column.num_cells),
                          is_handled     ? "no feature or sensitive already"
                          : column.whole ? "data.exclude"
                                         : "data.exclude, or mask it at the source"});
  }
  std::string evidence = "none found";
  if (!closed.empty()) evidence = "no feature, or sensitive: " + Named(closed, 4);
  if (!open.empty()) evidence = Named(open, 4);
  Check check = Make("data.privacy", "personal data", std::move(evidence));
  check.value = static_cast<double>(open.size());
  check.unit = "columns";
  if (!open.empty()) {
    Warn(check,
         "list such columns under data.exclude, or under data.sensitive where groups are compared "
         "by them",
         "sensitive-columns");
  }
  findings.checks.push_back(std::move(check));
  AddTable(std::move(table), findings);
}

void AddOutliers(const Outliers& outliers, const std::vector<OutlierTreatment>& policies,
                 QualityFindings& findings) {
  DataTable columns;
  columns.title = "Outliers by column";
  columns.columns = {"column",         "far out", "below", "above", "beyond 1.5 ranges",
                     "robust z > 3.5", "example", "row"};
  columns.numeric = {false, true, true, true, true, true, true, true};
  std::vector<std::string> names;
  int64_t far = 0;
  size_t num_clipped = 0;
  for (const ColumnOutliers& column : outliers.columns) {
    far += column.num_far;
    const bool clipped = std::ranges::any_of(policies, [&](const OutlierTreatment& policy) {
      return policy.column == column.column && policy.policy == spec::OutlierPolicy::kClip &&
             policy.left_because.empty();
    });
    num_clipped += clipped ? 1 : 0;
    names.push_back(
        Format("{} ({}{})", column.column, Count(column.num_far), clipped ? ", clipped" : ""));
    columns.rows.push_back(
        {column.column, Count(column.num_far), FormatSignificant(column.fences.low, 4),
         FormatSignificant(column.fences.high, 4), Count(column.num_inner),
         Count(column.num_robust_z), FormatSignificant(column.examples[0].value, 6),
         RowName(column.examples[0].place)});
  }
  Check values =
      Make("data.outliers", "far values",
           names.empty() ? "none far out"
                         : Format("{} far out in {}{}", Count(far), Named(names, 4),
                                  num_clipped == 0             ? "; kept as they are"
                                  : num_clipped < names.size() ? "; the others kept as they are"
                                                               : ""));
  values.value = static_cast<double>(far);
  values.unit = "values";
  if (far > 0 && num_clipped < names.size()) {
    Warn(values, "look for mixed units or typing errors in the rows listed", "outliers");
  }
  findings.checks.push_back(std::move(values));
  AddTable(std::move(columns), findings);
  const RowOutliers& rows = outliers.rows;
  if (rows.num_rows == 0) return;
  Check alone = Make("data.outlier_rows", "rows apart from the rest",
                     Format("{} of {} rows score above {} in an isolation forest, where {} would "
                            "be expected",
                            Count(rows.num_beyond), Count(rows.num_rows),
                            FormatFixed(rows.threshold, 3), FormatFigure(rows.expected)));
  alone.value = static_cast<double>(rows.num_beyond);
  alone.unit = "rows";
  findings.checks.push_back(std::move(alone));
  DataTable table;
  table.title = "Rows apart from the rest";
  table.columns = {"row", "score", "furthest column", "value"};
  table.numeric = {true, true, false, true};
  for (const OutlierRow& row : rows.rows) {
    table.rows.push_back({RowName(row.place), FormatFixed(row.score, 3), row.column,
                          FormatSignificant(row.value, 6)});
  }
  AddTable(std::move(table), findings);
}

}  // namespace millrace::data
