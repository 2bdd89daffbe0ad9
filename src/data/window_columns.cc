#include "data/window_columns.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/format.h"
#include "base/text.h"
#include "spec/window_features.h"

namespace millrace::data {
namespace {

using spec::WindowFeature;
using spec::WindowStatistic;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double MedianOf(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return values[middle - 1] + (values[middle] - values[middle - 1]) / 2.0;
}

// Of at least one value.
double StatisticOf(WindowStatistic statistic, const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const auto sum = [&] { return std::accumulate(values.begin(), values.end(), 0.0); };
  switch (statistic) {
    case WindowStatistic::kMean:
      return sum() / count;
    case WindowStatistic::kMin:
      return *std::ranges::min_element(values);
    case WindowStatistic::kMax:
      return *std::ranges::max_element(values);
    case WindowStatistic::kSum:
      return sum();
    case WindowStatistic::kMedian:
      return MedianOf(values);
    case WindowStatistic::kCount:
      return count;
    case WindowStatistic::kStd: {
      // Of the population, in two passes.
      const double mean = sum() / count;
      double squares = 0.0;
      for (const double value : values) squares += (value - mean) * (value - mean);
      return std::sqrt(squares / count);
    }
  }
  return kNone;
}

// Walks the rows of one series from the earliest to the latest.
class SeriesWalk {
 public:
  SeriesWalk(const WindowFeature& window, double delay, const WindowSeries& series,
             std::span<const size_t> rows)
      : window_(window), delay_(delay), series_(series), rows_(rows) {}

  void Run(std::vector<double>& results) {
    for (const size_t row : rows_) {
      const double time = series_.times[row];
      while (TimeOf(end_) < time && TimeOf(end_) <= time - delay_) ++end_;
      results[row] = ValueFor(time);
    }
  }

 private:
  double TimeOf(size_t place) const { return series_.times[rows_[place]]; }

  double ValueFor(double time) {
    const auto lag = static_cast<size_t>(window_.lag);
    if (!window_.statistic) return end_ < lag ? kNone : series_.values[rows_[end_ - lag]];
    // Windows of rows may leave out the latest.
    const size_t last = window_.rows ? (end_ < lag ? 0 : end_ - (lag - 1)) : end_;
    size_t first = 0;
    if (window_.rows) {
      first = last - std::min(last, static_cast<size_t>(*window_.rows));
    } else {
      // As long as the period, and open on one side: up to the period old, or, with a delay, less
      // than delay and period together.
      const double oldest = time - delay_ - *window_.period_seconds;
      while (begin_ < end_ &&
             (TimeOf(begin_) < oldest || (delay_ > 0.0 && TimeOf(begin_) <= oldest))) {
        ++begin_;
      }
      first = begin_;
    }
    values_.clear();
    for (size_t place = first; place < last; ++place) {
      const double value = series_.values[rows_[place]];
      if (!std::isnan(value)) values_.push_back(value);
    }
    if (values_.empty()) return *window_.statistic == WindowStatistic::kCount ? 0.0 : kNone;
    const double result = StatisticOf(*window_.statistic, values_);
    return std::isfinite(result) ? result : kNone;
  }

  const WindowFeature& window_;
  double delay_;
  const WindowSeries& series_;
  std::span<const size_t> rows_;  // in the order of time
  size_t end_ = 0;                // rows before it are old enough for the present one
  size_t begin_ = 0;              // rows before it are older than the period
  std::vector<double> values_;
};

// Reads what windows need of the typed rows: numbers of columns, and series by lists of columns.
class SeriesReader {
 public:
  explicit SeriesReader(const WindowInputs& inputs) : inputs_(inputs) {}

  /// Asks for the numbers of a column, or for the series of a list of columns.
  void AskNumbers(const std::string& name) { numbers_.try_emplace(name); }
  void AskSeries(const std::vector<std::string>& by) { series_.try_emplace(by); }

