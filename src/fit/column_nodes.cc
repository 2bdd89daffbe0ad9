#include "fit/column_nodes.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::fit {
namespace {

using feature::DatePart;
using feature::Node;
using feature::NodeKind;
using spec::Strategy;
using table::ColumnType;

constexpr DatePart kDateParts[] = {DatePart::kYear, DatePart::kMonth, DatePart::kDay,
                                   DatePart::kWeekday, DatePart::kHour};
constexpr DatePart kCalendarParts[] = {DatePart::kQuarter,      DatePart::kWeek,
                                       DatePart::kDayOfYear,    DatePart::kIsWeekend,
                                       DatePart::kIsMonthStart, DatePart::kIsMonthEnd};
constexpr int64_t kFewestWords = 50;
constexpr int64_t kBins = 10;
constexpr int64_t kBuckets = 256;
constexpr int64_t kMaxPowerRows = 50'000;

int64_t BinsOf(const ColumnPlan& plan) { return plan.options.bins.value_or(kBins); }

bool IsNumber(const ColumnPlan& plan) {
  return plan.column.type == ColumnType::kInteger || plan.column.type == ColumnType::kNumber;
}

int64_t MaxWords(const ColumnStatistics& counted, const FitOptions& options) {
  const auto rows = std::max<int64_t>(1, static_cast<int64_t>(counted.rows));
  return std::min(options.max_words, std::max(kFewestWords, options.max_word_cells / rows));
}

}  // namespace

bool ColumnPlan::Has(Strategy strategy) const {
  if (!strategies.empty()) {
    return std::ranges::find(strategies, strategy) != strategies.end();
  }
  switch (column.type) {
    case ColumnType::kInteger:
    case ColumnType::kNumber:
    case ColumnType::kBoolean:
      return strategy == Strategy::kValue;
    case ColumnType::kDate:
      return strategy == Strategy::kParts || strategy == Strategy::kElapsed;
    case ColumnType::kCategory:
      return strategy == Strategy::kCategory;
    case ColumnType::kText:
      return strategy == Strategy::kLength || strategy == Strategy::kWords;
  }
  return false;
}

ColumnQuestion QuestionOf(const ColumnPlan& plan, const FitOptions& options) {
  ColumnQuestion question{.column = plan.column};
  const bool text = !table::IsNumeric(plan.column.type);
  const bool by_itself = plan.strategies.empty();
  question.categories = text && options.max_categories > 0 &&
                        (by_itself || plan.Has(Strategy::kCategory) ||
                         plan.Has(Strategy::kOneHot) || plan.Has(Strategy::kFrequency));
  if (!IsNumber(plan)) return question;
  if (plan.Has(Strategy::kRobust)) question.quantiles = {0.25, 0.5, 0.75};
  if (plan.Has(Strategy::kBin) && plan.options.borders.empty()) {
    const int64_t bins = BinsOf(plan);
    for (int64_t b = 1; b < bins; ++b) {
      question.quantiles.push_back(static_cast<double>(b) / static_cast<double>(bins));
    }
  }
  return question;
}

RowStatistics::RowStatistics(const ColumnPlan& plan, const ColumnStatistics& counted,
                             const FitOptions& options) {
  const auto present = static_cast<int64_t>(counted.present);
  if (present == 0) return;
  wants_moments_ = plan.Has(Strategy::kStandard);
  wants_values_ = plan.Has(Strategy::kPower);
  step_ = std::max<int64_t>(1, (present + kMaxPowerRows - 1) / kMaxPowerRows);
  WordChoiceOptions words{.max_words = MaxWords(counted, options),
                          .min_texts = options.min_word_rows};
  if (plan.Has(Strategy::kWords)) words_.emplace(present, words);
  words.terms = Terms::kNgrams;
  if (plan.Has(Strategy::kNgrams)) ngrams_.emplace(present, words);
}

void RowStatistics::AddNumber(double value) {
  if (wants_moments_) moments_.Add(value);
  if (wants_values_ && num_seen_++ % step_ == 0) values_.push_back(value);
}

void RowStatistics::ListenTo(RowPass& pass, const table::ColumnSchema& column) {
  const bool numbers = wants_moments_ || wants_values_;
  if (!numbers && !words_ && !ngrams_) return;
  const int64_t place = pass.Read(column);
  pass.Add([this, place, numbers](const table::Table& batch) {
    const table::Column& values = batch.column(place);
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (!values.valid(row)) continue;
      if (numbers) {
        AddNumber(values.number(row));
        continue;
      }
      if (words_) words_->Add(values.text(row));
      if (ngrams_) ngrams_->Add(values.text(row));
    }
  });
}

