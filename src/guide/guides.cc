// How to do something with this program.

#include "guide/entries.h"

namespace millrace::guide {
namespace {

constexpr Entry kEntries[] = {
    {.id = "first-project",
     .title = "Your first project",
     .category = Category::kGuide,
     .phases = "1 2 3 4 5 6",
     .tags = "quick start, getting started, begin, new, run",
     .text = "Say what you want and where the data is: `millrace new \"predict which customers "
             "will churn\" --data customers.csv`. It reads the file, finds task, target and "
             "roles, and writes `millrace.yaml` with a reason beside every choice. Read that "
             "file; it is short. Then `millrace run` goes through the six phases, shows each "
             "checkpoint and ends with a service that answers. The page under `reports/` holds "
             "the figures. Change a line of the file and run again: only what depends on it is "
             "done anew.",
     .see = "write-a-good-sentence read-the-report churn-example",
     .sources = ""},
    {.id = "write-a-good-sentence",
     .title = "Writing a good description",
     .category = Category::kGuide,
     .phases = "1",
     .tags = "sentence, problem description, millrace new",
     .text = "Name the target in the words of the table, say for whom, and what is good enough: "
             "\"predict which customers will churn; catch at least 70% of them\" gives the "
             "target, the positive class and a gate on recall. \"Under 20 ms\" becomes a gate on "
             "latency, \"0.85 auc\" one on AUC. What the sentence leaves open is asked on a "
             "terminal; with `--yes` the best guess is taken and said; otherwise the flag is "
             "named. Words for forecasts, texts or images are recognised and refused where the "
             "program cannot train them.",
     .see = "first-project problem-framing success-criteria",
     .sources = ""},
    {.id = "edit-the-specification",
     .title = "Editing millrace.yaml",
     .category = Category::kGuide,
     .phases = "1 2 3 4 5 6",
     .tags = "configuration, yaml, keys, spec check",
     .text = "Only target and source are required; each other key has a default. `millrace spec "
             "reference` prints every key with its meaning, `millrace spec schema` the schema "
             "for editors, and `millrace spec check` says what is wrong, with line, column and "
             "the nearest key. Comments are yours. Reordering keys or spelling out defaults "
             "changes nothing: the program compares meaning, so finished phases are found again. "
             "Keep the file in version control; together with the data it defines the model.",
     .see = "first-project rerun-what-changed set-gates",
     .sources = ""},
    {.id = "set-gates",
     .title = "Setting requirements",
     .category = Category::kGuide,
     .phases = "1 4",
     .tags = "require, gate, auc, latency, fairness bound",
     .text = "Under `require`, write a metric and a bound: `auc: \">= 0.80\"`, `latency_p99: "
             "\"<= 5ms\"`, `model_size: \"<= 50MB\"`. Group gaps stand under `require.fairness`, "
             "such as `equalized_odds_difference: \"<= 0.10\"`. They are measured in evaluation "
             "(latency in staging). A gate that is not met ends the run before deployment with "
             "exit code 1 and names the line of the file. Proposed gates carry the word "
             "\"proposed\" and the probe's figures; replace them by what you need.",
     .see = "gates success-criteria edit-the-specification",
     .sources = ""},
    {.id = "leave-columns-out",
     .title = "Leaving columns out",
     .category = Category::kGuide,
     .phases = "1 2",
     .tags = "exclude, drop column, data.exclude, leak",
     .text = "List columns under `data.exclude` to keep them from the model. A new project fills "
             "this list with columns that differ in every row and with those that tell the "
             "target, each with its reason. The data phase looks for leaks again and leaves out "
             "what it finds, as a warning in its checkpoint. Roles do the same for their "
             "columns: `data.id` names rows, `data.group` keeps rows together. To put a column "
             "back, delete it from the list; the report shows what it then contributes.",
     .see = "leakage edit-the-specification sensitive-columns",
     .sources = ""},
    {.id = "declare-missing",
     .title = "Declaring missing values and units",
     .category = Category::kGuide,
     .phases = "2",
     .tags = "data.missing, prefix, decimal comma, date order",
     .text = "Usual words for missing are recognised, and so are numbers written with a "
             "currency, a percent sign or a decimal comma. For anything else, say it: "
             "`data.missing: [\"-999\"]` for all columns, or under `data.columns` for one of "
             "them, where `type`, `missing`, `decimal`, `prefix`, `suffix` and `date_order` may "
             "be set. The same rules are stored in the bundle and read requests later, so "
             "training and serving cannot differ. `millrace data profile FILE` shows how each "
             "column is read.",
     .see = "missing-values schema-checks train-serve-skew",
     .sources = ""},
    {.id = "write-data-checks",
     .title = "Writing data checks",
     .category = Category::kGuide,
     .phases = "2 6",
     .tags = "data.checks, validation, sql, severity",
     .text = "Under `data.checks`, state what must hold: `{column: tenure, min: 0, max: 100}`, "
             "`{column: plan, values: [basic, premium]}`, `{sql: \"total >= monthly\", at_least: "
             "0.99, severity: warn}`. A check of severity `block` that is not met stops the run, "
             "one of `warn` is shown. They are measured on the typed rows at every run and at "
             "every retraining, so a broken delivery is found before a model learns it. "
             "`millrace data validate` measures them alone, which suits a nightly job.",
     .see = "schema-checks data-contracts quarantine",
     .sources = ""},
    {.id = "data-diff-guide",
     .title = "Comparing data versions",
     .category = Category::kGuide,
     .phases = "2 6",
     .tags = "data versions, digest, change, delivery",
     .text = "Each set of kept rows has a version, a digest of schema and values. `millrace data "
             "versions` lists those of the project with rows, columns and the run that made "
             "them. When a score moved, first ask whether the version did: same digest, same "
             "rows, so look at the specification; another digest, so compare counts, the share "
             "of missing values and the target's share between the two. A version never changes "
             "afterwards, and a replay of an old run uses the old one.",
     .see = "data-versioning reproducibility read-the-report",
     .sources = ""},
    {.id = "read-the-report",
     .title = "Reading the report",
     .category = Category::kGuide,
     .phases = "1 2 3 4 5 6",
     .tags = "html page, checkpoints, success criteria",
     .text = "`reports/<run>/index.html` is one page without network. Its head holds your "
             "question, the answer in one sentence and eleven success criteria, each a link to "
             "its evidence. Six sections follow, each with the checkpoint first: met, not met, "
             "warning, not measured. Read \"not met\" and \"warning\" before the charts. A line "
             "such as \"auc 0.848 [0.836, 0.860] >= 0.80\" has value, interval and bound. What "
             "was not measured is not on the page. `millrace report` writes it again at any "
             "time.",
     .see = "first-project confidence-intervals model-card",
     .sources = ""},
    {.id = "choose-a-budget",
     .title = "Choosing a time budget",
     .category = Category::kGuide,
     .phases = "3",
     .tags = "develop.budget, speed, minutes, training time",
     .text = "`develop.budget.time` bounds model development, one minute by default. Ten seconds "
             "give a sound model on most tables below a hundred thousand rows; a minute adds "
             "tuning and a bag; beyond ten minutes gains are small. A budget is turned into a "
             "recorded plan of work, so a run can be repeated exactly whatever the machine. In "
             "automation use a few seconds, and the full budget at night. If the score still "
             "rises with the budget, look for better features first.",
     .see = "budget-of-time tuning rerun-what-changed",
     .sources = ""},
    {.id = "rerun-what-changed",
     .title = "Running again after a change",
     .category = Category::kGuide,
     .phases = "1 2 3 4 5 6",
     .tags = "cache, resume, killed, incremental",
     .text = "Each phase is named by what goes into it: data version, its part of the "
             "specification, program, seed. `millrace run` finds finished phases by that name "
             "and does the rest. A new gate costs an evaluation, not a training; a new column "
             "rule costs everything from the data on. A run that was killed at any instant goes "
             "on where it was, and nothing half written is ever used. `millrace status` says "
             "where a project stands; `millrace gc` removes what no run needs.",
     .see = "edit-the-specification reproducibility data-versioning",
     .sources = ""},
    {.id = "serve-a-model",
     .title = "Serving a model",
     .category = Category::kGuide,
     .phases = "5",
     .tags = "REST, predict endpoint, HTTP, up, serve",
     .text = "`millrace up` keeps the project's production model served and watched; `millrace "
             "serve FILE.mill` serves one bundle in the foreground. Send rows as JSON to "
             "`/v1/predict`, as in `{\"rows\": [{\"tenure\": 3, \"plan\": \"basic\"}]}`; the "
             "answer holds the decision, probabilities, the model's digest and a request id. "
             "Columns may be missing; fields that the model does not read are ignored. Probes "
             "and `/metrics` also answer on a port of their own. Beyond the local machine a "
             "token is required.",
     .see = "send-feedback batch-scoring latency-percentiles",
     .sources = ""},
    {.id = "batch-scoring",
     .title = "Scoring a file",
     .category = Category::kGuide,
     .phases = "5",
     .tags = "batch prediction, predict command, csv",
     .text = "`millrace predict new_customers.csv --out answers.csv` answers every row with the "
             "production model, or with the one named by `--model`. The answer repeats the id "
             "column, or counts rows, and adds the decision with one probability per class, or "
             "the number. Reading and transforms are those of the service, so a row gets the "
             "same answer from a file and from a request. Large files stream; memory does not "
             "grow with them. Rows that cannot be split into cells are counted and named.",
     .see = "serve-a-model batch-or-online train-serve-skew",
     .sources = ""},
    {.id = "deploy-and-roll-back",
     .title = "Deploying and rolling back",
     .category = Category::kGuide,
     .phases = "5",
     .tags = "promote, rollback, staging, production",
     .text = "A run deploys when all gates are met: the bundle is started in staging, golden "
             "rows and latency are measured over HTTP, and then traffic is switched in one "
             "atomic step. By hand: `millrace deploy` validates in staging, `millrace promote` "
             "makes it production, `millrace rollback` returns to the version before, without "
             "training and without a failed request. Every step is in the audit chain with its "
             "time and author. Two bundles may run side by side with weights; a key keeps each "
             "user on one of them.",
     .see = "staging canary-release rollback",
     .sources = ""},
    {.id = "send-feedback",
     .title = "Sending outcomes back",
     .category = Category::kGuide,
     .phases = "5 6",
     .tags = "feedback, labels, ground truth, journal",
     .text = "When the truth becomes known, send it to `/v1/feedback` with the request id of the "
             "prediction. It is stored beside the prediction, and performance is then computed "
             "per window on what has come back, with an interval and the share that is still "
             "open. Late and repeated outcomes are fine, the last one counts. Without feedback, "
             "only drift of inputs and predictions can be watched, which is a weaker sign; even "
             "one outcome in twenty, chosen at random, is worth sending.",
     .see = "label-delay serve-a-model watch-production",
     .sources = ""},
    {.id = "watch-production",
     .title = "Watching production",
     .category = Category::kGuide,
     .phases = "6",
     .tags = "monitor, drift, alerts, windows, webhook",
     .text = "Predictions are collected into windows that close at a number of rows or at an "
             "age, whichever comes first (`monitor.window`). Each window is compared with the "
             "bundle's reference per column and for the predictions, and with the test result "
             "where outcomes came back. `millrace monitor` shows the windows. Alerts go to the "
             "log and to the addresses under `monitor.alerts`, with the column, the size of the "
             "shift and the bound. Choose the window from the smallest shift that matters.",
     .see = "drift-kinds drift-detection-power alert-design",
     .sources = ""},
    {.id = "retrain-guide",
     .title = "Retraining a model",
     .category = Category::kGuide,
     .phases = "6",
     .tags = "retrain command, triggers, schedule, approval",
     .text = "`millrace retrain` runs the phases on today's data and sets the new model, the "
             "challenger, against the one in production on the same unseen rows. It replaces it "
             "only if it is no worse and every gate holds; the reason is recorded either way. "
             "Under `retrain`, choose the triggers (drift, performance, schedule), a pause "
             "between two of them, and whether a person must approve. Look at the data before "
             "retraining on an alarm: a fault upstream is repaired, not learnt.",
     .see = "retraining-triggers champion-challenger watch-production",
     .sources = ""},
    {.id = "replay-guide",
     .title = "Replaying and auditing a run",
     .category = Category::kGuide,
     .phases = "6",
     .tags = "replay, audit, verify, byte identical",
     .text = "`millrace replay` repeats a recorded run from its data, specification and plan in "
             "an empty store and compares the bundles byte by byte; another number of threads "
             "must not matter. `millrace audit` walks the chain of what was done: each record "
             "holds the digest of the one before, so a change in the middle shows. `millrace "
             "bundle verify` checks every digest of a bundle and replays its golden rows, "
             "`millrace bundle diff` shows what differs between two. Together they answer how a "
             "model came into production.",
     .see = "reproducibility golden-rows audit-reader",
     .sources = ""},
    {.id = "containers-and-kubernetes",
     .title = "Containers and Kubernetes",
     .category = Category::kGuide,
     .phases = "5",
     .tags = "export, image, OCI, deployment, autoscaler",
     .text = "`millrace export oci` writes an image archive that holds the server and the bundle "
             "and nothing else; no daemon is needed to build it. `millrace export kubernetes` "
             "writes Deployment, Service and HorizontalPodAutoscaler from the specification: "
             "replicas, probes, ports and limits are derived, with a comment where a number was "
             "computed. The server starts in a fraction of a second, so scaling up is quick and "
             "rolling updates lose no request. Mount nothing: the bundle is part of the image "
             "and verified at start.",
     .see = "capacity-planning staging serve-a-model",
     .sources = ""},
    {.id = "automate-with-ci",
     .title = "Automating with CI",
     .category = Category::kGuide,
     .phases = "6",
     .tags = "export github, workflow, continuous integration, exit codes",
     .text = "`millrace export github` writes a workflow that checks the data, trains with a "
             "small budget, evaluates and stops where a gate is not met. Exit codes tell who "
             "must act: 0 done, 1 a gate or check is not met, 2 usage or specification, 3 data, "
             "4 the environment, 5 a fault of the program. Every command has `--json` with the "
             "same words as the text. Questions never block: without a terminal they fail and "
             "name the flag that answers them.",
     .see = "ci-for-models set-gates rerun-what-changed",
     .sources = ""},
};

}  // namespace

std::span<const Entry> Guides() { return kEntries; }

}  // namespace millrace::guide
