#include "spec/feature_strategies.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "spec/names.h"

namespace millrace::spec {
namespace {

using table::ColumnType;

constexpr std::string_view kAny = "all";
constexpr std::string_view kNumbers = "numbers";
constexpr std::string_view kValues = "numbers, yes or no";
constexpr std::string_view kTexts = "categories, texts";
constexpr std::string_view kDates = "dates";

constexpr StrategyRow kRows[] = {
    {Strategy::kValue, "value", kValues, "the value as it is"},
    {Strategy::kMissing, "missing", kAny, "1 where the value is missing, else 0"},
    {Strategy::kBin, "bin", kNumbers, "the number of its bin: equal shares of rows, or borders"},
    {Strategy::kStandard, "standard", kNumbers, "distance from the mean, in standard deviations"},
    {Strategy::kRobust, "robust", kNumbers, "distance from the median, in interquartile ranges"},
    {Strategy::kMinMax, "minmax", kNumbers, "place between the least (0) and the greatest (1)"},
    {Strategy::kLog, "log", kNumbers, "logarithm, moved so that every training value has one"},
    {Strategy::kSignedLog, "signed_log", kNumbers, "ln(1 + size) with the sign of the value"},
    {Strategy::kPower, "power", kNumbers, "the Yeo-Johnson power that is nearest to a normal"},
    {Strategy::kCategory, "category", kTexts, "code of the value; learners treat it as a category"},
    {Strategy::kOneHot, "one_hot", kTexts, "a yes or no for each of the most frequent values"},
    {Strategy::kHash, "hash", kTexts, "a code from the hash of the text, for unseen values too"},
    {Strategy::kFrequency, "frequency", kTexts, "share of training rows with the same value"},
    {Strategy::kParts, "parts", kDates,
     "year, month, day, weekday, and the hour where there is one"},
    {Strategy::kCalendar, "calendar", kDates,
     "quarter, week, day of the year, weekend, first and last day of a month"},
    {Strategy::kCycle, "cycle", kDates,
     "sine and cosine of month, weekday, day of the year, and the hour where there is one"},
    {Strategy::kElapsed, "elapsed", kDates, "days since the first training date"},
    {Strategy::kLength, "length", kTexts, "length and number of words"},
    {Strategy::kWords, "words", kTexts, "tf-idf of the most frequent words and pairs of words"},
    {Strategy::kNgrams, "ngrams", kTexts, "tf-idf of the most frequent runs of 3 to 5 characters"},
    {Strategy::kStatistics, "statistics", kTexts,
     "digits, punctuation, share of capitals, mean length of words"},
};

std::optional<FeatureMistake> FindBorderMistake(const ColumnFeatures& column) {
  std::optional<double> before;
  for (const std::string& text : column.borders) {
    const std::optional<double> number = ParseDouble(text);
    if (!number) {
      return FeatureMistake{".borders", Format("not a number: \"{}\"", Ellipsize(text, 40)), ""};
    }
    if (before && *number <= *before) {
      return FeatureMistake{".borders", Format("do not ascend: {}", Ellipsize(text, 40)),
                            "write each border once, smallest first"};
    }
    before = number;
  }
  return std::nullopt;
}

}  // namespace

std::span<const StrategyRow> Strategies() { return kRows; }

const StrategyRow* FindStrategy(std::string_view name) {
  for (const StrategyRow& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool Suits(Strategy strategy, ColumnType type) {
  const auto row = std::ranges::find(kRows, strategy, &StrategyRow::strategy);
  if (row->columns == kAny) return true;
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kNumber:
      return row->columns == kNumbers || row->columns == kValues;
    case ColumnType::kBoolean:
      return row->columns == kValues;
    case ColumnType::kCategory:
    case ColumnType::kText:
      return row->columns == kTexts;
    case ColumnType::kDate:
      return row->columns == kDates;
  }
  return false;
}

std::string StrategiesOf(ColumnType type) {
  std::vector<std::string> names;
  for (const StrategyRow& row : kRows) {
    if (Suits(row.strategy, type)) names.emplace_back(row.name);
  }
  return Join(names, ", ");
}

std::optional<FeatureMistake> FindMistake(const ColumnFeatures& column) {
  std::vector<std::string> names;
  for (const StrategyRow& row : kRows) names.emplace_back(row.name);
  for (const std::string& name : column.strategies) {
    if (FindStrategy(name) != nullptr) continue;
    return FeatureMistake{".strategy", Format("unknown strategy: \"{}\"", Ellipsize(name, 40)),
                          NearestOf(name, names)};
  }
  const auto has = [&](std::string_view name) {
    return std::ranges::find(column.strategies, name) != column.strategies.end();
  };
  if ((column.bins || !column.borders.empty()) && !has("bin")) {
    return FeatureMistake{column.bins ? ".bins" : ".borders", "belongs to the strategy bin",
                          "write strategy: [bin]"};
  }
  if (column.bins && !column.borders.empty()) {
    return FeatureMistake{".bins", "stands beside borders", "give one of them"};
  }
  if (column.buckets && !has("hash")) {
    return FeatureMistake{".buckets", "belongs to the strategy hash", "write strategy: [hash]"};
  }
  return FindBorderMistake(column);
}

}  // namespace millrace::spec
