// Roles in the life of a model.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "problem-owner",
     .title = "Role: problem owner",
     .category = Category::kAgent,
     .phases = "1 4",
     .tags = "business, product, stakeholder, decision maker",
     .text = "Owns the question and the decision that follows from the answer. Says what a found "
             "case is worth and what a false alarm costs, sets the gates before results are "
             "known, and names who acts on the scores. Reads the head of the report and the "
             "criteria, not the leaderboard. Must be able to say no: if the gain over today's "
             "rule does not pay for the upkeep, the project ends here. Approves changes of gates "
             "and signs the limits in the model card.",
     .see = "success-criteria cost-sensitive-decisions set-gates",
     .sources = "Provost & Fawcett 2013; Mitchell et al. 2019"},
    {.id = "data-steward",
     .title = "Role: data steward",
     .category = Category::kAgent,
     .phases = "1 2 6",
     .tags = "data owner, quality, source, governance",
     .text = "Knows how rows arise and what each column means. Decides units, words for missing "
             "values, allowed ranges and which columns are sensitive, and answers for their use. "
             "Looks at the data checkpoint: rows set aside and why, checks that are not met, "
             "columns that changed since the last version. Is told first when an input drifts, "
             "because most drift is a changed source. Keeps the contract with the upstream team "
             "and turns each surprise into a check.",
     .see = "data-contracts quarantine write-data-checks",
     .sources = "Polyzotis et al. 2018; Gebru et al. 2021"},
    {.id = "model-developer",
     .title = "Role: model developer",
     .category = Category::kAgent,
     .phases = "2 3",
     .tags = "ML engineer, data scientist, training, features",
     .text = "Turns the question into features and a model that a stranger can rebuild. Starts "
             "from the baseline, reads rows before tuning, keeps the test set closed, and writes "
             "down what was tried. Needs the leaderboard with intervals, the worst errors and "
             "the learning curve. Asks of each strong column whether it was known in time. Hands "
             "over a bundle, never a notebook, with limits stated as facts. Success is a model "
             "that someone else can retrain at night.",
     .see = "baseline-first error-analysis reproducibility",
     .sources = "Sculley et al. 2015; Domingos 2012"},
    {.id = "model-reviewer",
     .title = "Role: model reviewer",
     .category = Category::kAgent,
     .phases = "4",
     .tags = "validation, second pair of eyes, approval",
     .text = "Was not part of the work and looks for reasons to refuse. Checks that split and "
             "label match how the model will be used, that gates were set before the result, "
             "that no column comes from after the outcome, and that intervals support the "
             "claims. Replays the run, tries edge cases, reads weak slices and group gaps. "
             "Writes questions where the evidence is thin. An approval carries a name and a date "
             "in the audit chain; so does a refusal.",
     .see = "gates leakage replay-guide",
     .sources = "Board of Governors of the Federal Reserve 2011, SR 11-7; Mitchell et al. 2019"},
    {.id = "fairness-reviewer",
     .title = "Role: fairness reviewer",
     .category = Category::kAgent,
     .phases = "1 4",
     .tags = "ethics, compliance, group gaps, impact",
     .text = "Asks who can be harmed by a wrong answer and how they would notice. Chooses with "
             "the problem owner which gap matters, recall or false alarms, and how large it may "
             "be. Looks at counts and intervals per group, at how labels were recorded in each, "
             "and at what leaving columns out really changed. Weighs ways to reduce a gap with "
             "their cost in accuracy, and writes down the choice. Returns when the population or "
             "the use changes.",
     .see = "fairness-metrics bias-mitigation sensitive-columns",
     .sources = "Barocas, Hardt & Narayanan 2023; Raji et al. 2020, Closing the AI "
                "Accountability Gap"},
    {.id = "release-manager",
     .title = "Role: release manager",
     .category = Category::kAgent,
     .phases = "5",
     .tags = "deployment, promotion, canary, change control",
     .text = "Decides when a bundle that met its gates goes live, and how fast. Reads the "
             "staging record: golden rows, latency against its bound, memory, refusals. Picks "
             "share and length of the canary from traffic, states beforehand which figure stops "
             "it, and keeps the previous version warm. Never promotes on a Friday evening what "
             "cannot be rolled back by one command. Checks that whoever consumes the answers "
             "knows about changed columns or classes.",
     .see = "staging canary-release deploy-and-roll-back",
     .sources = "Humble & Farley 2010; Beyer et al. 2016"},
    {.id = "operator-on-call",
     .title = "Role: operator on call",
     .category = Category::kAgent,
     .phases = "5 6",
     .tags = "SRE, alerts, incident, operations",
     .text = "Keeps the service answering and the answers plausible. Gets few alerts, each with "
             "cause, size and first step. Looks in this order: is the service up, are inputs "
             "complete and in range, did a source or version change, did predictions shift "
             "without inputs, did outcomes get worse. May roll back without asking. Does not "
             "retrain in the middle of an incident, because a model trained on broken data "
             "outlives the repair. Writes the incident down while it is fresh.",
     .see = "alert-design incident-response rollback",
     .sources = "Beyer et al. 2016; Shankar et al. 2022"},
    {.id = "audit-reader",
     .title = "Role: auditor",
     .category = Category::kAgent,
     .phases = "4 6",
     .tags = "audit, compliance, evidence, traceability",
     .text = "Must be able to answer, years later, why a model was allowed to decide: which "
             "rows, which specification, which program, which figures, who approved. Follows the "
             "chain from a prediction's model digest to the bundle, from there to run, data "
             "version and gates, and checks that no record was changed afterwards. Replays one "
             "run at random. Compares claims in the card with measured checks. Needs exports "
             "that open without the program that made them.",
     .see = "replay-guide data-versioning model-card",
     .sources = "Raji et al. 2020; EU AI Act 2024, articles 11 and 12"},
};

}  // namespace

std::span<const Entry> Agents() { return kEntries; }

}  // namespace millrace::guide
