// Cases worked through with figures.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "churn-example",
     .title = "Worked example: customer churn",
     .category = Category::kExample,
     .phases = "1 2 3 4 5 6",
     .tags = "telecommunications, telco, retention, made-up data",
     .text = "`millrace example churn churn` writes twelve months of made-up customers. Train on "
             "`customers.csv`, months 1 to 8. The sentence \"predict which customers will "
             "churn\" is enough: the id and the month are recognised, the closing reason is left "
             "out as a leak, and a gate below what a probe reaches is proposed. Expect an AUC "
             "near 0.84 without the leak and near 1 with it. Score month 9 and later to see "
             "drift: more monthly contracts, a new value of internet service, more data used.",
     .see = "leaking-column-example drift-example first-project",
     .sources = ""},
    {.id = "leaking-column-example",
     .title = "Worked example: a leaking column",
     .category = Category::kExample,
     .phases = "2 4",
     .tags = "leak, closing reason, AUC 1.0",
     .text = "In the churn example the column `account_closed_reason` is filled exactly where "
             "the target is Yes. A model with it reaches an AUC of 1.0 and is worthless, because "
             "at the moment of prediction nobody has closed the account. The probe finds it: "
             "this one column explains all of the target, above the bound of 98 %. Left out, the "
             "AUC is 0.84. The lesson is to distrust the best column first. If you think it is "
             "known in time, show a row from before the outcome that has it.",
     .see = "leakage churn-example permutation-importance",
     .sources = ""},
    {.id = "threshold-example",
     .title = "Worked example: a threshold from costs",
     .category = Category::kExample,
     .phases = "3 4",
     .tags = "cutoff, cost, call centre",
     .text = "A call costs 5, a lost customer 100, and a call keeps a leaver in three of ten "
             "cases, so reaching one is worth 30. Calling pays when p * 30 > 5, that is from p = "
             "0.17 on, far below 0.5. With 1,000 customers, 250 leavers and a model that at this "
             "threshold finds 200 of them with 300 false alarms, the calls cost 2,500 and bring "
             "6,000. Calling everybody costs 5,000 and brings 7,500: less profit, 2,500 against "
             "3,500.",
     .see = "threshold-choice cost-sensitive-decisions calibration",
     .sources = ""},
    {.id = "decision-value-example",
     .title = "Worked example: value per decision",
     .category = Category::kExample,
     .phases = "1 4",
     .tags = "business value, profit, problem.value",
     .text = "In `millrace.yaml`, `problem.value` gives each decision a worth: a found churner "
             "100, a false alarm -10, a missed churner -300, a rightly left customer 0. Suppose "
             "1,000 rows with 200 churners. At one threshold 150 are found with 200 false "
             "alarms: 15,000 - 2,000 - 15,000 = -2,000. At a lower one 180 with 400: 18,000 - "
             "4,000 - 6,000 = 8,000. The lower one is worth 10,000 more, although its precision "
             "falls from 43 % to 31 %.",
     .see = "cost-sensitive-decisions threshold-choice success-criteria",
     .sources = ""},
    {.id = "small-test-example",
     .title = "Worked example: how sure is a recall",
     .category = Category::kExample,
     .phases = "4",
     .tags = "confidence interval, binomial, sample size",
     .text = "A test set holds 1,409 rows, 373 of them positive; the model finds 277, a recall "
             "of 0.743. The standard error is the root of 0.743 * 0.257 / 373 = 0.0226, so the "
             "interval reaches from 0.70 to 0.79. A gate of 0.70 is met by the value, and the "
             "lower end touches the bound. For half the width four times the positives are "
             "needed, 1,492. That is why a third decimal on such a set means nothing.",
     .see = "confidence-intervals sample-size gates",
     .sources = ""},
    {.id = "imbalance-example",
     .title = "Worked example: one fraud in a thousand",
     .category = Category::kExample,
     .phases = "3 4",
     .tags = "rare class, precision, base rate, fraud",
     .text = "A million payments, 1,000 frauds. A model with recall 0.8 and a false alarm rate "
             "of 1 % sounds fine. It finds 800 frauds and raises 9,990 false alarms: precision "
             "7.4 %, thirteen alarms for one fraud. At a rate of 0.1 % there are 999 false "
             "alarms; with a recall of 0.6 the precision is 38 %. AUC hardly moves between the "
             "two, average precision does. State the team's capacity first, then read the recall "
             "at that many alarms.",
     .see = "class-imbalance average-precision precision-recall",
     .sources = ""},
    {.id = "simpson-example",
     .title = "Worked example: an average that misleads",
     .category = Category::kExample,
     .phases = "4",
     .tags = "Simpson's paradox, subgroups, slices",
     .text = "Model A is right in 90 of 100 easy cases and 270 of 900 hard ones: 36 %. Model B "
             "is right in 765 of 900 easy and 25 of 100 hard cases: 79 %. B looks far better, "
             "yet A is better on the easy cases (90 % against 85 %) and on the hard ones (30 % "
             "against 25 %). They were judged on different mixtures. Compare models on the same "
             "rows, or within slices, and ask which mixture production will send.",
     .see = "slices confidence-intervals leaderboard-reading",
     .sources = ""},
    {.id = "bias-in-labels-example",
     .title = "Worked example: bias in the labels",
     .category = Category::kExample,
     .phases = "4",
     .tags = "fairness, label bias, under-recording",
     .text = "In the churn example, 30 % of the women who left are recorded as not churned. A "
             "model learns from records, so it gives women lower scores for the same behaviour. "
             "Measured against the recorded labels the calibration looks right in both groups; "
             "measured against the truth, which only `truth.json` knows, women are missed more "
             "often. No metric on recorded labels can show this fully. The finding comes from "
             "asking how a label is made, group by group.",
     .see = "fairness-metrics label-noise churn-example",
     .sources = ""},
    {.id = "drift-example",
     .title = "Worked example: finding a shift",
     .category = Category::kExample,
     .phases = "6",
     .tags = "PSI, data_gb, monitoring, window",
     .text = "The churn example moves the mean of `data_gb` from 36 to 62 in month 9, with a "
             "spread of 14 among users. Nearly half of the new values lie above almost all old "
             "ones, and the stability index of a window of 1,000 rows is far beyond 0.2. "
             "`internet_service` gains a value that training never saw, in a fifth of the rows. "
             "Both alarms come with the first window of September. Performance falls later, in "
             "November, when the meaning of the columns changes too.",
     .see = "psi drift-kinds churn-example",
     .sources = ""},
    {.id = "psi-example",
     .title = "Worked example: the index by hand",
     .category = Category::kExample,
     .phases = "6",
     .tags = "PSI, population stability index, computation",
     .text = "Reference shares of three contracts: 0.52, 0.26, 0.22; the new window: 0.72, 0.18, "
             "0.10. Terms: (0.72 - 0.52) * ln(0.72 / 0.52) = 0.065, (0.18 - 0.26) * ln(0.18 / "
             "0.26) = 0.029, (0.10 - 0.22) * ln(0.10 / 0.22) = 0.095. The sum is 0.19. With "
             "three bins and 1,000 rows, chance alone gives about 2 / 1000 = 0.002, so the shift "
             "is real, though just below the usual mark of 0.2. Marks are habits; the comparison "
             "with chance is not.",
     .see = "psi drift-detection-power drift-example",
     .sources = ""},
    {.id = "group-leak-example",
     .title = "Worked example: one patient on both sides",
     .category = Category::kExample,
     .phases = "2",
     .tags = "group split, patients, duplicates, medical",
     .text = "A table has 10,000 scans of 500 patients, twenty each. Split at random, nearly "
             "every patient has scans in training and in test; a model that recognises patients "
             "by their anatomy reaches 0.97. Split by patient, the same model reaches 0.81, "
             "which is what a new patient will get. The interval follows the 100 patients of the "
             "test part, not its 2,000 scans, and is therefore about four times as wide as it "
             "looks. Name the column under `data.group`.",
     .see = "group-split duplicates confidence-intervals",
     .sources = ""},
    {.id = "house-price-example",
     .title = "Worked example: house prices",
     .category = Category::kExample,
     .phases = "1 2 3 4",
     .tags = "regression, skewed target, real estate",
     .text = "Prices range from 35,000 to 755,000 with a long upper tail. RMSE is ruled by a few "
             "mansions, so look at the median absolute error as well, and at errors in percent "
             "by price class. Many columns are empty with meaning (no pool, no alley): the gap "
             "is a category of its own. With 1,460 rows and 80 columns, penalties matter and "
             "intervals are wide: an RMSE known to a tenth at best. Area, quality and "
             "neighbourhood carry most; a ratio such as price per area of neighbours would leak.",
     .see = "log-transform regression-metrics missing-not-at-random",
     .sources = ""},
    {.id = "retrain-example",
     .title = "Worked example: a challenger that loses",
     .category = Category::kExample,
     .phases = "6",
     .tags = "retraining, champion, paired comparison",
     .text = "Suppose that, after drift in September, a challenger is trained on the last three "
             "months, 2,100 rows. On the same 400 fresh rows, the champion has an AUC of 0.80 "
             "and the challenger 0.79, with a difference of -0.01 between -0.04 and 0.02. It is "
             "not shown to be worse, but not better either, and its group gap is wider than the "
             "gate. The champion stays, with the reason on record. Trained on eight months "
             "including the new ones, the next challenger gains 0.02 and passes.",
     .see = "champion-challenger retraining-triggers confidence-intervals",
     .sources = ""},
};

}  // namespace

std::span<const Entry> Examples() { return kEntries; }

}  // namespace millrace::guide