  Status Read() {
    std::vector<std::string> selected = {"__row"};
    std::map<std::string, int64_t> places;
    const auto place = [&](const std::string& name) {
      const auto [at, is_new] = places.try_emplace(name, static_cast<int64_t>(selected.size()));
      if (is_new) selected.push_back(engine::QuoteIdentifier(name));
      return at->second;
    };
    for (auto& [name, numbers] : numbers_) numbers.place = place(name);
    for (auto& [by, series] : series_) {
      for (const std::string& name : by) series.places.push_back(place(name));
    }
    std::vector<int64_t> kept;  // places
    MILLRACE_RETURN_IF_ERROR(inputs_.rows.rows.ForEach([&kept](const IngestedRow& row) -> Status {
      kept.push_back(row.row);
      return {};
    }));
    size_t next = 0;
    return inputs_.engine.Stream(
        Format("SELECT {} FROM {} ORDER BY __row", Join(selected, ", "),
               engine::QuoteIdentifier(inputs_.rows.table_name)),
        [&](const table::Table& batch) -> Status {
          for (int64_t r = 0; r < batch.num_rows() && next < kept.size(); ++r) {
            if (static_cast<int64_t>(batch.column(0).number(r)) != kept[next]) continue;
            Take(batch, r);
            ++next;
          }
          return {};
        });
  }

  const std::vector<double>& NumbersOf(const std::string& name) const {
    return numbers_.at(name).values;
  }
  const std::vector<int32_t>& SeriesOf(const std::vector<std::string>& by) const {
    return series_.at(by).groups;
  }
  int64_t LongestSeries(const std::vector<std::string>& by) const {
    std::unordered_map<int32_t, int64_t> rows;
    int64_t longest = 0;
    for (const int32_t group : SeriesOf(by)) {
      if (group >= 0) longest = std::max(longest, ++rows[group]);
    }
    return longest;
  }

 private:
  struct Numbers {
    int64_t place = 0;
    std::vector<double> values;
  };
  struct Series {
    std::vector<int64_t> places;
    std::unordered_map<std::string, int32_t> numbered;
    std::vector<int32_t> groups;
  };

  void Take(const table::Table& batch, int64_t r) {
    for (auto& [name, numbers] : numbers_) {
      const table::Column& column = batch.column(numbers.place);
      numbers.values.push_back(NumberOf(name, column, r));
    }
    for (auto& [by, series] : series_) series.groups.push_back(GroupOf(series, batch, r));
  }

  double NumberOf(const std::string& name, const table::Column& column, int64_t r) const {
    if (!column.valid(r)) return kNone;
    if (table::IsNumeric(column.type())) return column.number(r);
    // Only the target of a binary task is asked for as a text.
    MILLRACE_CHECK(name == inputs_.spec.problem.target, "types were checked");
    return column.text(r) == inputs_.labels[1] ? 1.0 : 0.0;
  }

  static int32_t GroupOf(Series& series, const table::Table& batch, int64_t r) {
    std::string key;
    for (const int64_t place : series.places) {
      const table::Column& column = batch.column(place);
      if (!column.valid(r)) return -1;
      if (table::IsNumeric(column.type())) {
        key += Format("{:016x}", std::bit_cast<uint64_t>(column.number(r) + 0.0));
      } else {
        key += Format("{}:{}", column.text(r).size(), column.text(r));
      }
    }
    const auto next = static_cast<int32_t>(series.numbered.size());
    return series.numbered.try_emplace(std::move(key), next).first->second;
  }