namespace {

// One column's nodes, and what the report says of them.
class Maker {
 public:
  Maker(const ColumnPlan& plan, const ColumnStatistics& counted, const RowStatistics& rows,
        const FitOptions& options, FeatureNames& names)
      : plan_(plan),
        counted_(counted),
        rows_(rows),
        options_(options),
        names_(names),
        name_(plan.column.name) {}

  ColumnNodes Make() {
    if (counted_.present == 0.0) {
      made_.strategy = "none: every training value is missing";
      return std::move(made_);
    }
    if (plan_.strategies.empty()) {
      AddByType();
    } else {
      for (const Strategy strategy : plan_.strategies) Add(strategy);
    }
    if (plan_.indicator &&
        std::ranges::find(made_.nodes, NodeKind::kMissing, &Node::kind) == made_.nodes.end()) {
      Push({.kind = NodeKind::kMissing, .column = name_}, "is missing");
      if (!made_.strategy.empty()) said_ = {made_.strategy};
      made_.strategy.clear();
      Say("and whether it is missing");
    }
    if (made_.strategy.empty()) made_.strategy = Join(said_, ", ");
    return std::move(made_);
  }

 private:
  void AddByType() {
    switch (plan_.column.type) {
      case ColumnType::kInteger:
      case ColumnType::kNumber:
      case ColumnType::kBoolean:
        AddValue();
        AddIndicatorWhereItTells();
        return;
      case ColumnType::kDate:
        AddParts(kDateParts);
        AddElapsed();
        made_.strategy = "parts of the date, and days since the first training date";
        return;
      case ColumnType::kCategory:
        AddCategoryByItself();
        return;
      case ColumnType::kText:
        AddTextByItself();
        return;
    }
  }

  void Add(Strategy strategy) {
    switch (strategy) {
      case Strategy::kValue:
        return AddValue();
      case Strategy::kMissing:
        Push({.kind = NodeKind::kMissing, .column = name_}, "is missing");
        return Say("whether it is missing");
      case Strategy::kParts:
        AddParts(kDateParts);
        return Say("parts of the date");
      case Strategy::kCalendar:
        AddParts(kCalendarParts);
        return Say("place in the calendar");
      case Strategy::kCycle:
        return AddCycle();
      case Strategy::kElapsed:
        AddElapsed();
        return Say("days since the first training date");
      default:
        break;
    }
    if (table::IsNumeric(plan_.column.type)) return AddShape(strategy);
    AddText(strategy);
  }

  void AddShape(Strategy strategy) {
    Node node{.column = name_};
    switch (strategy) {
      case Strategy::kBin:
        return AddBins();
      case Strategy::kStandard:
        node.kind = NodeKind::kScale;
        node.center = rows_.moments().mean();
        node.divisor = Divisor(rows_.moments().deviation());
        Say(Format("standardised (mean {}, deviation {})", FormatFigure(node.center),
                   FormatFigure(node.divisor)));
        return Push(std::move(node), "standard");
      case Strategy::kRobust:
        node.kind = NodeKind::kScale;
        node.center = counted_.quantiles[1];
        node.divisor = Divisor(counted_.quantiles[2] - counted_.quantiles[0]);
        Say(Format("scaled (median {}, interquartile range {})", FormatFigure(node.center),
                   FormatFigure(node.divisor)));
        return Push(std::move(node), "robust");
      case Strategy::kMinMax:
        node.kind = NodeKind::kScale;
        node.center = counted_.minimum;
        node.divisor = Divisor(counted_.maximum - counted_.minimum);
        Say(Format("scaled ({} to {})", FormatFigure(counted_.minimum),
                   FormatFigure(counted_.maximum)));
        return Push(std::move(node), "minmax");
      case Strategy::kLog:
        node.kind = NodeKind::kLog;
        // ln(x) where all training values are positive, else ln(1 + distance from the least).
        node.offset = counted_.minimum > 0.0 ? 0.0 : 1.0 - counted_.minimum;
        Say(node.offset == 0.0 ? std::string("logarithm")
                               : Format("logarithm of the value + {}", FormatFigure(node.offset)));
        return Push(std::move(node), "log");
      case Strategy::kSignedLog:
        node.kind = NodeKind::kSignedLog;
        Say("logarithm of the size, with the sign");
        return Push(std::move(node), "signed log");
      case Strategy::kPower:
        node.kind = NodeKind::kPower;
        node.lambda = rows_.Lambda();
        Say(Format("power (lambda {})", FormatFixed(node.lambda, 2)));
        return Push(std::move(node), "power");
      default:
        return;
    }
  }

