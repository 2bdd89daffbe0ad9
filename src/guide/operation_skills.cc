// Methods of phases 5 and 6: release, operation, drift, retraining.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "train-serve-skew",
     .title = "Train and serve skew",
     .category = Category::kSkill,
     .phases = "2 5",
     .tags = "feature mismatch, parity, online offline",
     .text = "The model sees other numbers in production than in training: another rounding, "
             "another default for a gap, a feature written twice in two languages. Accuracy "
             "falls and nothing crashes. The cure is one implementation of reading and "
             "transforms, used in both places, and a parity test with real rows. Log what was "
             "served and compare it with the same rows rebuilt from the source. A model that "
             "does worse in its first week than in the test has skew until proven otherwise.",
     .see = "point-in-time golden-rows drift-kinds",
     .sources = "Sculley et al. 2015; Google, Rules of Machine Learning, rules 29 to 37; "
                "Polyzotis et al. 2018"},
    {.id = "golden-rows",
     .title = "Golden rows",
     .category = Category::kSkill,
     .phases = "4 5",
     .tags = "smoke test, expected predictions, self test",
     .text = "A few rows with the answers that the model gave when it was sealed, stored beside "
             "it. Loading replays them: if an answer differs by more than rounding, the file, "
             "the program or the machine is not what it was, and serving refuses to start. They "
             "are the cheapest proof that a copied model is the same model. Make them from the "
             "schema, with gaps and extremes, instead of customers' rows, so that they can "
             "travel anywhere.",
     .see = "train-serve-skew reproducibility staging",
     .sources = "Breck et al. 2017, The ML Test Score; Baylor et al. 2017, TFX"},
    {.id = "staging",
     .title = "Staging before production",
     .category = Category::kSkill,
     .phases = "5",
     .tags = "validation, pre-production, smoke test, release",
     .text = "Start the candidate exactly as production will run it, on another port, and "
             "measure there: it loads, golden rows agree, latency meets its gate, malformed "
             "requests are refused, memory stays flat. Only then move traffic. Staging finds "
             "wrong file modes, missing libraries and slow starts, and it does not find a bad "
             "model; that is what evaluation and the canary are for. Keep the switch to "
             "production atomic and the old version loaded, so that going back takes a second.",
     .see = "golden-rows canary-release rollback",
     .sources = "Humble & Farley 2010, Continuous Delivery; Beyer et al. 2016, Site Reliability "
                "Engineering"},
    {.id = "canary-release",
     .title = "Canary release",
     .category = Category::kSkill,
     .phases = "5",
     .tags = "gradual rollout, traffic split, progressive delivery",
     .text = "Send a small share of requests, say 10 % for half an hour, to the new version and "
             "compare errors, latency and the distribution of predictions with the old one. "
             "Choose the share by arithmetic: enough requests to see a doubling of the error "
             "rate within the time. Stop automatically on a clear breach. A canary catches "
             "crashes and skew; it is too short to compare outcomes that arrive weeks later. "
             "Keep one user on one side throughout, or sessions become mixtures.",
     .see = "ab-testing rollback staging",
     .sources = "Beyer et al. 2018, The Site Reliability Workbook, chapter 16; Schermann et al. "
                "2018"},
    {.id = "ab-testing",
     .title = "A/B tests of models",
     .category = Category::kSkill,
     .phases = "5 6",
     .tags = "experiment, champion challenger, online test, randomised",
     .text = "Assign each user by a hash to the old or the new model and compare the outcome "
             "that matters, not the offline metric. Fix the size in advance: with p the rate and "
             "d the smallest difference worth having, about 16 p (1-p) / d² users a side. Do not "
             "stop at the first good day; peeking makes chance look like success. Check that the "
             "groups have the intended sizes, as a wrong ratio means a broken assignment. Then "
             "look at harm by group as well.",
     .see = "canary-release champion-challenger sample-size",
     .sources = "Kohavi, Tang & Xu 2020, Trustworthy Online Controlled Experiments; Johari et "
                "al. 2017"},
    {.id = "rollback",
     .title = "Rolling back",
     .category = Category::kSkill,
     .phases = "5",
     .tags = "revert, undo, previous version, recovery",
     .text = "Going back must be one command that works at night: the previous bundle is still "
             "there, verified, and needs no training. Roll back on facts decided beforehand: "
             "error rate, latency, a shift of predictions without a shift of inputs. Data and "
             "schema changes must stay readable by the old version for as long as it may return. "
             "Afterwards the question is why the gates let the version through; the answer is "
             "usually one more check. Practise it; an untried rollback is a hope.",
     .see = "canary-release staging incident-response",
     .sources = "Beyer et al. 2016, Site Reliability Engineering; Humble & Farley 2010"},
    {.id = "latency-percentiles",
     .title = "Latency and its tail",
     .category = Category::kSkill,
     .phases = "4 5",
     .tags = "p99, p50, response time, tail latency",
     .text = "The median says how it feels most of the time, the 99th percentile what the "
             "unlucky see; a page that makes ten calls meets it once in ten loads. Measure at "
             "the load you expect and from outside, with a client that keeps its pace when the "
             "server slows down; one that waits hides the worst. Means hide everything. Typical "
             "causes of tails: cold starts, memory allocation, garbage, a neighbour on the same "
             "core, queues that grow near full load.",
     .see = "capacity-planning batch-or-online overload",
     .sources = "Dean & Barroso 2013, The Tail at Scale; Tene 2013, How NOT to Measure Latency"},
    {.id = "capacity-planning",
     .title = "Capacity planning",
     .category = Category::kSkill,
     .phases = "5",
     .tags = "replicas, autoscaling, throughput, load",
     .text = "Requests a second at the peak, divided by what one process handles at the latency "
             "you accept, times a margin for one failing: that is the number of replicas. "
             "Measure the second figure, with your model and your row size. Little's law ties "
             "them: requests in flight equal rate times time. Scale on utilisation around 60 to "
             "70 %, since waiting grows without bound near full. Starting must be faster than "
             "traffic rises; small models and quick starts make autoscaling honest.",
     .see = "latency-percentiles overload batch-or-online",
     .sources = "Little 1961; Gunther 2007, Guerrilla Capacity Planning; Beyer et al. 2016"},
    {.id = "overload",
     .title = "Behaviour under overload",
     .category = Category::kSkill,
     .phases = "5",
     .tags = "load shedding, backpressure, rate limit, queue",
     .text = "Beyond capacity a server has two choices: refuse some quickly, or serve all of "
             "them late. Refusing keeps the rest useful. Bound every queue, answer 429 or 503 "
             "with a time to come back, drop work whose caller has given up, and keep health "
             "probes on a path of their own. Clients retry with growing random pauses, never at "
             "once, or the retries become the load. Test at three times capacity: useful answers "
             "must stay near the maximum and memory must stay flat.",
     .see = "latency-percentiles capacity-planning incident-response",
     .sources = "Beyer et al. 2016, chapters 21 and 22; Welsh & Culler 2003"},
    {.id = "drift-kinds",
     .title = "Kinds of drift",
     .category = Category::kSkill,
     .phases = "6",
     .tags = "covariate shift, concept drift, label shift, data drift, model drift",
     .text = "Inputs change (new customers, a new form), the share of outcomes changes (a "
             "recession), or the relation between both changes (a competitor appears). The first "
             "shows in column distributions, the second in predictions and labels, the third "
             "only when labels come back. Not all drift hurts: a shift in a column that the "
             "model hardly uses costs nothing, and a small one in a decisive column costs much. "
             "Weigh alarms by importance, and look for broken pipelines before blaming the "
             "world.",
     .see = "psi drift-detection-power retraining-triggers",
     .sources = "Gama et al. 2014, A Survey on Concept Drift Adaptation; Moreno-Torres et al. "
                "2012"},
    {.id = "psi",
     .title = "Population stability index",
     .category = Category::kSkill,
     .phases = "6",
     .tags = "PSI, distribution distance, stability, bins",
     .text = "Cut the reference into bins of equal share, count the new rows per bin and sum "
             "(new - old) * ln(new / old). Usage calls 0.1 noticeable and 0.2 a shift, and these "
             "numbers ignore the sample size: with few rows, chance alone exceeds them. With B "
             "bins and n rows its mean without any drift is about (B - 1) / n, plus the same for "
             "the reference. Compare with that, or test with a known rate of false alarms. "
             "Missing values and unseen categories are bins too.",
     .see = "drift-kinds drift-detection-power alert-design",
     .sources = "Siddiqi 2006, Credit Risk Scorecards; Yurdakul & Naranjo 2020, Statistical "
                "Properties of the PSI"},
    {.id = "drift-detection-power",
     .title = "False alarms and power of drift tests",
     .category = Category::kSkill,
     .phases = "6",
     .tags = "sample size, significance, multiple testing, window",
     .text = "A test per column and window at 5 % with thirty columns cries wolf in four windows "
             "out of five. Divide the error over the columns, and require a size of effect "
             "besides significance: with a million rows everything is significant and little "
             "matters. Power is the other side: a window of 200 rows cannot see a shift of a "
             "tenth of a standard deviation. Choose the window from the smallest shift that "
             "would hurt, not from the calendar, and state the rate of false alarms.",
     .see = "psi drift-kinds alert-design",
     .sources = "Rabanser, Guennemann & Lipton 2019, Failing Loudly; Benjamini & Hochberg 1995"},
    {.id = "label-delay",
     .title = "Labels that come late",
     .category = Category::kSkill,
     .phases = "2 6",
     .tags = "delayed feedback, ground truth, performance monitoring",
     .text = "Churn is known after a month, default after a year. Until then performance cannot "
             "be measured, only guessed from drift and from the model's own confidence. Join "
             "labels to the logged predictions by request id, and judge each cohort when it is "
             "complete; early labels are a biased sample, as quick outcomes come first. Acting "
             "on predictions changes outcomes: the customer who was called stayed. Keep a small "
             "random share without action as a yardstick.",
     .see = "drift-kinds time-split retraining-triggers",
     .sources = "Chapelle 2014, Modeling Delayed Feedback; Ktena et al. 2019; Perdomo et al. "
                "2020, Performative Prediction"},
    {.id = "retraining-triggers",
     .title = "When to retrain",
     .category = Category::kSkill,
     .phases = "6",
     .tags = "schedule, trigger, refresh, stale model",
     .text = "On a schedule when the world moves steadily, on measured loss when labels return "
             "soon enough, on drift when they do not. Each trigger needs a pause afterwards, or "
             "one bad day trains ten models. Retraining repeats everything: checks, gates, "
             "comparison. More rows of the same kind bring less each time; rows from after a "
             "change bring much. If new data stems from a fault, retraining learns the fault: "
             "first ask whether the drift is true.",
     .see = "champion-challenger drift-kinds label-delay",
     .sources = "Breck et al. 2017; Zliobaite, Budka & Stahl 2015, Towards Cost-Sensitive "
                "Adaptation"},
    {.id = "champion-challenger",
     .title = "Champion and challenger",
     .category = Category::kSkill,
     .phases = "6",
     .tags = "model comparison, promotion, replacement",
     .text = "The model in production defends its place against the new one on rows that neither "
             "has seen, by the difference on the same rows with an interval. Replace it when the "
             "new one is better, or no worse and fresher, and all gates hold, group gaps "
             "included. A newer model is not better by birth: on recent rows of a short odd "
             "period it may only be narrower. Keep the loser; it is tomorrow's rollback.",
     .see = "retraining-triggers ab-testing confidence-intervals",
     .sources = "Dietterich 1998; Siddiqi 2006; Kohavi, Tang & Xu 2020"},
    {.id = "alert-design",
     .title = "Alerts that people trust",
     .category = Category::kSkill,
     .phases = "6",
     .tags = "on-call, noise, paging, alert fatigue",
     .text = "Page a person only for something that hurts now and that they can act on; the rest "
             "is a report. Every alert names what, since when, how large against which bound, "
             "and the first step to take. Require that a breach lasts for more than one window, "
             "group alerts with one cause, and send a message when it is over. Count false "
             "alarms per month; above a few, people stop reading. Test the path by planting a "
             "failure, from detector to telephone.",
     .see = "drift-detection-power incident-response operator-on-call",
     .sources = "Beyer et al. 2016, chapters 6 and 10; Ewaschuk 2013, My Philosophy on Alerting"},
    {.id = "incident-response",
     .title = "When a model misbehaves",
     .category = Category::kSkill,
     .phases = "5 6",
     .tags = "incident, postmortem, outage, debugging production",
     .text = "First stop the harm: roll back, or fall back to the rule that was used before. "
             "Then find the first bad prediction and compare that request with its twin in "
             "training: inputs, version, transforms, label. Most causes lie upstream: a changed "
             "unit, a column that turned empty, a schedule that did not run. Write down what "
             "happened without blame, what would have shown it earlier, and turn that into a "
             "check. Tell those who were affected by the wrong answers.",
     .see = "rollback alert-design edge-cases",
     .sources = "Beyer et al. 2016, chapters 12 to 15; Shankar et al. 2022, Operationalizing "
                "Machine Learning"},
    {.id = "feature-freshness",
     .title = "Freshness of features",
     .category = Category::kSkill,
     .phases = "5 6",
     .tags = "stale data, late data, pipeline delay",
     .text = "A feature that was fresh in training and is a day old in production is another "
             "feature. Record when each value was last updated, define how old it may be, and "
             "decide what is served beyond that: the old value, a missing value or a refusal. "
             "Train with the delay that production has. A pipeline that silently stops shows as "
             "a column that no longer changes: alert on the age of the newest row, not only on "
             "distributions.",
     .see = "point-in-time train-serve-skew schema-checks",
     .sources = "Polyzotis et al. 2018, Data Lifecycle Challenges; Kleppmann 2017"},
    {.id = "model-size",
     .title = "Small models",
     .category = Category::kSkill,
     .phases = "3 5",
     .tags = "compression, latency, distillation, footprint",
     .text = "Size costs at each start, each copy, each cache miss. A bag of eight boosted "
             "models often buys a few thousandths of AUC for eight times the bytes; a single "
             "refit on all rows keeps most of it. Measure both and let the requirement decide. "
             "Other savings: fewer rounds at a higher rate, fewer leaves, dropping columns "
             "without importance, teaching a small model the outputs of the large one. A model "
             "that fits into the processor's cache answers in microseconds.",
     .see = "ensembles latency-percentiles leaderboard-reading",
     .sources = "Bucila, Caruana & Niculescu-Mizil 2006, Model Compression; Asadi, Lin & "
                "de Vries 2014, Runtime Optimizations for Tree-Based Machine Learning Models"},
    {.id = "reproducibility",
     .title = "Reproducible runs",
     .category = Category::kSkill,
     .phases = "3 6",
     .tags = "determinism, seed, replay, audit trail",
     .text = "Same rows, same specification, same program, same seed: same bytes. What breaks it "
             "are sums whose order depends on threads, time limits, hash orders, library "
             "defaults and data that changed in place. Record the plan of work instead of the "
             "clock, name data by digest, combine partial sums in a fixed order, pin versions. "
             "Byte identity is the test that needs no judgement: replay the run and compare "
             "digests. A result that nobody can repeat is an anecdote.",
     .see = "data-versioning golden-rows audit-reader",
     .sources = "Pineau et al. 2021, Improving Reproducibility in ML Research; Bouthillier et "
                "al. 2021"},
    {.id = "data-contracts",
     .title = "Data contracts",
     .category = Category::kSkill,
     .phases = "1 2 6",
     .tags = "upstream, schema change, ownership, agreement",
     .text = "An agreement with whoever owns a source: columns and types, meaning and unit of "
             "each, how late rows may come, who is told before a change. Put what can be checked "
             "into checks that run at each delivery and block on a breach; the rest is a page "
             "with two names on it. Most model incidents are unannounced changes upstream that "
             "were sensible for the team that made them. The contract costs an hour and saves a "
             "week.",
     .see = "schema-checks data-sources feature-freshness",
     .sources = "Polyzotis et al. 2018; Sambasivan et al. 2021, Data Cascades; Breck et al. 2019"},
    {.id = "ci-for-models",
     .title = "Continuous integration for models",
     .category = Category::kSkill,
     .phases = "6",
     .tags = "CI/CD, pipeline, automation, GitHub Actions",
     .text = "A change of data, specification or code triggers the same steps a person would "
             "take: check the data, train with a small budget, evaluate, hold the gates, and "
             "stop with a reason where one is not met. Small budgets keep it under ten minutes; "
             "the full training runs on a schedule. Keep the model's digest with the commit. "
             "Deployment follows only from a green run and, where harm is possible, from a "
             "person's approval. The pipeline's failures are its use: look at what it caught.",
     .see = "gates retraining-triggers reproducibility",
     .sources = "Humble & Farley 2010; Breck et al. 2017; Google Cloud, MLOps: Continuous "
                "Delivery and Automation Pipelines"},
};

}  // namespace

std::span<const Entry> OperationSkills() { return kEntries; }

}  // namespace millrace::guide