  const WindowInputs& inputs_;
  std::map<std::string, Numbers> numbers_;
  std::map<std::vector<std::string>, Series> series_;
};

Status CheckWindow(const WindowInputs& inputs, const WindowFeature& window) {
  const std::string where =
      Format("{}: features.windows \"{}\"", window.place.ToString(), window.name);
  std::vector<std::string> read = window.by;
  read.push_back(window.of);
  for (const std::string& name : read) {
    if (inputs.schema.Find(name)) continue;
    return InvalidSpec(Format("{}: no such column: \"{}\"", where, name))
        .WithHint(DidYouMean(name, inputs.schema.names()));
  }
  for (const std::string& name : inputs.schema.names()) {
    if (!EqualsIgnoreCase(name, window.name)) continue;
    return InvalidSpec(Format("{}: the name is that of a column", where))
        .WithHint("choose another name");
  }
  if (window.name.starts_with("__")) {
    return InvalidSpec(Format("{}: names that begin with __ are taken", where))
        .WithHint("choose another name");
  }
  if (window.of == inputs.spec.problem.target && inputs.task == table::Task::kMulticlass) {
    return InvalidSpec(Format("{}: the target has several classes, and a window is of numbers: "
                              "\"{}\"",
                              where, window.of))
        .WithHint("name a column of numbers");
  }
  const table::ColumnType type = inputs.schema.column(*inputs.schema.Find(window.of)).type;
  const bool is_number = table::IsNumeric(type) && type != table::ColumnType::kDate;
  if (is_number || window.of == inputs.spec.problem.target) return {};
  return InvalidSpec(Format("{}: windows are of numbers, yes or no, not of {} column: \"{}\"",
                            where, WithArticle(table::ColumnTypeName(type)), window.of))
      .WithHint("name a column of numbers");
}

Status CheckWindowNames(const std::vector<WindowFeature>& windows) {
  for (auto at = windows.begin(); at != windows.end(); ++at) {
    const bool taken = std::any_of(windows.begin(), at, [&](const WindowFeature& other) {
      return EqualsIgnoreCase(other.name, at->name);
    });
    if (!taken) continue;
    return InvalidSpec(Format("{}: features.windows \"{}\": the name is taken by another window",
                              at->place.ToString(), at->name))
        .WithHint("choose another name");
  }
  return {};
}

}  // namespace

std::vector<double> ComputeWindow(const WindowFeature& window, double delay_seconds,
                                  const WindowSeries& series) {
  std::vector<size_t> order;
  for (size_t row = 0; row < series.groups.size(); ++row) {
    if (series.groups[row] >= 0) order.push_back(row);
  }
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return series.groups[a] != series.groups[b] ? series.groups[a] < series.groups[b]
                                                : series.times[a] < series.times[b];
  });
  std::vector<double> results(series.groups.size(), kNone);
  for (size_t first = 0; first < order.size();) {
    size_t end = first;
    while (end < order.size() && series.groups[order[end]] == series.groups[order[first]]) ++end;
    SeriesWalk(window, delay_seconds, series, std::span(order).subspan(first, end - first))
        .Run(results);
    first = end;
  }
  return results;
}

Result<WindowColumns> ComputeWindows(const WindowInputs& inputs) {
  WindowColumns made;
  const std::vector<WindowFeature>& windows = inputs.spec.features.windows;
  if (windows.empty()) return made;
  SeriesReader reader(inputs);
  MILLRACE_RETURN_IF_ERROR(CheckWindowNames(windows));
  for (const WindowFeature& window : windows) {
    MILLRACE_RETURN_IF_ERROR(CheckWindow(inputs, window));
    reader.AskNumbers(window.of);
    reader.AskSeries(window.by);
  }
  MILLRACE_RETURN_IF_ERROR(reader.Read());
  std::vector<double> times;
  MILLRACE_RETURN_IF_ERROR(inputs.rows.rows.ForEach([&times](const IngestedRow& row) -> Status {
    times.push_back(row.time);
    return {};
  }));
  for (const WindowFeature& window : windows) {
    std::vector<double> values = ComputeWindow(window, spec::DelayOf(window, inputs.spec),
                                               {.times = times,
                                                .groups = reader.SeriesOf(window.by),
                                                .values = reader.NumbersOf(window.of)});
    table::ColumnSchema column{.name = window.name, .type = table::ColumnType::kNumber};
    column.derived = spec::TextOf(window, inputs.spec);
    int64_t num_missing = 0;
    for (size_t row = 0; row < values.size(); ++row) {
      if (inputs.parts[row] != SplitPart::kTrain) continue;
      if (std::isnan(values[row])) {
        ++num_missing;
        continue;
      }
      column.minimum = std::min(column.minimum.value_or(values[row]), values[row]);
      column.maximum = std::max(column.maximum.value_or(values[row]), values[row]);
    }
    if (!column.minimum) {
      return InvalidSpec(Format("{}: features.windows \"{}\": no training row has a value; the "
                                "longest series has {} rows",
                                window.place.ToString(), window.name,
                                FormatCount(reader.LongestSeries(window.by))))
          .WithHint("a shorter lag or delay, or fewer columns in by");
    }
    made.columns.push_back(std::move(column));
    made.values.push_back(std::move(values));
    made.num_missing.push_back(num_missing);
  }
  return made;
}

report::DataTable WindowTable(const WindowColumns& windows, int64_t num_train) {
  report::DataTable shown;
  shown.title = "Windows: computed from earlier rows; a request must bring them";
  shown.columns = {"feature", "what", "training rows without"};
  shown.numeric = {false, false, true};
  for (size_t i = 0; i < windows.columns.size(); ++i) {
    shown.rows.push_back(
        {windows.columns[i].name, windows.columns[i].derived,
         FormatShare(static_cast<double>(windows.num_missing[i]), static_cast<double>(num_train))});
  }
  return shown;
}

}  // namespace millrace::data
