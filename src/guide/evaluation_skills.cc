// Methods of phase 4: metrics, gates, fairness, errors.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "auc",
     .title = "Area under the ROC curve",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "AUC, ROC, ranking quality, discrimination",
     .text = "The chance that a random positive gets a higher score than a random negative: 0.5 "
             "is chance, 1 is perfect order. It does not depend on the threshold, nor on the "
             "share of positives, which makes it good for comparing models and blind to how the "
             "scores are used. With rare positives a fine AUC can hide that most alarms are "
             "false; look at precision and recall then. It says nothing about calibration: any "
             "monotone change of the scores leaves it the same.",
     .see = "average-precision threshold-choice calibration",
     .sources = "Hanley & McNeil 1982; Fawcett 2006, An Introduction to ROC Analysis"},
    {.id = "average-precision",
     .title = "Average precision",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "PR curve, precision recall, AUPRC, rare positives",
     .text = "The mean precision over all recall levels, a summary of the precision and recall "
             "curve. Chance is the share of positives, so 0.2 is excellent when one row in a "
             "thousand is positive and poor when one in four is. Prefer it to AUC where "
             "positives are rare and people act on the top of the list. It changes with the "
             "share of positives; two data sets with different shares cannot be compared by it. "
             "For a fixed workload, report precision among the first k instead.",
     .see = "auc class-imbalance threshold-choice",
     .sources = "Davis & Goadrich 2006; Saito & Rehmsmeier 2015"},
    {.id = "precision-recall",
     .title = "Precision, recall and F1",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "sensitivity, false alarms, hit rate, confusion matrix",
     .text = "Recall is the share of true positives that are found, precision the share of "
             "alarms that are right. A lower threshold raises the first and usually lowers the "
             "second; where to stand is a question of cost, not of statistics. F1, their "
             "harmonic mean, treats both errors alike and ignores true negatives: handy as one "
             "figure, seldom what the business pays for. Always give the pair with the threshold "
             "and the counts of the confusion matrix, with intervals.",
     .see = "threshold-choice cost-sensitive-decisions average-precision",
     .sources = "van Rijsbergen 1979; Powers 2011"},
    {.id = "threshold-choice",
     .title = "Choosing the threshold",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "cutoff, operating point, decision rule",
     .text = "A probability becomes a decision at a threshold, and 0.5 is right only when both "
             "errors cost the same. With costs c for a false alarm and m for a miss, the best "
             "point for calibrated probabilities is c / (c + m). With a limited team, take the "
             "score of the last case they can handle. With a required recall, take the highest "
             "threshold that still reaches it on out-of-fold rows. Never choose it on test rows. "
             "Recheck when the share of positives changes.",
     .see = "cost-sensitive-decisions precision-recall calibration",
     .sources = "Elkan 2001, The Foundations of Cost-Sensitive Learning; Lipton et al. 2014"},
    {.id = "cost-sensitive-decisions",
     .title = "Costs and benefits of decisions",
     .category = Category::kSkill,
     .phases = "1 4",
     .tags = "business value, utility, profit, expected value",
     .text = "Give each of the four outcomes a value: found positive, false alarm, missed "
             "positive, rightly left alone. The sum over rows is the worth of a model at a "
             "threshold, in money, and the curve over thresholds is the picture that decision "
             "makers understand. The two simple policies, all and nobody, belong on the same "
             "chart: a model that does not beat both is not worth running. Values are rough; "
             "vary them by half and look whether the decision stays.",
     .see = "threshold-choice success-criteria decision-value-example",
     .sources = "Elkan 2001; Vickers & Elkin 2006, Decision Curve Analysis; Provost & Fawcett "
                "2013"},
    {.id = "calibration",
     .title = "Calibration",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "reliability, probabilities, Platt, isotonic, Brier score",
     .text = "Scores are calibrated when, of the rows that get 0.3, three in ten are positive. "
             "Needed as soon as a probability enters a calculation or is shown to a person. Draw "
             "the curve of mean score against observed share in equal groups; repair it on rows "
             "that took no part in training: a logistic curve for few rows, isotonic steps for "
             "many. Boosted trees with early stopping are often fine, resampled or weighted ones "
             "never. Shifts in the share of positives break it; watch it in production.",
     .see = "auc threshold-choice log-loss",
     .sources = "Niculescu-Mizil & Caruana 2005; Zadrozny & Elkan 2002; Guo et al. 2017"},
    {.id = "log-loss",
     .title = "Log loss and Brier score",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "proper scoring rule, cross entropy, probability error",
     .text = "Both judge the probabilities themselves and are best, on average, when the model "
             "states the truth: proper scores. Log loss punishes confident errors without limit; "
             "one row with probability zero for what happened ruins it. The Brier score is a "
             "squared error, bounded and easier to explain. Compare with the score of always "
             "stating the share of positives, otherwise the figure means little. Use one of them "
             "to tune when probabilities matter, and AUC when only the order does.",
     .see = "calibration auc multiclass-metrics",
     .sources = "Brier 1950; Gneiting & Raftery 2007"},
    {.id = "regression-metrics",
     .title = "Errors of numeric predictions",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "RMSE, MAE, R2, MAPE, quantile",
     .text = "RMSE weighs large errors heavily and leads to predicting means; MAE leads to "
             "medians and shrugs off outliers. Both are in the unit of the target, so ask "
             "whether that error is acceptable to whoever pays for it. R2 is the share of "
             "variance explained, easy to compare and easily flattered by a wide range of "
             "targets. Percentage errors explode near zero and favour low guesses. Plot errors "
             "against predictions: funnels, bends and stripes tell more than any single figure.",
     .see = "outliers log-transform error-analysis",
     .sources = "Hyndman & Koehler 2006; Willmott & Matsuura 2005; Gneiting 2011"},
    {.id = "multiclass-metrics",
     .title = "Metrics for many classes",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "macro F1, balanced accuracy, confusion matrix, top k",
     .text = "Accuracy counts rows, so large classes rule it; macro averages count classes, so a "
             "class with five rows weighs as much as one with five thousand and brings its noise "
             "along. State both. The confusion matrix with shares by row shows which pairs are "
             "mixed up, and often these are pairs that people mix up too. Log loss judges the "
             "probabilities. If classes have an order, count how far off an error is; if a "
             "person picks from a short list, use the share within the first three.",
     .see = "log-loss precision-recall class-imbalance",
     .sources = "Sokolova & Lapalme 2009; Grandini et al. 2020"},
    {.id = "confidence-intervals",
     .title = "Confidence intervals on metrics",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "bootstrap, uncertainty, error bars, significance",
     .text = "A figure on n test rows would differ on other n rows; the interval says by how "
             "much. Resample the rows with replacement a few hundred times, recompute the "
             "metric, take the 2.5th and 97.5th percentile. Resample whole groups where rows "
             "depend on each other. To compare two models, resample the difference on the same "
             "rows: it is far more precise than two separate intervals that overlap. A gate met "
             "by the value but not by the lower end is met by luck; say so.",
     .see = "gates sample-size leaderboard-reading",
     .sources = "Efron & Tibshirani 1993, chapter 13; Dietterich 1998; Bouthillier et al. 2021"},
    {.id = "gates",
     .title = "Gates that can fail",
     .category = Category::kSkill,
     .phases = "4 5",
     .tags = "requirements, release criteria, acceptance test, quality gate",
     .text = "A gate is a metric, a bound and a consequence: not met, not deployed. Bounds come "
             "from the need and from what is reached today, before the test result is known. "
             "Compare the measured value on held-out rows, show its interval, and keep the "
             "record of what failed. Few and sharp beats many: one for quality, one for latency "
             "or size, one for each group gap that someone answers for. Changing a bound is fine "
             "if it leaves a trace with a name and a reason.",
     .see = "success-criteria confidence-intervals fairness-metrics",
     .sources = "Breck et al. 2017, The ML Test Score; Humble & Farley 2010, Continuous Delivery"},
    {.id = "fairness-metrics",
     .title = "Fairness between groups",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "bias, equalized odds, demographic parity, equal opportunity",
     .text = "Three questions, three families. Are decisions spread alike (demographic parity)? "
             "Are errors spread alike, given the truth (equal opportunity, equalized odds)? Do "
             "scores mean the same in each group (calibration)? When base rates differ, they "
             "cannot all hold, so choose by the harm: missed help points to recall per group, "
             "wrongful suspicion to false alarms per group. Give counts and intervals; small "
             "groups swing widely. A gap is a finding to explain, and the label itself may carry "
             "it.",
     .see = "bias-mitigation sensitive-columns bias-in-labels-example",
     .sources = "Hardt, Price & Srebro 2016; Kleinberg et al. 2016; Chouldechova 2017; Barocas, "
                "Hardt & Narayanan 2023"},
    {.id = "bias-mitigation",
     .title = "Reducing unfair gaps",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "debias, reweighing, group thresholds, mitigation",
     .text = "Find the cause first: fewer rows of a group, worse features for it, or a label "
             "that was biased when recorded. More and better data of that group helps accuracy "
             "and fairness together; nothing else does. Otherwise weigh rows so that group and "
             "label become independent, add a constraint to training, or set thresholds by "
             "group, which is the strongest and in some places forbidden by law. Report what "
             "each way costs in accuracy, and let an accountable person choose.",
     .see = "fairness-metrics sensitive-columns fairness-reviewer",
     .sources = "Kamiran & Calders 2012; Agarwal et al. 2018; Hardt, Price & Srebro 2016"},
    {.id = "sensitive-columns",
     .title = "Sensitive columns",
     .category = Category::kSkill,
     .phases = "1 4",
     .tags = "protected attributes, gender, race, age, proxies",
     .text = "Gender, origin, age, disability, faith and the like must be known to measure "
             "fairness, whether or not the model may use them. Leaving such a column out does "
             "not make a model fair: postcode and first name carry it along. Mark it as "
             "sensitive, compare results by its groups, keep access narrow, and store no more "
             "than needed. Whether it may be a feature is a question of law and purpose: in "
             "medicine sex is often essential, in credit it is mostly prohibited.",
     .see = "fairness-metrics bias-mitigation model-card",
     .sources = "Barocas & Selbst 2016; Dwork et al. 2012, Fairness through Awareness"},
    {.id = "slices",
     .title = "Weak slices",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "subgroups, segments, slice discovery, worst case",
     .text = "A good average hides parts where the model fails: new customers, one region, rows "
             "with a gap. Search simple conditions, one or two columns, for parts that are large "
             "enough and clearly worse than the rest. Testing many slices finds bad ones by "
             "chance, so shrink by size, correct for the number of tests, and confirm on other "
             "rows. For each real one decide: more data, a feature, a fallback rule, or a "
             "warning in the card.",
     .see = "error-analysis confidence-intervals edge-cases",
     .sources = "Chung et al. 2019, Slice Finder; Sagadeeva & Boehm 2021, SliceLine"},
    {.id = "error-analysis",
     .title = "Error analysis",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "residuals, worst errors, misclassified rows, debugging",
     .text = "Sort the held-out rows by loss and read the worst fifty. Group them: wrong label, "
             "missing knowledge, rare case, broken input. The counts say what to do next, better "
             "than another round of tuning. Then look at high-confidence errors, and at where "
             "the error differs between training and test. Keep notes with row keys, so that the "
             "next version can be checked against the same cases. An hour of reading rows "
             "routinely finds what a week of search does not.",
     .see = "slices label-noise permutation-importance",
     .sources = "Ng 2018, Machine Learning Yearning, chapters 14 to 19; Sculley et al. 2015"},
    {.id = "edge-cases",
     .title = "Edge cases",
     .category = Category::kSkill,
     .phases = "4 5",
     .tags = "robustness, stress test, behavioural tests, invariance",
     .text = "Feed the model what production will: every column missing, values beyond the "
             "training range, unseen categories, empty texts, dates in the future, a column "
             "swapped with its neighbour. It must answer with a finite number or refuse clearly, "
             "never crash. Then behaviour: an irrelevant change leaves the answer alone, a "
             "change with a known direction moves it that way. Write such cases as tests that "
             "each version must pass, and add one for each incident.",
     .see = "schema-checks slices incident-response",
     .sources = "Ribeiro et al. 2020, CheckList; Breck et al. 2017"},
    {.id = "permutation-importance",
     .title = "What a model relies on",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "feature importance, permutation, SHAP, explanation",
     .text = "Shuffle one column of held-out rows and see how much the score falls: that is how "
             "much the model relies on it. Columns that carry the same signal share or hide "
             "their importance, so shuffle them as a group too. Contributions per row (Shapley "
             "values) add up to the single answer and suit letters of reason. None of these says "
             "what would happen if the value were changed in the world; that is a causal "
             "question. A surprising winner is a leak until shown otherwise.",
     .see = "leakage error-analysis model-card",
     .sources = "Breiman 2001; Lundberg & Lee 2017; Hooker, Mentch & Zhou 2021"},
    {.id = "leaderboard-reading",
     .title = "Reading a leaderboard",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "model comparison, selection, winner's curse",
     .text = "The first place of many is partly luck: the more candidates, the more the best "
             "held-out score flatters. Look at intervals of differences, not at the third "
             "decimal, and take the simplest model within the noise of the best. Check that all "
             "were judged on the same rows and folds. Size, latency and stability between folds "
             "are columns of the board as well. The test set confirms the chosen one once; it "
             "does not choose among the top five.",
     .see = "confidence-intervals model-size tuning",
     .sources = "Cawley & Talbot 2010, On Over-fitting in Model Selection; Breiman et al. 1984"},
    {.id = "model-card",
     .title = "Model cards",
     .category = Category::kSkill,
     .phases = "4",
     .tags = "documentation, intended use, limits, transparency",
     .text = "One page that lets a stranger decide whether to use the model: purpose and limits, "
             "data and its period, figures with intervals, overall and by group, known weak "
             "spots, how it was chosen, who answers for it. Everything that can be measured is "
             "filled in by the run; what a person must judge is marked as open until someone "
             "does. Write limits as facts (\"not tested on customers under 21\"), not as general "
             "caution. A card that praises is not read twice.",
     .see = "fairness-metrics slices risk-register",
     .sources = "Mitchell et al. 2019, Model Cards for Model Reporting; EU AI Act 2024, annex IV"},
};

}  // namespace

std::span<const Entry> EvaluationSkills() { return kEntries; }

}  // namespace millrace::guide
