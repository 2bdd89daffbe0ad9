// Methods of phase 1: the problem and the design.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "problem-framing",
     .title = "Framing the problem",
     .category = Category::kSkill,
     .phases = "1",
     .tags = "question, goal, definition, what to predict, unit of prediction",
     .text = "A useful question names five things: who or what a row is, what is predicted about "
             "it, at which moment, with which knowledge, and what is done with the answer. "
             "\"Predict churn\" names none; \"on the first of each month, for each active "
             "customer, whether the contract ends within 30 days, so that the 500 likeliest get "
             "a call\" names all five. Check that the answer can change an action. If nothing "
             "would be done differently, a report serves better than a model.",
     .see = "target-definition success-criteria task-types",
     .sources = "Provost & Fawcett 2013, Data Science for Business, chapter 2; Google, Rules of "
                "Machine Learning, rules 1 to 3"},
    {.id = "task-types",
     .title = "Choosing the task type",
     .category = Category::kSkill,
     .phases = "1",
     .tags = "binary, multiclass, regression, forecast, ranking, classification, problem type",
     .text = "Two classes make a binary task, several a multiclass one, a number a regression. "
             "Whole numbers that count or measure (rings, points) are numbers even when few "
             "values occur; whole numbers that only name things (forest types) are classes. A "
             "future value of a series is a forecast, an order within a group a ranking, and "
             "both need data and splits of their own. Ordered grades lie between: regression "
             "keeps the order, classes keep the shape. When in doubt, ask what kind of error "
             "costs more.",
     .see = "problem-framing regression-metrics auc",
     .sources = "Hastie, Tibshirani & Friedman 2009, chapter 2"},
    {.id = "target-definition",
     .title = "Defining the target",
     .category = Category::kSkill,
     .phases = "1 2",
     .tags = "label, outcome, horizon, observation window",
     .text = "A label needs a horizon (churn within 30 days), a moment from which knowledge is "
             "frozen, and a rule for cases that cannot be decided yet. Rows whose horizon has "
             "not passed have no label; calling them \"no\" teaches the model that new customers "
             "stay. Write the rule as a query over the source, not as a habit of one analyst. If "
             "the label is a proxy (clicks for interest), say so in the card and watch how far "
             "the proxy and the goal drift apart.",
     .see = "problem-framing leakage label-delay",
     .sources = "Kaufman et al. 2012, Leakage in Data Mining; Obermeyer et al. 2019, Science 366"},
    {.id = "success-criteria",
     .title = "Setting success criteria",
     .category = Category::kSkill,
     .phases = "1 4",
     .tags = "requirements, gates, business metric, good enough, acceptance",
     .text = "A criterion that can fail has a metric, a bound, a set of rows and a confidence. "
             "Start from the decision: a call costs 10, a kept customer brings 100, so precision "
             "above one in ten pays. Then ask what is reached today by rule or by chance, and "
             "what a quick probe reaches; a bound between the two is honest. Set it before "
             "looking at test results. Add limits that are not accuracy: latency, size, gaps "
             "between groups. Two or three gates are read; twenty are not.",
     .see = "gates baseline-first cost-sensitive-decisions",
     .sources = "Provost & Fawcett 2013, chapter 7; Breck et al. 2017, The ML Test Score"},
    {.id = "baseline-first",
     .title = "Baseline first",
     .category = Category::kSkill,
     .phases = "1 3",
     .tags = "dummy model, majority class, naive, sanity",
     .text = "Before any model, measure what needs no learning: the most frequent class, the "
             "mean, last month's value, the rule that people use now. The distance from there is "
             "what learning adds, and it is often smaller than expected: 95 % accuracy is "
             "nothing where 96 % of rows are negative. A model that cannot beat the baseline "
             "points to a broken label, a split gone wrong or features without information. Keep "
             "the baseline on the leaderboard to the end, with its interval.",
     .see = "success-criteria leaderboard-reading confidence-intervals",
     .sources = "Google, Rules of Machine Learning, rule 1; Hastie et al. 2009"},
    {.id = "trees-or-networks",
     .title = "Trees or neural networks",
     .category = Category::kSkill,
     .phases = "1 3",
     .tags = "deep learning, traditional machine learning, approach, tabular",
     .text = "On tables of mixed columns up to some millions of rows, boosted trees are still "
             "the safest choice: they take missing values and odd scales as they are, ignore "
             "useless columns and train in minutes on a processor. Networks win where the raw "
             "input has structure that no column shows: text, images, sound, long sequences, or "
             "where a pretrained model brings knowledge from elsewhere. Linear models win on few "
             "rows and when every effect must be read off. Try the simple ones first; mix them "
             "only for a measured gain.",
     .see = "boosted-trees linear-models ensembles",
     .sources = "Grinsztajn, Oyallon & Varoquaux 2022; Shwartz-Ziv & Armon 2022; McElfresh et "
                "al. 2023"},
    {.id = "batch-or-online",
     .title = "Batch, online or streaming",
     .category = Category::kSkill,
     .phases = "1 5",
     .tags = "serving form, real time, latency, throughput",
     .text = "Ask when the answer is needed. If nightly is enough, score a file: no service to "
             "keep alive, easy to check before use. If a person or a machine waits, serve single "
             "rows; then latency at the 99th percentile matters more than the mean. Streaming, "
             "where features themselves are updated by each event, is only worth its cost when "
             "minutes of delay lose money. Do the arithmetic: a million rows a day are twelve a "
             "second, which one process answers without effort.",
     .see = "capacity-planning latency-percentiles feature-freshness",
     .sources = "Kleppmann 2017, Designing Data-Intensive Applications, chapters 10 and 11; Dean "
                "& Barroso 2013"},
    {.id = "data-sources",
     .title = "Finding data sources",
     .category = Category::kSkill,
     .phases = "1 2",
     .tags = "availability, access, ownership, inventory",
     .text = "For each source write down the owner, how rows arise, how late they arrive, how "
             "far back they go and whether the same columns will exist at prediction time. A "
             "table that is filled after the fact (closing reasons, final bills) looks rich and "
             "is useless for prediction. Prefer the source that production will read to a "
             "cleaner copy: the copy hides the gaps that the model will meet. Read a hundred "
             "rows by eye before anything else; most surprises show there.",
     .see = "point-in-time leakage data-contracts",
     .sources = "Sambasivan et al. 2021, Data Cascades; Gebru et al. 2021, Datasheets for "
                "Datasets"},
    {.id = "sample-size",
     .title = "How many rows are enough",
     .category = Category::kSkill,
     .phases = "1 3",
     .tags = "sample size, learning curve, data volume",
     .text = "Count rows of the rarest class, not all rows: ten per column let a linear model "
             "breathe, a few hundred give usable trees, thousands give steady figures. The test "
             "set decides how precisely a share can be known: plus or minus 1.96 times the root "
             "of p(1-p)/n, so 100 positives give about ten points either way. Plot the score "
             "against a growing share of the training rows; if the curve still rises at the end, "
             "more rows beat more tuning.",
     .see = "confidence-intervals class-imbalance learning-curves",
     .sources = "Riley et al. 2020, BMJ 368; Peduzzi et al. 1996; Hastie et al. 2009, section "
                "7.2"},
    {.id = "feature-strategy",
     .title = "Planning features",
     .category = Category::kSkill,
     .phases = "1 2 3",
     .tags = "feature engineering, plan, aggregates, windows",
     .text = "Most gain comes from columns that state what an expert would ask for: how much, "
             "how often, how recently, compared with the own past, compared with peers. Counts "
             "and sums over windows (7, 30, 90 days), time since the last event, ratios between "
             "two columns, and differences to a usual value cover most of it. Each needs a rule "
             "for the moment from which it is computed. Trees find thresholds and interactions "
             "by themselves, but they cannot divide; give them ratios.",
     .see = "point-in-time ratio-features target-encoding",
     .sources = "Kuhn & Johnson 2019, Feature Engineering and Selection; Domingos 2012"},
    {.id = "risk-register",
     .title = "Writing down risks",
     .category = Category::kSkill,
     .phases = "1 4",
     .tags = "risk, failure mode, assumption, premortem",
     .text = "Imagine that the model failed in a year and write why: the label changed its "
             "meaning, a source was switched off, a group was served badly, nobody acted on the "
             "scores, the world moved. For each, note how it would show and who looks. A risk "
             "with a measurement becomes a check or an alert; one without becomes a line in the "
             "card. Rank by harm times likelihood and treat the first five. Come back to the "
             "list after each incident: it is the cheapest test plan there is.",
     .see = "incident-response model-card drift-kinds",
     .sources = "Klein 2007, Performing a Project Premortem; NIST AI Risk Management Framework "
                "2023"},
    {.id = "human-in-the-loop",
     .title = "Keeping a person in the loop",
     .category = Category::kSkill,
     .phases = "1 5",
     .tags = "review, abstain, reject option, escalation",
     .text = "Where an error is costly and rare, let the model decide the clear cases and hand "
             "the others over. Choose the band of probabilities that goes to review by its size: "
             "a team that can look at 200 cases a day sets the width. Show the reviewer the "
             "reasons and the uncertainty, not only the verdict, and record what was decided; "
             "these labels come from the hardest rows and are biased, so mark them. Measure the "
             "pair of person and model, not the model alone.",
     .see = "threshold-choice calibration label-delay",
     .sources = "Chow 1970, On Optimum Recognition Error and Reject Tradeoff; Green & Chen 2019"},
};

}  // namespace

std::span<const Entry> DesignSkills() { return kEntries; }

}  // namespace millrace::guide