  // A column of one value has no spread: it becomes 0.
  static double Divisor(double spread) {
    return spread > 0.0 && std::isfinite(spread) ? spread : 1.0;
  }

  void AddBins() {
    Node node{.kind = NodeKind::kBin, .column = name_};
    for (const std::string& border : plan_.options.borders) {
      node.borders.push_back(*ParseDouble(border));
    }
    if (node.borders.empty()) {
      // Those of the bins come after those of the robust scale.
      const size_t skip = plan_.Has(Strategy::kRobust) ? 3 : 0;
      node.borders.assign(counted_.quantiles.begin() + static_cast<std::ptrdiff_t>(skip),
                          counted_.quantiles.end());
      std::ranges::sort(node.borders);
      node.borders.erase(std::unique(node.borders.begin(), node.borders.end()), node.borders.end());
      // A border at the least value has no row below it.
      if (!node.borders.empty() && node.borders.front() <= counted_.minimum) {
        node.borders.erase(node.borders.begin());
      }
    }
    if (node.borders.empty()) return Say("no bins: nearly all values are equal");
    Say(Format("{} bins", FormatCount(static_cast<int64_t>(node.borders.size()) + 1)));
    Push(std::move(node), "bin");
  }

  void AddText(Strategy strategy) {
    switch (strategy) {
      case Strategy::kCategory:
        return AddCategory();
      case Strategy::kFrequency:
        return AddFrequency();
      case Strategy::kOneHot:
        return AddOneHot();
      case Strategy::kHash: {
        Node node{.kind = NodeKind::kHash, .column = name_};
        node.buckets = plan_.options.buckets.value_or(kBuckets);
        Say(Format("hash into {} codes", FormatCount(node.buckets)));
        return Push(std::move(node), "hash");
      }
      case Strategy::kLength:
        AddLength();
        return Say("length, number of words");
      case Strategy::kWords:
        return AddTerms(NodeKind::kWord, rows_.Words(), "words and pairs");
      case Strategy::kNgrams:
        return AddTerms(NodeKind::kNgram, rows_.Ngrams(), "character n-grams");
      default:
        return AddStatistics();
    }
  }

  void AddValue() {
    const bool boolean = plan_.column.type == ColumnType::kBoolean;
    made_.nodes.push_back(
        {.kind = boolean ? NodeKind::kBoolean : NodeKind::kNumber, .column = name_, .name = name_});
    Say(boolean ? "yes or no" : "number as it is");
  }

  void AddIndicatorWhereItTells() {
    const double missing = 1.0 - counted_.present / counted_.rows;
    if (!(missing > options_.indicator_share && missing < 1.0 - options_.indicator_share)) return;
    Push({.kind = NodeKind::kMissing, .column = name_}, "is missing");
    Say(Format("and whether it is missing ({})", FormatShare(missing, 1.0)));
  }

  void AddParts(std::span<const DatePart> parts) {
    for (const DatePart part : parts) {
      if (part == DatePart::kHour && counted_.with_hours == 0.0) continue;
      Push({.kind = NodeKind::kDatePart, .column = name_, .part = part},
           ReplaceAll(feature::DatePartName(part), "_", " "));
    }
  }

  void AddCycle() {
    for (const DatePart part :
         {DatePart::kMonth, DatePart::kWeekday, DatePart::kDayOfYear, DatePart::kHour}) {
      if (part == DatePart::kHour && counted_.with_hours == 0.0) continue;
      for (const feature::Wave wave : {feature::Wave::kSine, feature::Wave::kCosine}) {
        Node node{.kind = NodeKind::kDateWave, .column = name_, .part = part};
        node.wave = wave;
        Push(std::move(node), Format("{} {}", ReplaceAll(feature::DatePartName(part), "_", " "),
                                     feature::WaveName(wave)));
      }
    }
    Say("waves of its cycles");
  }

  void AddElapsed() {
    Push({.kind = NodeKind::kDateElapsed, .column = name_, .origin = counted_.minimum},
         "days since the first");
  }

  void AddLength() {
    Push({.kind = NodeKind::kTextLength, .column = name_}, "length");
    Push({.kind = NodeKind::kWordCount, .column = name_}, "words");
  }

