#include "spec/sections.h"

#include <string>
#include <utility>

#include "feature/group_keys.h"
#include "spec/window_features.h"
#include "table/task.h"

namespace millrace::spec {
namespace {

using Choices = std::vector<std::string>;

/// Inclusive limits; nullopt: open.
struct Range {
  std::optional<double> minimum;
  std::optional<double> maximum;
};

Key Make(Shape shape, std::string_view name, std::string_view text) {
  Key key;
  key.shape = shape;
  key.option.key = name;
  key.option.text = text;
  return key;
}

Key Text(std::string_view name, std::string_view example, std::string_view text) {
  Key key = Make(Shape::kValue, name, text);
  key.example = example;
  return key;
}

Key Quantity(OptionType type, std::string_view name, std::string_view fallback, Range range,
             std::string_view unit, std::string_view text) {
  Key key = Make(Shape::kValue, name, text);
  key.option.type = type;
  key.option.default_text = fallback;
  key.option.minimum = range.minimum;
  key.option.maximum = range.maximum;
  key.option.unit = unit;
  return key;
}

Key Choice(std::string_view name, std::string_view fallback, Choices choices,
           std::string_view text) {
  Key key = Make(Shape::kValue, name, text);
  key.option.type = OptionType::kChoice;
  key.option.default_text = fallback;
  key.option.choices = std::move(choices);
  return key;
}

Key TextList(std::string_view name, std::string_view example, std::string_view text) {
  Key key = Make(Shape::kTextList, name, text);
  key.option.type = OptionType::kList;
  key.example = example;
  return key;
}

Key Sources(std::string_view name, std::string_view example, std::string_view text) {
  Key key = TextList(name, example, text);
  key.shape = Shape::kSources;
  return key;
}

Key Group(Shape shape, std::string_view name, std::vector<Key> children, std::string_view text) {
  Key key = Make(shape, name, text);
  key.children = std::move(children);
  return key;
}

Key Required(Key key) {
  key.presence = Presence::kRequired;
  return key;
}

Key OrAuto(Key key) {
  key.automatic = Automatic::kAuto;
  key.option.default_text = "auto";
  return key;
}

// A whole group whose absence means something else than its children's defaults.
Key OrNone(Key key) {
  key.option.default_text = "none";
  return key;
}

Key OrEmpty(Key key) {
  key.option.default_text = "\"\"";
  return key;
}

Key Reserved(std::string_view name, std::string_view text) {
  Key key = Make(Shape::kValue, name, text);
  key.presence = Presence::kReserved;
  return key;
}

Choices TaskNames() {
  Choices names;
  for (const table::Task task : table::AllTasks()) names.emplace_back(table::TaskName(task));
  return names;
}

Choices StatisticNames() {
  Choices names;
  for (const feature::GroupStatistic statistic : feature::AllGroupStatistics()) {
    names.emplace_back(feature::GroupStatisticName(statistic));
  }
  return names;
}

Choices WindowStatisticNames() {
  Choices names;
  for (const WindowStatistic statistic : AllWindowStatistics()) {
    names.emplace_back(WindowStatisticName(statistic));
  }
  return names;
}

Key Money(std::string_view name, std::string_view text) {
  return Quantity(OptionType::kNumber, name, "0", {}, "currency", text);
}

Key DescribeProblem() {
  return Group(
      Shape::kGroup, "problem",
      {OrEmpty(Text("description", "\"Predict which customers will churn next month\"",
                    "The question in a sentence.")),
       OrAuto(Choice("task", "", TaskNames(), "Kind of problem; auto: from target and sentence.")),
       Required(Text("target", "Churn", "Column to predict.")),
       OrAuto(Text("positive", "\"Yes\"",
                   "Value of the target that counts as positive in a "
                   "binary task; auto: from the sentence or the rarer.")),
       OrNone(Group(Shape::kGroup, "value",
                    {Money("true_positive", "Value of acting on a case that is positive."),
                     Money("false_positive", "Value of acting on a case that is not."),
                     Money("false_negative", "Value of missing a positive case."),
                     Money("true_negative", "Value of leaving a negative case alone.")},
                    "Business value of each kind of binary decision; the threshold follows it.")),
       Reserved("horizon", "Number of future periods to forecast."),
       Reserved("frequency", "Length of a period of a time series.")},
      "What is asked.");
}

Key DescribeColumns() {
  return Group(
      Shape::kNamedGroups, "columns",
      {OrAuto(Choice("type", "", {"integer", "number", "boolean", "category", "text", "date"},
                     "What the values are.")),
       OrAuto(TextList("missing", "[\" \", \"?\"]",
                       "Texts that mean missing in this column, instead of data.missing.")),
       OrAuto(Choice("decimal", "", {".", ","}, "Decimal sign.")),
       OrAuto(Text("prefix", "\"$\"", "Text before a number, taken off.")),
       OrAuto(Text("suffix", "\" kmpl\"", "Text after a number, taken off.")),
       OrAuto(Choice("date_order", "", {"ymd", "dmy", "mdy", "seconds", "milliseconds"},
                     "Order of day, month and year where digits are ambiguous, or what digits "
                     "count since 1970.")),
       OrAuto(Choice("outliers", "", {"keep", "clip", "set_aside"},
                     "What happens to numbers that lie far out; auto: as data.outliers says.")),
       OrAuto(Quantity(OptionType::kBoolean, "magnitudes", "", {}, "",
                       "Whether k, M and B behind a number stand for thousand, million and "
                       "thousand million."))},
      "How single columns are read, by name; what is not given is inferred.");
}

Key DescribeChecks() {
  return Group(
      Shape::kGroupList, "checks",
      {OrEmpty(Text("column", "tenure", "Column that is checked; neither sql nor rows then.")),
       Quantity(OptionType::kNumber, "min", "", {}, "", "Smallest allowed value."),
       Quantity(OptionType::kNumber, "max", "", {}, "", "Largest allowed value."),
       Quantity(OptionType::kNumber, "max_missing", "", {0.0, 1.0}, "share",
                "Largest allowed share of missing values."),
       TextList("values", "[A, B, C]", "The only allowed values."),
       OrEmpty(Text("pattern", "\"[0-9]{4}-[A-Z]{5}\"",
                    "Regular expression (RE2) that a whole text must match.")),
       Quantity(OptionType::kInteger, "min_length", "", {0.0, {}}, "characters",
                "Fewest characters of a text."),
       Quantity(OptionType::kInteger, "max_length", "", {0.0, {}}, "characters",
                "Most characters of a text."),
       Quantity(OptionType::kBoolean, "unique", "false", {}, "",
                "Whether no value may stand in two rows."),
       Quantity(OptionType::kInteger, "min_rows", "", {0.0, {}}, "rows",
                "Fewest rows of the table; without column and sql."),
       Quantity(OptionType::kInteger, "max_rows", "", {0.0, {}}, "rows",
                "Most rows of the table; without column and sql."),
       OrEmpty(Text("sql", "\"TotalCharges >= MonthlyCharges\"",
                    "Condition on a row, in SQL; not together with column.")),
       Quantity(OptionType::kNumber, "at_least", "1", {0.0, 1.0}, "share",
                "Share of rows that must meet the condition."),
       Quantity(OptionType::kNumber, "at_most", "", {0.0, 1.0}, "share",
                "Largest share of rows that may meet the condition; missing values are left out."),
       Quantity(OptionType::kNumber, "min_mean", "", {}, "", "Smallest allowed mean."),
       Quantity(OptionType::kNumber, "max_mean", "", {}, "", "Largest allowed mean."),
       Choice("order", "any",
              {"any", "increasing", "strictly_increasing", "decreasing", "strictly_decreasing"},
              "How the values follow each other from row to row."),
       Quantity(OptionType::kDuration, "max_age", "", {0.0, {}}, "time",
                "How long ago the newest date may be when the check is measured."),
       Choice("severity", "block", {"block", "warn"},
              "Whether a check that is not met stops the run or is reported."),
       Quantity(OptionType::kBoolean, "set_aside", "false", {}, "",
                "Whether rows that break it are set aside (the quarantine) instead of kept."),
       OrAuto(Choice("on_request", "", {"flag", "reject", "ignore"},
                     "What the service does with a row that breaks it; auto: deploy.on_invalid "
                     "where the check blocks and at_least is 1, else flag."))},
      "Expectations that every version of the data is measured against.");
}

Key DescribeData() {
  return Group(
      Shape::kGroup, "data",
      {Required(Sources("source", "customers.csv",
                        "Where the rows are, one or a list: a file, a pattern, a folder (relative "
                        "to this file), a URL, sqlite:FILE?table=NAME, postgresql://... or the "
                        "parts of a database as {sqlite: FILE, query: SELECT}.")),
       Choice("format", "auto", {"auto", "csv", "tsv", "jsonl", "json", "parquet"},
              "Format of the files; auto: by name and content."),
       OrAuto(Choice("delimiter", "",
                     {",", ";", "tab", "|", ":", "space", "^", "~", "!", "#", "$", "%", "&", "*",
                      "+", "/", "=", "@"},
                     "Sign between fields; auto: by content.")),
       Quantity(OptionType::kBoolean, "append_only", "false", {}, "",
                "Files only grow and no file goes away: only what is new is read, and `millrace "
                "data follow` can follow them."),
       OrAuto(Choice("encoding", "", {"utf-8", "utf-16le", "utf-16be", "latin-1", "windows-1252"},
                     "Encoding of delimited text; auto: by byte order mark and content.")),
       OrAuto(Choice("quote", "", {"\"", "'", "none"},
                     "Sign around fields that hold a delimiter; auto: by content.")),
       OrAuto(Choice("comment", "", {"#", "%", ";", "none"},
                     "Sign that a comment line begins with; auto: # above the header only.")),
       OrAuto(Choice("header", "", {"present", "none"},
                     "Whether a line names the columns; without one they are column_1, "
                     "column_2, ...; auto: there must be one.")),
       OrAuto(Quantity(OptionType::kInteger, "skip", "", {0.0, 10000.0}, "lines",
                       "Lines above the header (titles, notes); auto: by content.")),
       Quantity(OptionType::kBytes, "keep", "1GB", {0.0, {}}, "size",
                "Source files of up to this size in all are kept with each data version; 0B keeps "
                "their digests only."),
       TextList("missing", "[NA, \"?\"]",
                "Texts that mean missing, in all columns, besides the empty text."),
       Text("id", "customerID", "Column that names a row; left out of the features."),
       Text("time", "signup_date", "Column with the time of the event; the split follows it."),
       Text("group", "household", "Column whose equal values stay together in a split."),
       TextList("exclude", "[notes]", "Columns left out of the features."),
       TextList("not_at_prediction", "[closed_date]",
                "Columns that are known only after a prediction is due; left out of the features."),
       TextList("sensitive", "[gender, SeniorCitizen]",
                "Columns by whose groups errors and decisions are compared."),
       Choice("on_leak", "exclude", {"exclude", "block", "warn"},
              "What a leak of the target does. exclude: a column that tells it is left out, other "
              "leaks are reported; block: any leak stops the run; warn: reported only."),
       Choice(
           "outliers", "keep", {"keep", "clip", "set_aside"},
           "What happens to numbers that lie far out, by fences of the training rows. keep: they "
           "are reported; clip: they stand at the fence, in training and serving alike; "
           "set_aside: training rows that hold one leave training."),
       DescribeColumns(),
       DescribeChecks(),
       Reserved("weight", "Column with the weight of a row."),
       Reserved("test", "Source of the test rows."),
       Reserved("joins", "Further sources, joined at the time of the event.")},
      "Where the data is and how it is read.");
}

Key DescribeSplit() {
  return Group(
      Shape::kGroup, "split",
      {Choice("kind", "auto", {"auto", "random", "stratified", "group", "time", "column"},
              "How rows are held out; auto: column, time or group where given, else stratified for "
              "classes and random for numbers."),
       Quantity(OptionType::kNumber, "test", "0.2", {0.01, 0.9}, "share",
                "Share of all rows that no model sees before evaluation."),
       Quantity(OptionType::kNumber, "validation", "0.15", {0.01, 0.9}, "share",
                "Share of all rows that candidates are compared on."),
       Quantity(OptionType::kInteger, "seed", "7", {0.0, {}}, "",
                "Seed of everything random; same seed, same result."),
       Quantity(OptionType::kDuration, "embargo", "0s", {0.0, {}}, "time",
                "Rows this close before the border of a split by time are left out of training, in "
                "the folds too: what they tell may still have been happening after it."),
       Text("column", "part", "Column that holds the part of each row: train, validation or test."),
       OrAuto(
           Quantity(OptionType::kInteger, "folds", "", {1.0, 20.0}, "",
                    "Parts of the training rows that the estimate is measured on in turn; 1: one "
                    "hold-out; auto: as many as the budget pays for.")),
       Quantity(OptionType::kInteger, "repeats", "1", {1.0, 20.0}, "",
                "How often the folds are drawn anew and measured again, the outputs averaged: "
                "steadier where rows are few.")},
      "How rows are split into training, validation and test.");
}

Key DescribeFeatures() {
  return Group(
      Shape::kGroup, "features",
      {Choice("missing", "native", {"native", "auto"},
              "What becomes of gaps in columns that do not say it themselves. native: they "
              "stay missing; auto: a probe on training rows decides for each column."),
       Group(Shape::kGroupList, "add",
             {Required(Text("name", "charge_per_month", "Name of the new column.")),
              Required(Text("expr", "\"TotalCharges / nullif(tenure, 0)\"",
                            "Expression over the columns of a row."))},
             "Columns computed from others, the same way in training and serving."),
       Group(Shape::kGroupList, "aggregates",
             {Required(Text("name", "fare_of_class", "Name of the new feature.")),
              OrEmpty(Text("of", "fare",
                           "Column that is measured; none for count and "
                           "share, which count rows.")),
              Required(TextList("by", "[class, sex]",
                                "Columns whose values make the groups, 8 at most.")),
              Required(Choice("stat", "", StatisticNames(),
                              "What is measured of the training rows of a group.")),
              Choice("as", "value", {"value", "difference", "ratio"},
                     "value: of the group; difference, ratio: the row's own value less, "
                     "or over, the group's."),
              Quantity(OptionType::kInteger, "min_rows", "5", {1.0, 1e9}, "rows",
                       "Groups of fewer training rows read as all rows together.")},
             "Statistics of groups of training rows, looked up by a row's own values."),
       Group(Shape::kGroupList, "windows",
             {Required(Text("name", "sales_before", "Name of the new column.")),
              Required(Text("of", "sales", "Column of numbers, or the target.")),
              TextList("by", "[store]", "Columns that tell one series from another."),
              Choice("stat", "", WindowStatisticNames(),
                     "What is taken of the earlier rows; without: the value itself, lag "
                     "rows earlier."),
              Quantity(OptionType::kInteger, "lag", "1", {1.0, 1e6}, "rows",
                       "How many rows back, counted among those of earlier times that "
                       "are known."),
              Quantity(OptionType::kInteger, "rows", "", {1.0, 10'000.0}, "rows",
                       "Length of the window that stat is taken of."),
              Quantity(OptionType::kDuration, "period", "", {1e-3, {}}, "duration",
                       "The same as a time."),
              OrAuto(Quantity(OptionType::kDuration, "delay", "", {0.0, {}}, "time",
                              "Rows younger than this are not known yet; auto: "
                              "split.embargo."))},
             "Lags and statistics of earlier rows, where data.time orders them; a request "
             "must bring them."),
       Group(Shape::kNamedGroups, "columns",
             {OrAuto(TextList("strategy", "[bin, log]",
                              "What the column becomes; docs/features.md lists the "
                              "strategies. auto: by its type and values.")),
              OrAuto(Quantity(OptionType::kInteger, "bins", "", {2.0, 1000.0}, "bins",
                              "Number of bins with equal shares of rows; auto: 10.")),
              TextList("borders", "[18, 35, 65]",
                       "Borders of the bins, ascending, instead of equal shares."),
              OrAuto(Quantity(OptionType::kInteger, "buckets", "", {2.0, 65536.0}, "buckets",
                              "Number of codes of a hash; auto: 256.")),
              OrAuto(TextList("missing", "[median, indicator]",
                              "What becomes of missing values; docs/missing_data.md lists "
                              "the policies. auto: as features.missing says.")),
              Text("fill", "0", "Value that missing ones become by the policy constant.")},
             "What single columns become, by name, instead of what is chosen by type.")},
      "Features: what is added to the columns, and what the columns become.");
}

Key DescribeDevelop() {
  return Group(
      Shape::kGroup, "develop",
      {OrAuto(Text("metric", "auc", "Metric that candidates are compared by; auto: by the task.")),
       OrAuto(TextList("learners", "[linear, boosting]",
                       "Learners to try; auto: all that suit the task.")),
       Group(Shape::kGroup, "budget",
             {Quantity(OptionType::kDuration, "time", "60s", {0.1, 30 * 86400.0}, "duration",
                       "Time for the whole development phase."),
              OrAuto(Quantity(OptionType::kBytes, "memory", "", {64e6, {}}, "size",
                              "Largest memory; auto: most of what is free.")),
              OrAuto(Quantity(OptionType::kInteger, "threads", "", {1.0, 1024.0}, "threads",
                              "Threads; auto: all processors. Changes no result."))},
             "What development may spend."),
       Make(Shape::kLearnerOptions, "options",
            "Options of single learners, by learner; what is given is fixed, the rest is tuned."),
       Reserved("class_weights", "Weights of the classes in training.")},
      "How models are found.");
}

Key DescribeRequire() {
  return Group(Shape::kGates, "require",
               {Make(Shape::kGates, "fairness",
                     "Bounds on gaps between the groups of the sensitive columns.")},
               "Gates: measured with their interval; one that is not met stops the model.");
}

Key DescribeDeploy() {
  const Range replicas{1.0, 10'000.0};
  return Group(
      Shape::kGroup, "deploy",
      {Choice("target", "local", {"local"},
              "Where the model serves; for clusters see `millrace export`."),
       [] {
         Key key = Text("address", "0.0.0.0", "Address that the server listens on.");
         key.option.default_text = "127.0.0.1";
         return key;
       }(),
       Quantity(OptionType::kInteger, "port", "8080", {0.0, 65535.0}, "port",
                "Port of predictions; 0: any free one."),
       OrAuto(Quantity(OptionType::kInteger, "metrics_port", "", {0.0, 65535.0}, "port",
                       "Port of probes and metrics; auto: the next after port.")),
       Quantity(OptionType::kInteger, "grpc_port", "", {0.0, 65535.0}, "port",
                "Port of predictions over gRPC (Open Inference Protocol), 0: any free one; not "
                "served unless it is given."),
       OrAuto(Quantity(OptionType::kInteger, "threads", "", {1.0, 1024.0}, "threads",
                       "Threads of a server; auto: all processors.")),
       Group(Shape::kGroup, "replicas",
             {Quantity(OptionType::kInteger, "min", "1", replicas, "servers",
                       "Smallest number of servers."),
              Quantity(OptionType::kInteger, "max", "8", replicas, "servers",
                       "Largest number of servers.")},
             "Bounds of automatic scaling."),
       Group(Shape::kGroup, "canary",
             {Quantity(OptionType::kNumber, "percent", "10", {0.0, 100.0}, "percent",
                       "Share of requests that a new model answers first."),
              Quantity(OptionType::kDuration, "for", "30m", {0.0, 365 * 86400.0}, "duration",
                       "How long it does before it gets all.")},
             "How a new model takes over."),
       OrAuto(Choice("auth", "", {"token", "none"},
                     "Whether requests need a token; auto: unless the address is loopback.")),
       Choice("on_invalid", "flag", {"flag", "reject"},
              "What the service does with rows that break a check of data.checks. flag: answers "
              "with a warning; reject: refuses the request with HTTP 422.")},
      "How the model serves.");
}

Key DescribeMonitor() {
  return Group(
      Shape::kGroup, "monitor",
      {Group(Shape::kGroup, "window",
             {Quantity(OptionType::kInteger, "rows", "1000", {10.0, 1e9}, "rows",
                       "Predictions that close a window."),
              Quantity(OptionType::kDuration, "at_most", "1h", {1.0, 365 * 86400.0}, "duration",
                       "Age that closes a window, however few predictions it holds.")},
             "What is compared with the reference at a time."),
       Group(Shape::kGroup, "drift",
             {Quantity(OptionType::kNumber, "psi", "0.2", {0.001, 10.0}, "",
                       "Population stability index of a column that counts as drift.")},
             "When inputs have changed."),
       Group(Shape::kGroup, "performance",
             {Quantity(OptionType::kNumber, "drop", "0.05", {0.0, 1.0}, "share",
                       "Fall of the primary metric against the test rows that raises an alert, "
                       "relative.")},
             "When the model has become worse."),
       Group(Shape::kGroupList, "alerts",
             {Choice("kind", "log", {"log", "webhook"}, "How the alert is sent."),
              OrEmpty(Text("url", "\"http://127.0.0.1:9093\"", "Where a webhook is posted to."))},
             "Who is told.")},
      "What is watched in production.");
}

Key DescribeRetrain() {
  Key on = TextList("on", "[drift, performance, schedule]",
                    "What starts a retraining; empty: only `millrace retrain`.");
  on.option.choices = {"drift", "performance", "schedule"};
  on.option.default_text = "drift, performance";
  return Group(Shape::kGroup, "retrain",
               {std::move(on),
                Quantity(OptionType::kDuration, "every", "30d", {60.0, 3650 * 86400.0}, "duration",
                         "Interval of the schedule."),
                Quantity(OptionType::kDuration, "cool_down", "1d", {0.0, 3650 * 86400.0},
                         "duration", "Shortest time between two retrainings."),
                Choice("approve", "auto", {"auto", "manual"},
                       "Whether a better model goes into production by itself.")},
               "When a new model is trained.");
}

}  // namespace

std::vector<Key> DescribeSections() {
  Key version =
      Quantity(OptionType::kInteger, "millrace", "1", {1.0, {}}, "", "Version of this format.");
  return {std::move(version), DescribeProblem(), DescribeData(),    DescribeSplit(),
          DescribeFeatures(), DescribeDevelop(), DescribeRequire(), DescribeDeploy(),
          DescribeMonitor(),  DescribeRetrain()};
}

}  // namespace millrace::spec
