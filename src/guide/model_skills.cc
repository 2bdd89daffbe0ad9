// Methods of phase 3: features, models, tuning.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "boosted-trees",
     .title = "Boosted trees",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "gradient boosting, LightGBM, XGBoost, GBDT",
     .text = "Many small trees, each fitted to what the sum so far gets wrong. Strong defaults "
             "on tables: learning rate 0.05 to 0.1, 15 to 63 leaves, at least 20 rows a leaf, "
             "early stopping on held-out rows. More leaves need more rows; a smaller rate needs "
             "more trees and rarely hurts. Missing values and monotone changes of a column do "
             "not matter. Weak spots are extrapolation beyond seen values, very few rows, and "
             "relations that are smooth and additive, where a linear model is steadier.",
     .see = "early-stopping regularisation trees-or-networks",
     .sources = "Friedman 2001; Ke et al. 2017, LightGBM; Chen & Guestrin 2016, XGBoost"},
    {.id = "linear-models",
     .title = "Linear models",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "logistic regression, ridge, baseline, coefficients",
     .text = "A weighted sum of columns, through a link for probabilities. With standardised "
             "numbers, one weight per category and an L2 penalty it trains in a second, answers "
             "in a microsecond and says what each column does. It wins on few rows, on wide and "
             "sparse data, and wherever someone must read the effects. It needs fills for "
             "missing values and shapes given by hand: logarithms, ratios, interactions. As a "
             "second opinion it is invaluable: if trees gain little over it, the problem is "
             "mostly additive.",
     .see = "regularisation boosted-trees ratio-features",
     .sources = "Hastie et al. 2009, chapters 3 and 4; Hoerl & Kennard 1970"},
    {.id = "random-forests",
     .title = "Random forests",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "bagging, trees, out of bag",
     .text = "Hundreds of deep trees, each grown on a resample of rows with a random choice of "
             "columns at every split, averaged. Nearly no tuning, hard to overfit by adding "
             "trees, and every row has trees that never saw it, so an honest estimate comes "
             "free. Usually a little behind boosted trees, and the stored model is large. It is "
             "a fine yardstick: a tuned boosted model that does not beat a default forest has "
             "something wrong with its data or its tuning.",
     .see = "boosted-trees ensembles baseline-first",
     .sources = "Breiman 2001, Random Forests; Fernandez-Delgado et al. 2014"},
    {.id = "early-stopping",
     .title = "Early stopping",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "rounds, overfitting, validation curve, patience",
     .text = "Stop adding rounds when the metric on held-out rows has not improved for a while. "
             "It replaces the most important option of boosting by a measurement. The held-out "
             "score at the best round is slightly flattering, as it was picked; report figures "
             "on other rows. Noise makes the curve wobble: a patience of 50 rounds at rate 0.1 "
             "is usual. For a final model on all rows, take the median of the best rounds over "
             "folds, scaled up a little.",
     .see = "boosted-trees cross-validation budget-of-time",
     .sources = "Prechelt 1998, Early Stopping - But When?; Friedman 2001"},
    {.id = "regularisation",
     .title = "Regularisation",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "overfitting, penalty, shrinkage, L1, L2",
     .text = "Every constraint that keeps a model from fitting noise: penalties on weights, "
             "fewer leaves, more rows a leaf, sampling of rows and columns, a lower learning "
             "rate. L2 shrinks all weights, L1 drops some. The right amount depends on rows and "
             "noise, so it is tuned on held-out rows, on a logarithmic scale. A wide gap between "
             "training and validation score asks for more of it; two scores that are equally "
             "poor ask for better features instead.",
     .see = "tuning bias-and-variance linear-models",
     .sources = "Hastie et al. 2009, sections 3.4 and 10.12; Tibshirani 1996"},
    {.id = "bias-and-variance",
     .title = "Bias and variance",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "underfitting, overfitting, generalisation gap",
     .text = "Error has three parts: what the model class cannot express, what changes with the "
             "sample, and noise that nobody can predict. Compare training and validation scores. "
             "Both poor: underfitting; add features, interactions, capacity. Training far "
             "better: overfitting; add rows, penalties, or average several models. Both near the "
             "noise: stop. The third part is larger than hoped in most business data; two people "
             "who label the same rows differently show how large.",
     .see = "regularisation learning-curves ensembles",
     .sources = "Geman, Bienenstock & Doursat 1992; Hastie et al. 2009, section 7.3"},
    {.id = "tuning",
     .title = "Tuning options",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "hyperparameter search, random search, Bayesian optimisation",
     .text = "Tune few options, the ones that matter, over wide ranges on a logarithmic scale, "
             "and judge each trial on the same folds. Random trials beat a grid as soon as some "
             "options matter more than others. Stop poor trials early and spend the saved time "
             "on good ones. The best of a hundred noisy scores is too good by chance; confirm it "
             "on rows that took no part. Gains of tuned over sound defaults are mostly small: a "
             "better feature is worth more.",
     .see = "cross-validation budget-of-time leaderboard-reading",
     .sources = "Bergstra & Bengio 2012; Li et al. 2018, Hyperband; Probst et al. 2019, "
                "Tunability"},
    {.id = "cross-validation",
     .title = "Cross-validation",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "folds, k-fold, out of fold",
     .text = "Split the training rows into k parts; each part is predicted by a model that never "
             "saw it. All rows serve for judging, and the predictions (out of fold) can choose "
             "thresholds, calibrate and stack without a leak. Five to ten folds are usual; "
             "repeat with other seeds where rows are few. Groups stay together, time runs "
             "forward, and everything that is fitted (fills, encodings, selection) is fitted "
             "within the fold. The spread over folds understates the true uncertainty, as the "
             "training sets overlap.",
     .see = "train-test-split group-split ensembles",
     .sources = "Stone 1974; Kohavi 1995; Bates, Hastie & Tibshirani 2023"},
    {.id = "ensembles",
     .title = "Ensembles",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "stacking, blending, bagging, average of models",
     .text = "Averaging models that err differently removes part of their variance. A bag of the "
             "same learner over folds is the cheapest step and gives a steady gain; a weighted "
             "mix of unlike learners gives a little more. Weights come from out-of-fold "
             "predictions, non-negative, by greedy selection or a penalised fit. The price is "
             "size and latency, so measure both and keep the single model when the gain lies "
             "within the interval. Beyond a handful of members gains fade.",
     .see = "cross-validation boosted-trees model-size",
     .sources = "Caruana et al. 2004, Ensemble Selection; Wolpert 1992, Stacked Generalization; "
                "Breiman 1996"},
    {.id = "class-imbalance",
     .title = "Rare classes",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "imbalance, skewed classes, oversampling, SMOTE, class weights",
     .text = "With few positives, accuracy is blind: use average precision, recall at a "
             "workload, cost. Rows need not be resampled for models that give probabilities; "
             "moving the threshold does the same without spoiling calibration. Class weights "
             "help learners that stop too early. What limits the result is the count of rare "
             "rows, not their share: 200 positives among a million negatives is a problem of 200 "
             "rows. Collect more of them, borrow related outcomes, or widen the label's window.",
     .see = "threshold-choice average-precision sample-size",
     .sources = "He & Garcia 2009; Elor & Averbuch-Elor 2022, To SMOTE, or not to SMOTE?"},
    {.id = "target-encoding",
     .title = "Target encoding",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "mean encoding, categories, smoothing, out of fold",
     .text = "Replace a category by the mean of the target among its rows, pulled toward the "
             "overall mean where rows are few: (sum + m * mean) / (count + m). Powerful for many "
             "values, and the classic way to leak: computed on the same rows that train the "
             "model, it whispers each row its own label. Compute it out of fold for training "
             "rows, and from all training rows for new ones. Add the count as a second column, "
             "so that the model can weigh how far to trust the mean.",
     .see = "high-cardinality leakage cross-validation",
     .sources = "Micci-Barreca 2001; Prokhorenkova et al. 2018, CatBoost; Pargent et al. 2022"},
    {.id = "ratio-features",
     .title = "Ratios and differences",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "interactions, feature crosses, domain features",
     .text = "A tree splits one column at a time, so a ratio costs it many splits and a linear "
             "model cannot form it at all. Give what an expert would compute: charge per month, "
             "debt to income, today against the usual, share of the total. Guard the division by "
             "zero with a missing value, not with zero. Differences between two dates, counts "
             "per unit of time and deviations from a group's median belong here as well. Ten "
             "good ones beat a thousand made by machine.",
     .see = "feature-strategy linear-models permutation-importance",
     .sources = "Domingos 2012; Kuhn & Johnson 2019; Heaton 2016"},
    {.id = "log-transform",
     .title = "Logarithms and skewed targets",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "skew, log target, Box-Cox, multiplicative",
     .text = "Prices, durations and counts are skewed, and their errors grow with their size. "
             "Learning the logarithm turns ratios into differences: being 10 % off counts the "
             "same everywhere. Trees do not care for skew in inputs, but squared error on a "
             "skewed target is ruled by the largest rows. Going back by exp gives the median, "
             "not the mean; correct for it when totals matter. Judge in the unit in which the "
             "error is paid, whatever was learnt.",
     .see = "regression-metrics outliers error-analysis",
     .sources = "Box & Cox 1964; Duan 1983, Smearing Estimate"},
    {.id = "budget-of-time",
     .title = "Working within a time budget",
     .category = Category::kSkill,
     .phases = "3",
     .tags = "time limit, anytime, plan, search budget",
     .text = "Spend a limited time in order of expected gain: a baseline in the first second, "
             "one run of sound defaults for each learner, then tuning of the best, then a bag of "
             "it. Always hold a complete answer, so that stopping at any moment is safe. Measure "
             "the first fold to predict the rest, and drop what cannot finish. Record what was "
             "done as a list of units rather than as a clock: repeated later on another machine "
             "it gives the same model.",
     .see = "tuning early-stopping reproducibility",
     .sources = "Li et al. 2018, Hyperband; Erickson et al. 2020, AutoGluon-Tabular"},
    {.id = "learning-curves",
     .title = "Learning curves",
     .category = Category::kSkill,
     .phases = "3 4",
     .tags = "more data, sample complexity, plateau",
     .text = "Train on 10, 20, 40, 80 % of the rows and plot the score on the same held-out "
             "rows. A curve that still climbs says that more rows pay; the slope on a "
             "logarithmic axis says how much a doubling brings. A flat curve says that rows are "
             "not the limit: look for features, cleaner labels or another question. If training "
             "and held-out curves meet low, the model is too simple; if they stay apart, too "
             "flexible. Repeat with two seeds before believing a bend.",
     .see = "sample-size bias-and-variance label-noise",
     .sources = "Viering & Loog 2023, The Shape of Learning Curves; Cortes et al. 1993"},
    {.id = "label-noise",
     .title = "Noisy labels",
     .category = Category::kSkill,
     .phases = "2 3 4",
     .tags = "wrong labels, annotation errors, ceiling",
     .text = "Some labels are wrong: typing errors, late updates, people who disagree. Random "
             "noise lowers the ceiling of any model and hides improvements; noise that depends "
             "on a group teaches the model that group's disadvantage. Look at the rows where "
             "confident models disagree with the label, as most label errors are found there, "
             "and correct them at the source, in test rows first. Do not delete hard rows "
             "because the model dislikes them. State the ceiling when you set a gate.",
     .see = "bias-and-variance error-analysis bias-in-labels-example",
     .sources = "Northcutt, Jiang & Chuang 2021, Confident Learning; Frenay & Verleysen 2014"},
};

}  // namespace

std::span<const Entry> ModelSkills() { return kEntries; }

}  // namespace millrace::guide
