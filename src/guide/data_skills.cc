// Methods of phase 2: rows, columns, splits.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "missing-values",
     .title = "Missing values",
     .category = Category::kSkill,
     .phases = "2 3",
     .tags = "null, empty, imputation, NaN, gaps",
     .text = "First ask why a value is absent. At random, a plain fill costs little; when the "
             "gap itself tells something (no income given), keep a column that says so. Trees "
             "take gaps as they are and often learn from them; linear models need a fill, learnt "
             "on training rows only. Words such as NA, ?, -999 must be declared, or they become "
             "values. A share of missing that changes over time is the most frequent kind of "
             "drift: watch it per column.",
     .see = "missing-not-at-random outliers schema-checks",
     .sources = "Rubin 1976, Inference and Missing Data; Josse et al. 2019; van Buuren 2018, "
                "Flexible Imputation"},
    {.id = "missing-not-at-random",
     .title = "Missing not at random",
     .category = Category::kSkill,
     .phases = "2 4",
     .tags = "MNAR, informative gap, survey",
     .text = "When the chance of a gap depends on the value behind it, no fill from other rows "
             "is right: the unhappy skip the survey, the rich skip the income field. Inside a "
             "model the indicator of the gap carries the signal, and that is fine as long as the "
             "habit stays. It is fragile: a redesigned form that makes the field required "
             "removes the signal overnight. Compare the target's rate with and without the "
             "value; a clear difference is worth a note in the card.",
     .see = "missing-values drift-kinds feature-freshness",
     .sources = "Rubin 1976; Little & Rubin 2019, Statistical Analysis with Missing Data"},
    {.id = "outliers",
     .title = "Outliers",
     .category = Category::kSkill,
     .phases = "2 3",
     .tags = "extreme values, unit errors, winsorise, robust",
     .text = "Separate errors from rare truths. A price a hundred times too high is a unit "
             "mix-up and belongs to the source; the largest customer is real and matters most. "
             "Trees are hardly moved by extreme inputs, squared error is moved by extreme "
             "targets, linear models by both. Cap at a training quantile, take logarithms or use "
             "a robust loss, and say which. Never drop rows of the test set because they fit "
             "badly: production will not drop them either.",
     .see = "regression-metrics log-transform schema-checks",
     .sources = "Huber & Ronchetti 2009, Robust Statistics; Tukey 1977, Exploratory Data "
                "Analysis"},
    {.id = "duplicates",
     .title = "Duplicate rows",
     .category = Category::kSkill,
     .phases = "2",
     .tags = "copies, deduplication, repeated records",
     .text = "Equal rows arise from joins, retries and real repetition. The harm is in the "
             "split: a copy in training and its twin in test make memory look like skill. Keep "
             "all copies of a row, and all rows of one entity, on one side. Remove copies only "
             "when you know that they are no events of their own: two equal purchases on one day "
             "may both be true. A sudden rise of duplicates in new data is usually a broken "
             "export.",
     .see = "group-split leakage data-versioning",
     .sources = "Barz & Denzler 2020, Do We Train on Test Data?"},
    {.id = "leakage",
     .title = "Target leakage",
     .category = Category::kSkill,
     .phases = "1 2 4",
     .tags = "leak, too good to be true, future information",
     .text = "A feature leaks when it is known only because the outcome is known: a closing "
             "reason, a final invoice, a claim number. Signs are one column that explains nearly "
             "all, a score far above what experts expect, and a fall in production. Ask of each "
             "strong column: could it be filled at the moment of prediction? Derived sums leak "
             "too, such as parts that add up to the target. Leave the column out, or rebuild it "
             "as it stood at that moment.",
     .see = "point-in-time duplicates leaking-column-example",
     .sources = "Kaufman et al. 2012, Leakage in Data Mining; Kapoor & Narayanan 2023"},
    {.id = "train-test-split",
     .title = "Splitting the rows",
     .category = Category::kSkill,
     .phases = "2",
     .tags = "hold-out, train test split, validation",
     .text = "The test set answers one question once: how well will this do on rows like those "
             "to come? So it must differ from training as the future will differ from the past. "
             "Rows that are exchangeable are split at random within classes; rows in time by "
             "time; rows of one person by person. Choices such as tuning, thresholds and "
             "features are made on training and validation rows. Assign a row by a hash of its "
             "key, so that new rows never move old ones.",
     .see = "time-split group-split stratified-split",
     .sources = "Hastie et al. 2009, section 7.10; Google, Rules of Machine Learning, rule 33"},
    {.id = "stratified-split",
     .title = "Stratified split",
     .category = Category::kSkill,
     .phases = "2",
     .tags = "class shares, strata, balanced split",
     .text = "A stratified split keeps each class (or each tenth of a numeric target) at the "
             "same share in training and test. It costs nothing and removes a source of chance: "
             "with 50 positives among 1,000 rows, a random fifth holds anywhere from four to "
             "sixteen of them. It does not help when rows depend on each other; groups and time "
             "come first, and within them the balance is only approximate. Report the remaining "
             "difference instead of hiding it.",
     .see = "train-test-split class-imbalance group-split",
     .sources = "Kohavi 1995, A Study of Cross-Validation and Bootstrap"},
    {.id = "time-split",
     .title = "Split by time",
     .category = Category::kSkill,
     .phases = "2 4",
     .tags = "temporal hold-out, backtest, out of time",
     .text = "Where rows carry a date and production means later rows, hold out the latest ones. "
             "A random split would let the model interpolate between neighbours in time and "
             "report a score it never reaches. Leave a gap as long as the label's horizon, so "
             "that no training label overlaps the test period. Expect a lower and truer figure. "
             "If the difference to a random split is large, the world moves: plan to retrain "
             "often, and watch drift from the first day.",
     .see = "train-test-split label-delay drift-kinds",
     .sources = "Bergmeir & Benitez 2012; Tashman 2000, Out-of-sample tests of forecasting "
                "accuracy"},
    {.id = "group-split",
     .title = "Split by group",
     .category = Category::kSkill,
     .phases = "2 4",
     .tags = "entity, household, patient, user, grouped cross-validation",
     .text = "Several rows of one patient, household or machine resemble each other beyond what "
             "the features say. If they fall on both sides of the split, the model recognises "
             "the person and the test measures memory. Keep whole groups together whenever the "
             "model is meant for new ones. If production will mostly see known groups, a split "
             "by time within groups is the honest mirror instead. The number of groups, not of "
             "rows, then decides how wide the intervals are.",
     .see = "train-test-split duplicates confidence-intervals",
     .sources = "Roberts et al. 2017, Cross-validation strategies for data with structure"},
    {.id = "data-versioning",
     .title = "Versioning data",
     .category = Category::kSkill,
     .phases = "2 6",
     .tags = "digest, snapshot, lineage, reproducibility",
     .text = "A model without the exact rows that made it cannot be explained or repeated. Give "
             "each set of rows a name that follows from its content, a digest over schema and "
             "values, so that a renamed or copied file keeps its version and one changed cell "
             "makes a new one. Store what was kept, what was set aside and why. Compare versions "
             "by counts, shares and distributions before training on a new one; most bad models "
             "begin with a quiet change of the data.",
     .see = "reproducibility data-diff-guide schema-checks",
     .sources = "Gebru et al. 2021; Vartak et al. 2016, ModelDB"},
    {.id = "schema-checks",
     .title = "Schema and quality checks",
     .category = Category::kSkill,
     .phases = "2 6",
     .tags = "validation, expectations, data tests, constraints",
     .text = "State what must hold: types, ranges, allowed values, the share that may be "
             "missing, relations between columns. Split the rules by consequence: some stop the "
             "run, others only warn. Set bounds from what is possible, not from the last file's "
             "minimum and maximum, or each new extreme raises an alarm. Bad rows are set aside "
             "with file, line and reason, counted and shown; a rule that silently drops rows "
             "biases the model and hides the source's fault.",
     .see = "quarantine data-contracts missing-values",
     .sources = "Breck et al. 2019, Data Validation for Machine Learning; Schelter et al. 2018, "
                "Automating Large-Scale Data Quality Verification"},
    {.id = "quarantine",
     .title = "Quarantine of bad rows",
     .category = Category::kSkill,
     .phases = "2",
     .tags = "rejected rows, bad records, dead letter",
     .text = "Rows that cannot be read or used go into quarantine with file, line, column, value "
             "and the rule that they broke. Nothing is lost, the count is a check of its own, "
             "and the owner of the source gets something to act on. Look at whether the rows set "
             "aside resemble the rest: if they come from one branch or one month, the model will "
             "be blind there. After a fix at the source, run again; the rows return with a new "
             "data version.",
     .see = "schema-checks data-versioning data-steward",
     .sources = "Breck et al. 2019; Schelter et al. 2018"},
    {.id = "high-cardinality",
     .title = "Categories with many values",
     .category = Category::kSkill,
     .phases = "2 3",
     .tags = "cardinality, rare levels, encoding, postcode",
     .text = "A column with thousands of values (postcode, product) holds signal, but most "
             "values have few rows. Keep the frequent ones, let the rest share one level, and "
             "add how frequent the value is. Mean target per value is powerful and treacherous: "
             "it must be computed out of fold with a pull toward the overall mean, else it leaks "
             "the label. New values will come; the model must have an answer for them. Ask "
             "whether the value stands for something measurable, such as distance or price.",
     .see = "target-encoding regularisation leakage",
     .sources = "Micci-Barreca 2001; Pargent et al. 2022, Regularized target encoding"},
    {.id = "point-in-time",
     .title = "Point-in-time correctness",
     .category = Category::kSkill,
     .phases = "2 3",
     .tags = "as of, time travel, feature store, backfill",
     .text = "Each training row must hold what was known at its moment, not what is known today. "
             "Joins to tables that are updated in place break this silently: the customer's "
             "current address, the corrected amount, the count over all time. Keep history with "
             "valid-from dates and join to the last state before the row's moment. Test it: "
             "rebuild last month's features from today's tables and compare them with what was "
             "served then. Differences are leaks or train and serve skew.",
     .see = "leakage train-serve-skew feature-strategy",
     .sources = "Kaufman et al. 2012; Sculley et al. 2015, Hidden Technical Debt"},
    {.id = "dates",
     .title = "Dates and times as features",
     .category = Category::kSkill,
     .phases = "2 3",
     .tags = "calendar, weekday, season, cyclic, elapsed",
     .text = "A date is no number to learn from as it stands. Its parts carry habit: hour, "
             "weekday, month, holiday. Its distance to another moment carries age: days since "
             "sign-up, since the last order. Trees take parts as they are; linear models like "
             "them as categories or on a circle. Days since a fixed origin let a model follow a "
             "trend, yet it cannot go beyond the last day it saw. Fix the time zone once, at "
             "reading.",
     .see = "time-split feature-strategy drift-kinds",
     .sources = "Kuhn & Johnson 2019, chapter on numeric and date predictors"},
};

}  // namespace

std::span<const Entry> DataSkills() { return kEntries; }

}  // namespace millrace::guide
