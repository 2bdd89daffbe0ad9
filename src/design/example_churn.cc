#include "design/example_churn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "json/text.h"
#include "json/value.h"

namespace millrace::design {
namespace {

using json::Json;

constexpr int kMonths = 12;
constexpr int kTrainingMonths = 8;
constexpr int kDriftMonth = 9;     // inputs change from this month on
constexpr int kConceptMonth = 11;  // what the inputs mean changes from this month on
constexpr int64_t kLeastCustomers = 50;
constexpr int64_t kMostCustomers = 1'000'000;
constexpr double kMissingSatisfaction = 0.05;
constexpr double kMissingAge = 0.02;
constexpr double kOutlierShare = 0.004;
constexpr double kDuplicateShare = 0.01;
constexpr double kUnrecordedShare = 0.3;  // of the churners among women
constexpr std::string_view kHeader =
    "customer_id,month,age,gender,region,tenure_months,contract,payment_method,internet_service,"
    "monthly_charges,total_charges,data_gb,support_calls,late_payments,satisfaction,"
    "account_closed_reason,churned";

struct Customer {
  std::string id;
  int month = 1;
  int age = 0;
  bool age_missing = false;
  bool woman = false;
  std::string_view region, contract, payment, internet;
  int tenure = 0;
  double charges = 0.0;
  double data_gb = 0.0;
  int calls = 0;
  int late = 0;
  int satisfaction = 0;
  bool satisfaction_missing = false;
  bool outlier = false;
  bool unrecorded = false;
  bool churned = false;  // as recorded
  std::string_view closed_reason;
};

template <size_t size>
std::string_view Pick(Rng& rng, const std::array<std::pair<std::string_view, double>, size>& from) {
  double at = rng.Uniform();
  for (const auto& [value, share] : from) {
    at -= share;
    if (at < 0.0) return value;
  }
  return from.back().first;
}

// A count with the given mean (Knuth 1997, volume 2, section 3.4.1).
int Poisson(Rng& rng, double mean) {
  const double limit = std::exp(-mean);
  int count = 0;
  for (double product = rng.Uniform(); product > limit; product *= rng.Uniform()) ++count;
  return count;
}

std::string MonthName(int month) { return Format("2024-{:02}", month); }

void DrawServices(Rng& rng, Customer& c) {
  const bool drifted = c.month >= kDriftMonth;
  using Choices2 = std::array<std::pair<std::string_view, double>, 3>;
  using Choices4 = std::array<std::pair<std::string_view, double>, 4>;
  c.region = Pick(rng, Choices4{{{"north", 0.3}, {"south", 0.3}, {"east", 0.22}, {"west", 0.18}}});
  c.contract =
      Pick(rng, drifted ? Choices2{{{"monthly", 0.72}, {"one year", 0.18}, {"two years", 0.10}}}
                        : Choices2{{{"monthly", 0.52}, {"one year", 0.26}, {"two years", 0.22}}});
  c.payment = Pick(
      rng,
      Choices4{{{"card", 0.34}, {"transfer", 0.26}, {"direct debit", 0.24}, {"invoice", 0.16}}});
  c.internet =
      Pick(rng, drifted ? Choices4{{{"fiber", 0.34}, {"dsl", 0.28}, {"none", 0.18}, {"5g", 0.20}}}
                        : Choices4{{{"fiber", 0.44}, {"dsl", 0.36}, {"none", 0.20}, {"5g", 0.0}}});
}

// The log-odds of leaving. Two of the effects are no straight lines, so that trees gain a little.
double LogOdds(const Customer& c) {
  double odds = -1.9;
  if (c.contract == "monthly") odds += 1.5;
  if (c.contract == "two years") odds -= 1.3;
  odds -= 0.9 * std::log1p(c.tenure) - 2.4;
  if (c.internet == "fiber") odds += 0.6;
  if (c.payment == "invoice") odds += 0.6;
  odds += 0.02 * (c.charges - 60.0);
  odds += (c.month >= kConceptMonth ? 0.15 : 0.5) * (c.calls - 1.2);
  odds += 0.5 * (c.late - 0.5);
  odds -= 0.75 * (c.satisfaction - 3.2);
  if (c.calls >= 3 && c.satisfaction <= 2) odds += 1.0;
  if (c.age < 30 && c.contract == "monthly") odds += 0.5;
  if (c.month >= kConceptMonth && c.data_gb > 60.0) odds += 1.2;
  return odds;
}

Customer DrawCustomer(Rng& rng, int month, int64_t number) {
  Customer c;
  c.id = Format("C24{:02}{:05}", month, number);
  c.month = month;
  c.age = std::clamp(static_cast<int>(std::lround(44.0 + 15.0 * rng.Normal())), 18, 90);
  c.woman = rng.Uniform() < 0.48;
  DrawServices(rng, c);
  c.tenure = std::min(72, static_cast<int>(26.0 * rng.Exponential()));
  c.charges = std::max(15.0, 42.0 + (c.internet == "fiber" ? 34.0 : 0.0) -
                                 (c.internet == "none" ? 18.0 : 0.0) + 11.0 * rng.Normal());
  const double data_mean = month >= kDriftMonth ? 62.0 : 36.0;
  c.data_gb = c.internet == "none" ? 0.0 : std::max(0.0, data_mean + 14.0 * rng.Normal());
  c.calls = Poisson(rng, 1.2);
  c.late = Poisson(rng, c.payment == "invoice" ? 0.9 : 0.4);
  c.satisfaction =
      std::clamp(static_cast<int>(std::lround(3.6 - 0.3 * c.calls + 1.0 * rng.Normal())), 1, 5);
  const bool leaves = rng.Uniform() < 1.0 / (1.0 + std::exp(-LogOdds(c)));
  c.unrecorded = leaves && c.woman && rng.Uniform() < kUnrecordedShare;
  c.churned = leaves && !c.unrecorded;
  using Reasons = std::array<std::pair<std::string_view, double>, 3>;
  const std::string_view closed =
      Pick(rng, Reasons{{{"moved", 0.3}, {"price", 0.4}, {"competitor", 0.3}}});
  if (c.churned) c.closed_reason = closed;
  // The unhappy answer the survey less often: missing not at random.
  c.satisfaction_missing = rng.Uniform() < kMissingSatisfaction * (c.satisfaction <= 2 ? 2.0 : 1.0);
  c.age_missing = rng.Uniform() < kMissingAge;
  c.outlier = rng.Uniform() < kOutlierShare;
  return c;
}

std::string RowOf(const Customer& c) {
  // A unit mix-up: cents instead of whole currency.
  const double charges = c.outlier ? c.charges * 100.0 : c.charges;
  const std::string total =
      c.tenure == 0 ? "" : FormatFixed(c.charges * static_cast<double>(c.tenure), 2);
  return Format("{},{}-01,{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", c.id, MonthName(c.month),
                c.age_missing ? "" : Format("{}", c.age), c.woman ? "female" : "male", c.region,
                c.tenure, c.contract, c.payment, c.internet, FormatFixed(charges, 2), total,
                FormatFixed(c.data_gb, 1), c.calls, c.late,
                c.satisfaction_missing ? "" : Format("{}", c.satisfaction), c.closed_reason,
                c.churned ? "Yes" : "No");
}

// Lines of one file (from 1; the header is line 1) where something was planted.
struct Planted {
  std::vector<int64_t> missing_satisfaction, missing_age, missing_total, outliers, duplicates,
      unrecorded;
};

struct Month {
  std::string file;
  std::string rows;
  int64_t num_rows = 0;
  int64_t num_churned = 0;
  Planted planted;
};

void AddRow(const Customer& c, Month& month) {
  month.rows += RowOf(c);
  ++month.num_rows;
  if (c.churned) ++month.num_churned;
  const int64_t line = month.num_rows + 1;
  Planted& planted = month.planted;
  if (c.satisfaction_missing) planted.missing_satisfaction.push_back(line);
  if (c.age_missing) planted.missing_age.push_back(line);
  if (c.tenure == 0) planted.missing_total.push_back(line);
  if (c.outlier) planted.outliers.push_back(line);
  if (c.unrecorded) planted.unrecorded.push_back(line);
}

Month MakeMonth(const Rng& rng, int number, int64_t num_customers) {
  Month month;
  month.file = Format("customers_{}.csv", MonthName(number));
  Rng draws = rng.Fork("month", static_cast<uint64_t>(number));
  std::vector<Customer> recent;
  for (int64_t i = 1; i <= num_customers; ++i) {
    const Customer customer = DrawCustomer(draws, number, i);
    AddRow(customer, month);
    recent.push_back(customer);
    if (draws.Uniform() >= kDuplicateShare) continue;
    AddRow(recent[draws.Below(recent.size())], month);
    month.planted.duplicates.push_back(month.num_rows + 1);
  }
  return month;
}

Json LinesOf(const std::vector<Month>& months, std::vector<int64_t> Planted::*lines) {
  Json by_file = Json::MakeObject();
  for (const Month& month : months) {
    if (!(month.planted.*lines).empty()) {
      by_file.Set(month.file, Json::ArrayOf(month.planted.*lines));
    }
  }
  return by_file;
}

Json MissingTruth(const std::vector<Month>& months) {
  const auto one = [&](const char* column, const char* how, std::vector<int64_t> Planted::*lines) {
    return Json::Of({{"column", column}, {"how", how}, {"lines", LinesOf(months, lines)}});
  };
  return Json(
      json::Array{one("satisfaction", "the unhappy answer half as often: not at random",
                      &Planted::missing_satisfaction),
                  one("age", "at random", &Planted::missing_age),
                  one("total_charges", "in the first month of a contract: tenure_months is 0",
                      &Planted::missing_total)});
}

Json DriftTruth() {
  const auto one = [](const char* kind, const char* column, int month, const char* text) {
    return Json::Of(
        {{"kind", kind}, {"column", column}, {"from_month", MonthName(month)}, {"text", text}});
  };
  return Json(json::Array{
      one("input", "data_gb", kDriftMonth, "mean of users from 36 to 62"),
      one("input", "contract", kDriftMonth, "share of monthly from 52 % to 72 %"),
      one("input", "internet_service", kDriftMonth, "a new value, 5g, in 20 % of rows"),
      one("concept", "support_calls", kConceptMonth, "effect on the log-odds from 0.5 to 0.15"),
      one("concept", "data_gb", kConceptMonth, "above 60 the log-odds rise by 1.2")});
}

Json TruthOf(const ChurnExampleOptions& options, const std::vector<Month>& months) {
  Json files = Json::MakeArray();
  int64_t first_line = 2;
  for (size_t i = 0; i < months.size(); ++i) {
    const bool trains = i < static_cast<size_t>(kTrainingMonths);
    Json file = Json::Of({{"file", months[i].file},
                          {"rows", months[i].num_rows},
                          {"churned", months[i].num_churned},
                          {"in_customers_csv", trains}});
    if (trains) {
      file.Set("first_line_in_customers_csv", first_line);
      first_line += months[i].num_rows;
    }
    files.Append(std::move(file));
  }
  return Json::Of(
      {{"synthetic", true},
       {"seed", Format("{}", options.seed)},
       {"customers_per_month", options.customers_per_month},
       {"target", "churned"},
       {"positive", "Yes"},
       {"lines", "counted from 1 in the monthly file; its header is line 1"},
       {"files", std::move(files)},
       {"leak", Json::Of({{"column", "account_closed_reason"},
                          {"text",
                           "filled when the account is closed: present exactly where churned is "
                           "Yes"}})},
       {"drift", DriftTruth()},
       {"missing", MissingTruth(months)},
       {"outliers", Json::Of({{"column", "monthly_charges"},
                              {"text", "written in cents: 100 times too large"},
                              {"lines", LinesOf(months, &Planted::outliers)}})},
       {"duplicates", Json::Of({{"text", "copies of an earlier row of the same month"},
                                {"lines", LinesOf(months, &Planted::duplicates)}})},
       {"bias", Json::Of({{"column", "gender"},
                          {"group", "female"},
                          {"text", Format("{} of those who left are recorded as not churned",
                                          FormatShare(kUnrecordedShare, 1.0))},
                          {"lines", LinesOf(months, &Planted::unrecorded)}})}});
}

std::string Readme(const ChurnExampleOptions& options, int64_t num_rows) {
  return Format(
      "# Churn example: synthetic data\n\n"
      "Every customer here is made up by a random generator (seed {}, {} customers a month). No "
      "row describes\na person, and no figure says anything about a real company.\n\n"
      "| file | what it is |\n|---|---|\n"
      "| `customers_2024-01.csv` to `customers_2024-12.csv` | one month each |\n"
      "| `customers.csv` | months 1 to {} together, {} rows: to train on |\n"
      "| `truth.json` | what was planted where: a leaking column, drift, missing values, outliers, "
      "duplicates, a bias against a group |\n\n"
      "A run:\n\n"
      "    millrace new \"predict which customers will churn\" --data customers.csv\n"
      "    millrace run\n\n"
      "Later months change: the inputs from {} on, and what they mean from {} on.\n",
      options.seed, FormatCount(options.customers_per_month), kTrainingMonths,
      FormatCount(num_rows), MonthName(kDriftMonth), MonthName(kConceptMonth));
}

Status CheckOptions(const ChurnExampleOptions& options) {
  if (options.customers_per_month >= kLeastCustomers &&
      options.customers_per_month <= kMostCustomers) {
    return {};
  }
  return InvalidSpec(Format("customers per month: must be between {} and {}: {}", kLeastCustomers,
                            FormatCount(kMostCustomers), options.customers_per_month));
}

}  // namespace

Result<ChurnExample> WriteChurnExample(const std::string& folder,
                                       const ChurnExampleOptions& options) {
  MILLRACE_RETURN_IF_ERROR(CheckOptions(options));
  const Rng rng(options.seed);
  std::vector<Month> months;
  for (int month = 1; month <= kMonths; ++month) {
    months.push_back(MakeMonth(rng, month, options.customers_per_month));
  }
  ChurnExample example;
  std::vector<std::pair<std::string, std::string>> files;
  std::string training = std::string(kHeader) + "\n";
  for (size_t i = 0; i < months.size(); ++i) {
    files.emplace_back(months[i].file, std::string(kHeader) + "\n" + months[i].rows);
    if (i >= static_cast<size_t>(kTrainingMonths)) continue;
    training += months[i].rows;
    example.num_rows += months[i].num_rows;
  }
  files.emplace_back("customers.csv", std::move(training));
  files.emplace_back("truth.json", json::WritePretty(TruthOf(options, months)));
  files.emplace_back("README.md", Readme(options, example.num_rows));
  for (const auto& [name, content] : files) {
    if (!FileExists(JoinPath(folder, name))) continue;
    return InvalidSpec(Format("{}: exists", JoinPath(folder, name)))
        .WithHint("name an empty or new folder");
  }
  MILLRACE_RETURN_IF_ERROR(MakeFolders(folder));
  for (const auto& [name, content] : files) {
    MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(JoinPath(folder, name), content));
    example.files.push_back(name);
  }
  return example;
}

}  // namespace millrace::design