  void AddStatistics() {
    for (const feature::TextStatistic statistic :
         {feature::TextStatistic::kDigits, feature::TextStatistic::kPunctuation,
          feature::TextStatistic::kUpperShare, feature::TextStatistic::kMeanWordLength}) {
      Node node{.kind = NodeKind::kTextStatistic, .column = name_};
      node.statistic = statistic;
      Push(std::move(node), ReplaceAll(feature::TextStatisticName(statistic), "_", " "));
    }
    Say("digits, punctuation, capitals, length of words");
  }

  // Returns how many there are.
  int64_t AddTermNodes(NodeKind kind, const WordChoice& choice) {
    for (size_t w = 0; w < choice.words.size(); ++w) {
      Node node{.kind = kind, .column = name_};
      node.name =
          names_.Take(kind == NodeKind::kWord ? Format("{}: {}", name_, choice.words[w])
                                              : Format("{} ~ '{}'", name_, choice.words[w]));
      node.word = choice.words[w];
      node.weight = choice.weights[w];
      made_.nodes.push_back(std::move(node));
    }
    return static_cast<int64_t>(choice.words.size());
  }

  void AddTerms(NodeKind kind, const WordChoice& choice, std::string_view what) {
    const int64_t count = AddTermNodes(kind, choice);
    if (count == 0) return Say(Format("no {}: none is frequent enough", what));
    Say(Format("{} most frequent {}", FormatCount(count), what));
  }

  bool HasCategories() {
    if (!counted_.categories.values.empty()) return true;
    Say("none: no value stands in two training rows");
    return false;
  }

  void AddCategory() {
    if (!HasCategories()) return;
    made_.nodes.push_back({.kind = NodeKind::kCategory,
                           .column = name_,
                           .name = name_,
                           .values = counted_.categories.values});
    Say(Format("{} categories",
               FormatCount(static_cast<int64_t>(counted_.categories.values.size()))));
  }

  void AddFrequency() {
    if (!HasCategories()) return;
    Push({.kind = NodeKind::kFrequency,
          .column = name_,
          .values = counted_.categories.values,
          .shares = counted_.categories.shares},
         "frequency");
    Say("the frequency of the value");
  }

  void AddOneHot() {
    if (!HasCategories()) return;
    const std::vector<std::string>& values = counted_.categories.values;
    const auto shown = std::min(static_cast<size_t>(options_.max_one_hot), values.size());
    for (size_t v = 0; v < shown; ++v) {
      Node node{.kind = NodeKind::kOneHot, .column = name_};
      node.word = values[v];
      Push(std::move(node), Format("= {}", Ellipsize(values[v], 60)));
    }
    Say(Format("one-hot of {} values", FormatCount(static_cast<int64_t>(shown))) +
        (shown < values.size() ? Format(" of {}", FormatCount(static_cast<int64_t>(values.size())))
                               : ""));
  }

  void AddCategoryByItself() {
    const auto cardinality = static_cast<int64_t>(counted_.categories.values.size());
    AddCategory();
    if (cardinality <= options_.frequency_above) return;
    AddFrequency();
    made_.strategy =
        Format("{} categories and the frequency of the value", FormatCount(cardinality));
  }

  void AddTextByItself() {
    AddLength();
    std::string strategy = "text: length, number of words";
    const int64_t words = AddTermNodes(NodeKind::kWord, rows_.Words());
    if (words > 0) {
      strategy += Format(", and its {} most frequent words and pairs", FormatCount(words));
    }
    double covered = 0.0;
    for (const double share : counted_.categories.shares) covered += share;
    if (covered >= options_.category_share) {
      said_.clear();
      AddCategoryByItself();
      strategy += "; " + (made_.strategy.empty() ? Join(said_, ", ") : made_.strategy);
    }
    made_.strategy = std::move(strategy);
  }

  void Push(Node node, std::string_view suffix) {
    node.name = names_.Take(Format("{} {}", name_, suffix));
    made_.nodes.push_back(std::move(node));
  }
  void Say(std::string_view text) { said_.emplace_back(text); }

  const ColumnPlan& plan_;
  const ColumnStatistics& counted_;
  const RowStatistics& rows_;
  const FitOptions& options_;
  FeatureNames& names_;
  const std::string& name_;
  ColumnNodes made_;
  std::vector<std::string> said_;
};

}  // namespace

ColumnNodes MakeColumnNodes(const ColumnPlan& plan, const ColumnStatistics& counted,
                            const RowStatistics& rows, const FitOptions& options,
                            FeatureNames& names) {
  return Maker(plan, counted, rows, options, names).Make();
}

}  // namespace millrace::fit
