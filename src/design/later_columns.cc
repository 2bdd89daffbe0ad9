#include "design/later_columns.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "design/words.h"

namespace millrace::design {
namespace {

using table::Column;
using table::ColumnType;
using table::Table;
using Marks = std::vector<uint8_t>;  // [rows] 0 or 1

constexpr double kLeastSide = 30.0;
constexpr double kPurity = 0.99;
constexpr double kStrength = 0.7;
constexpr double kInside = 0.995;
constexpr double kSame = 0.99;
constexpr double kChance = 1e-6;
constexpr int64_t kLeastDates = 100;
constexpr double kLaterShare = 0.99;
constexpr double kDay = 86'400.0;

constexpr std::string_view kModelWords[] = {"prediction", "predictions", "predicted",
                                            "pred",       "yhat",        "forecasted"};
constexpr std::string_view kPlanWords[] = {
    "due",     "scheduled", "planned",  "expected", "estimated", "expiry",     "expires",
    "expired", "deadline",  "promised", "valid",    "until",     "arrival",    "departure",
    "checkin", "checkout",  "booked",   "renewal",  "event",     "appointment"};
constexpr std::string_view kEndWords[] = {"after",      "outcome",      "closed",     "resolved",
                                          "resolution", "cancellation", "cancelled",  "canceled",
                                          "terminated", "termination",  "settlement", "settled"};

template <size_t size>
std::string FirstOf(const std::string& name, const std::string_view (&known)[size]) {
  for (const std::string& word : WordsOf(name)) {
    if (std::find(std::begin(known), std::end(known), word) != std::end(known)) return word;
  }
  return "";
}

// A table of 2 x 2 counts.
struct Cross {
  double both = 0.0;
  double first = 0.0;
  double second = 0.0;
  double rows = 0.0;

  double Phi() const {
    const double spread = first * (rows - first) * second * (rows - second);
    return spread > 0.0 ? (both * rows - first * second) / std::sqrt(spread) : 0.0;
  }
};

Cross CrossOf(const Marks& first, const Marks& second) {
  Cross cross;
  cross.rows = static_cast<double>(first.size());
  for (size_t r = 0; r < first.size(); ++r) {
    cross.first += first[r];
    cross.second += second[r];
    cross.both += first[r] & second[r];
  }
  return cross;
}

bool HasBothSides(const Cross& cross) {
  return cross.first >= kLeastSide && cross.rows - cross.first >= kLeastSide;
}

Marks PresenceOf(const Column& column) {
  Marks marks(static_cast<size_t>(column.size()));
  for (int64_t r = 0; r < column.size(); ++r) {
    marks[static_cast<size_t>(r)] = column.valid(r) ? 1 : 0;
  }
  return marks;
}

// The rows of each class, by label.
std::map<std::string, Marks> ClassesOf(const Column& target) {
  constexpr size_t kMostClasses = 50;
  std::map<std::string, Marks> classes;
  for (int64_t r = 0; r < target.size(); ++r) {
    if (!target.valid(r)) continue;
    Marks& marks = classes[std::string(target.text(r))];
    marks.resize(static_cast<size_t>(target.size()));
    marks[static_cast<size_t>(r)] = 1;
    if (classes.size() > kMostClasses) return {};
  }
  return classes;
}

// Whether a column has a value goes with one class, and one side of it is pure.
std::string FilledByClass(const Marks& present, const std::map<std::string, Marks>& classes,
                          const std::string& target) {
  for (const auto& [label, marks] : classes) {
    const Cross cross = CrossOf(present, marks);
    if (!HasBothSides(cross) || std::abs(cross.Phi()) < kStrength) continue;
    const double missing = cross.rows - cross.first;
    const double with = cross.both / cross.first;
    const double without = (cross.second - cross.both) / missing;
    const double purest = std::max({with, 1.0 - with, without, 1.0 - without});
    if (purest < kPurity) continue;
    return Format(
        "{} = {} in {} of the rows where it has a value, in {} of those where it has none", target,
        label, FormatShare(cross.both, cross.first),
        FormatShare(cross.second - cross.both, missing));
  }
  return "";
}

// Values stand only where another column has one, which chance does not do.
bool LiesInside(const Marks& inner, const Marks& outer) {
  const Cross cross = CrossOf(inner, outer);
  if (!HasBothSides(cross) || cross.both < kInside * cross.first) return false;
  return cross.first * std::log(cross.second / cross.rows) < std::log(kChance);
}

// The rows with the first of exactly two values; nothing for any other column.
std::optional<Marks> FirstOfTwo(const Column& column) {
  Marks marks(static_cast<size_t>(column.size()));
  std::optional<std::string> values[2];
  for (int64_t r = 0; r < column.size(); ++r) {
    if (!column.valid(r)) return std::nullopt;
    const std::string value = table::IsNumeric(column.type()) ? FormatDouble(column.number(r))
                                                              : std::string(column.text(r));
    const size_t which = !values[0] || *values[0] == value ? 0 : 1;
    if (!values[which]) values[which] = value;
    if (*values[which] != value) return std::nullopt;
    marks[static_cast<size_t>(r)] = which == 0 ? 1 : 0;
  }
  return values[1] ? std::optional<Marks>(std::move(marks)) : std::nullopt;
}

std::string LaterThanTime(const Column& dates, const Column& times, const std::string& time) {
  std::vector<double> apart;
  int64_t later = 0;
  for (int64_t r = 0; r < dates.size(); ++r) {
    if (!dates.valid(r) || !times.valid(r)) continue;
    apart.push_back(dates.number(r) - times.number(r));
    later += apart.back() > 0.0 ? 1 : 0;
  }
  const auto known = static_cast<int64_t>(apart.size());
  if (known < kLeastDates ||
      static_cast<double>(later) < kLaterShare * static_cast<double>(known)) {
    return "";
  }
  std::nth_element(apart.begin(), apart.begin() + known / 2, apart.end());
  const double middle = apart[static_cast<size_t>(known / 2)];
  return Format("lies after {} in {} of the rows, by {} in the middle", time,
                FormatShare(static_cast<double>(later), static_cast<double>(known)),
                middle >= 2.0 * kDay ? Format("{} days", FormatFigure(middle / kDay))
                                     : FormatDuration(middle));
}

class Finder {
 public:
  explicit Finder(const LaterInputs& inputs) : inputs_(inputs) {
    for (const std::string& name : inputs.features) {
      const auto index = inputs.rows.schema().Find(name);
      if (index && name != inputs.target && name != inputs.time) {
        names_.push_back(name);
        columns_.push_back(&inputs.rows.column(*index));
        presence_.push_back(PresenceOf(*columns_.back()));
      }
    }
    found_.resize(names_.size());
  }

  std::vector<LaterColumn> Run() {
    FindFilled();
    FindInside();
    FindFlags();
    FindDates();
    FindNames();
    std::vector<LaterColumn> all;
    for (std::optional<LaterColumn>& each : found_) {
      if (each) all.push_back(std::move(*each));
    }
    return all;
  }

 private:
  void Set(size_t i, LaterEvidence evidence, std::string reason) {
    if (!found_[i]) found_[i] = LaterColumn{names_[i], evidence, std::move(reason)};
  }

  void FindFilled() {
    const auto target = inputs_.rows.schema().Find(inputs_.target);
    if (!target || inputs_.task == table::Task::kRegression) return;
    const Column& labels = inputs_.rows.column(*target);
    if (table::IsNumeric(labels.type())) return;
    const std::map<std::string, Marks> classes = ClassesOf(labels);
    for (size_t i = 0; i < names_.size(); ++i) {
      std::string reason = FilledByClass(presence_[i], classes, inputs_.target);
      if (reason.empty()) continue;
      Set(i, LaterEvidence::kShown, std::move(reason));
      seeds_.push_back(i);
    }
  }

  void FindInside() {
    const std::vector<size_t> outer = seeds_;
    for (size_t i = 0; i < names_.size(); ++i) {
      if (found_[i]) continue;
      for (const size_t seed : outer) {
        if (!LiesInside(presence_[i], presence_[seed])) continue;
        Set(i, LaterEvidence::kShown, Format("has values only where {} has one", names_[seed]));
        seeds_.push_back(i);
        break;
      }
    }
  }

  void FindFlags() {
    for (size_t i = 0; i < names_.size() && !seeds_.empty(); ++i) {
      if (found_[i]) continue;
      const auto flag = FirstOfTwo(*columns_[i]);
      if (!flag) continue;
      for (const size_t seed : seeds_) {
        if (std::abs(CrossOf(presence_[seed], *flag).Phi()) < kSame) continue;
        Set(i, LaterEvidence::kShown, Format("says whether {} has a value", names_[seed]));
        break;
      }
    }
  }

  void FindDates() {
    const auto time = inputs_.rows.schema().Find(inputs_.time);
    if (!time || !table::IsNumeric(inputs_.rows.column(*time).type())) return;
    for (size_t i = 0; i < names_.size(); ++i) {
      if (columns_[i]->type() != ColumnType::kDate) continue;
      if (!FirstOf(names_[i], kPlanWords).empty()) continue;
      std::string reason = LaterThanTime(*columns_[i], inputs_.rows.column(*time), inputs_.time);
      if (!reason.empty()) Set(i, LaterEvidence::kLikely, std::move(reason));
    }
  }

  void FindNames() {
    for (size_t i = 0; i < names_.size(); ++i) {
      const std::string model = FirstOf(names_[i], kModelWords);
      if (!model.empty()) {
        Set(i, LaterEvidence::kShown,
            Format("the answer of another model, as \"{}\" in its name says", model));
      }
      const std::string end = FirstOf(names_[i], kEndWords);
      if (!end.empty()) {
        Set(i, LaterEvidence::kPossible, Format("\"{}\" in its name speaks of the end", end));
      }
    }
  }

  const LaterInputs& inputs_;
  std::vector<std::string> names_;
  std::vector<const Column*> columns_;
  std::vector<Marks> presence_;
  std::vector<std::optional<LaterColumn>> found_;
  std::vector<size_t> seeds_;
};

}  // namespace

std::vector<LaterColumn> FindLaterColumns(const LaterInputs& inputs) {
  return Finder(inputs).Run();
}

}  // namespace millrace::design
