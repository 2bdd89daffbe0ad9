#include "fit/group_aggregates.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "fit/number_fit.h"
#include "spec/group_aggregates.h"

namespace millrace::fit {
namespace {

using feature::GroupStatistic;
using feature::Node;

constexpr int32_t kNoGroup = -1;

// Bits that are equal where numbers are: 0 and -0 are one value.
uint64_t BitsOf(double number) { return std::bit_cast<uint64_t>(number + 0.0); }

}  // namespace

// Rows told apart by some columns; groups are numbered in the order in which they come.
class Grouping {
 public:
  explicit Grouping(std::vector<table::ColumnSchema> by) : by_(std::move(by)) {
    texts_.resize(by_.size());
    numbers_.resize(by_.size());
    values_.resize(by_.size());
  }

  bool IsBy(const std::vector<std::string>& names) const {
    return std::ranges::equal(by_, names, {}, &table::ColumnSchema::name);
  }

  void ListenTo(RowPass& pass) {
    for (const table::ColumnSchema& column : by_) places_.push_back(pass.Read(column));
    pass.Add([this](const table::Table& batch) { Number(batch); });
  }

  /// Returns the groups [rows of the last batch], kNoGroup where a part of the key is missing.
  const std::vector<int32_t>& groups() const { return groups_; }
  size_t num_groups() const { return rows_.size(); }
  const std::vector<int64_t>& rows() const { return rows_; }  // [num_groups]
  int64_t num_rows() const { return num_rows_; }

  /// Returns the groups of `min_rows` and more, at most `max_groups`: most rows first, ties by key.
  std::vector<int32_t> Choose(int64_t min_rows, int64_t max_groups) const {
    std::vector<int32_t> chosen;
    for (size_t group = 0; group < rows_.size(); ++group) {
      if (rows_[group] >= min_rows) chosen.push_back(static_cast<int32_t>(group));
    }
    std::ranges::sort(chosen, [this](int32_t a, int32_t b) {
      const int64_t rows_a = rows_[static_cast<size_t>(a)];
      const int64_t rows_b = rows_[static_cast<size_t>(b)];
      return rows_a != rows_b ? rows_a > rows_b : KeyIsBefore(a, b);
    });
    if (static_cast<int64_t>(chosen.size()) > max_groups) {
      chosen.resize(static_cast<size_t>(max_groups));
    }
    return chosen;
  }

  feature::GroupKeys KeysOf(const std::vector<int32_t>& chosen) const {
    feature::GroupKeys keys;
    keys.codes.resize(chosen.size() * by_.size());
    for (size_t i = 0; i < by_.size(); ++i) {
      feature::GroupColumn column{.name = by_[i].name, .texts = {}, .numbers = {}};
      // Values that stand in the key of a chosen group, in ascending order.
      std::map<Value, int32_t> codes;
      for (const int32_t group : chosen) codes.emplace(ValueOf(group, i), 0);
      int32_t next = 0;
      for (auto& [value, code] : codes) {
        code = next++;
        if (table::IsNumeric(by_[i].type)) {
          column.numbers.push_back(value.number);
        } else {
          column.texts.push_back(value.text);
        }
      }
      for (size_t g = 0; g < chosen.size(); ++g) {
        keys.codes[g * by_.size() + i] = codes.at(ValueOf(chosen[g], i));
      }
      keys.by.push_back(std::move(column));
    }
    return keys;
  }

 private:
  // A part of a key; one of both by the column's type.
  struct Value {
    double number = 0.0;
    std::string text;
    auto operator<=>(const Value&) const = default;
  };

  const Value& ValueOf(int32_t group, size_t i) const {
    const int32_t code = codes_[static_cast<size_t>(group) * by_.size() + i];
    return values_[i][static_cast<size_t>(code)];
  }

  bool KeyIsBefore(int32_t a, int32_t b) const {
    for (size_t i = 0; i < by_.size(); ++i) {
      const auto order = ValueOf(a, i) <=> ValueOf(b, i);
      if (order != 0) return order < 0;
    }
    return false;
  }

  void Number(const table::Table& batch) {
    groups_.assign(static_cast<size_t>(batch.num_rows()), kNoGroup);
    num_rows_ += batch.num_rows();
    std::vector<int32_t> key(by_.size());
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      bool complete = true;
      for (size_t i = 0; i < by_.size() && complete; ++i) {
        const table::Column& column = batch.column(places_[i]);
        complete = column.valid(row);
        if (complete) key[i] = CodeOf(i, column, row);
      }
      if (complete) groups_[static_cast<size_t>(row)] = GroupOf(key);
    }
  }

  int32_t CodeOf(size_t i, const table::Column& column, int64_t row) {
    const auto next = static_cast<int32_t>(values_[i].size());
    if (table::IsNumeric(by_[i].type)) {
      const double number = column.number(row) + 0.0;
      const auto [at, is_new] = numbers_[i].try_emplace(BitsOf(number), next);
      if (is_new) values_[i].push_back({.number = number, .text = {}});
      return at->second;
    }
    const auto [at, is_new] = texts_[i].try_emplace(std::string(column.text(row)), next);
    if (is_new) values_[i].push_back({.number = 0.0, .text = at->first});
    return at->second;
  }

  int32_t GroupOf(const std::vector<int32_t>& key) {
    std::string packed(key.size() * sizeof(int32_t), '\0');
    std::memcpy(packed.data(), key.data(), packed.size());
    const auto [at, is_new] =
        numbered_.try_emplace(std::move(packed), static_cast<int32_t>(rows_.size()));
    if (is_new) {
      rows_.push_back(0);
      codes_.insert(codes_.end(), key.begin(), key.end());
    }
    ++rows_[static_cast<size_t>(at->second)];
    return at->second;
  }

  std::vector<table::ColumnSchema> by_;
  std::vector<int64_t> places_;                                  // in batches
  std::vector<std::unordered_map<std::string, int32_t>> texts_;  // codes of texts, per column
  std::vector<std::unordered_map<uint64_t, int32_t>> numbers_;   // codes of numbers
  std::vector<std::vector<Value>> values_;                       // of the codes
  std::unordered_map<std::string, int32_t> numbered_;            // groups by their codes
  std::vector<int32_t> codes_;                                   // [num_groups, by]
  std::vector<int64_t> rows_;                                    // [num_groups]
  std::vector<int32_t> groups_;
  int64_t num_rows_ = 0;
};

// One statistic of one column, per group and over all rows.
class GroupMeasure {
 public:
  GroupMeasure(GroupStatistic statistic, std::optional<table::ColumnSchema> of)
      : statistic_(statistic), of_(std::move(of)) {}

  /// `grouping` must listen before it, and outlive it.
  void ListenTo(RowPass& pass, const Grouping& grouping) {
    if (!of_) return;
    place_ = pass.Read(*of_);
    pass.Add([this, &grouping](const table::Table& batch) {
      const table::Column& column = batch.column(place_);
      groups_.resize(std::max(groups_.size(), grouping.num_groups()));
      for (int64_t row = 0; row < batch.num_rows(); ++row) {
        if (column.valid(row)) Add(grouping.groups()[static_cast<size_t>(row)], column, row);
      }
    });
  }

  struct Figures {
    std::vector<double> values;  // [num_groups], NaN where there is none
    double whole = 0.0;          // NaN where no row has a value
  };

  /// Groups with fewer than `min_rows` values have none.
  Figures Measure(const Grouping& grouping, int64_t min_rows) const {
    Figures figures;
    figures.values.assign(grouping.num_groups(), std::nan(""));
    if (!of_) {
      const double all =
          statistic_ == GroupStatistic::kShare ? static_cast<double>(grouping.num_rows()) : 1.0;
      for (size_t group = 0; group < figures.values.size(); ++group) {
        figures.values[group] = static_cast<double>(grouping.rows()[group]) / all;
      }
      return figures;
    }
    if (statistic_ == GroupStatistic::kMedian) {
      MeasureMedians(figures);
    } else if (statistic_ == GroupStatistic::kNunique) {
      MeasureDistinct(figures);
    } else {
      for (size_t group = 0; group < groups_.size(); ++group) {
        figures.values[group] = FigureOf(groups_[group]);
      }
      figures.whole = FigureOf(whole_);
    }
    for (size_t group = 0; group < groups_.size(); ++group) {
      if (groups_[group].count < min_rows) figures.values[group] = std::nan("");
    }
    return figures;
  }

 private:
  struct Tally {
    int64_t count = 0;
    double sum = 0.0;
    double minimum = 0.0;
    double maximum = 0.0;
    Moments moments;
  };

  void Add(int32_t group, const table::Column& column, int64_t row) {
    Tally* tally = group < 0 ? nullptr : &groups_[static_cast<size_t>(group)];
    if (statistic_ == GroupStatistic::kNunique) {
      const uint64_t code =
          table::IsNumeric(of_->type)
              ? BitsOf(column.number(row))
              : texts_.try_emplace(std::string(column.text(row)), texts_.size()).first->second;
      distinct_.emplace_back(group, code);
      if (tally != nullptr) ++tally->count;
      return;
    }
    const double number = column.number(row);
    if (statistic_ == GroupStatistic::kMedian) {
      numbers_.emplace_back(group, number);
      if (tally != nullptr) ++tally->count;
      return;
    }
    Count(number, whole_);
    if (tally != nullptr) Count(number, *tally);
  }

  void Count(double number, Tally& tally) const {
    tally.minimum = tally.count == 0 ? number : std::min(tally.minimum, number);
    tally.maximum = tally.count == 0 ? number : std::max(tally.maximum, number);
    tally.sum += number;
    if (statistic_ == GroupStatistic::kStd) tally.moments.Add(number);
    ++tally.count;
  }

  double FigureOf(const Tally& tally) const {
    if (tally.count == 0) return std::nan("");
    switch (statistic_) {
      case GroupStatistic::kMin:
        return tally.minimum;
      case GroupStatistic::kMax:
        return tally.maximum;
      case GroupStatistic::kStd:
        return tally.moments.deviation();
      default:
        return tally.sum / static_cast<double>(tally.count);
    }
  }

  static double MedianOf(std::span<double> sorted) {
    const size_t middle = sorted.size() / 2;
    const double upper = sorted[middle];
    if (sorted.size() % 2 == 1) return upper;
    const double lower = sorted[middle - 1];
    return lower + (upper - lower) / 2.0;
  }

  void MeasureMedians(Figures& figures) const {
    std::vector<std::pair<int32_t, double>> sorted = numbers_;
    std::ranges::sort(sorted);
    std::vector<double> values;
    values.reserve(sorted.size());
    for (const auto& [group, number] : sorted) values.push_back(number);
    for (size_t first = 0; first < sorted.size();) {
      size_t end = first;
      while (end < sorted.size() && sorted[end].first == sorted[first].first) ++end;
      if (sorted[first].first >= 0) {
        figures.values[static_cast<size_t>(sorted[first].first)] =
            MedianOf(std::span(values).subspan(first, end - first));
      }
      first = end;
    }
    std::ranges::sort(values);
    figures.whole = values.empty() ? std::nan("") : MedianOf(values);
  }

  void MeasureDistinct(Figures& figures) const {
    std::vector<std::pair<int32_t, uint64_t>> sorted = distinct_;
    std::ranges::sort(sorted);
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    for (size_t group = 0; group < groups_.size(); ++group) {
      if (groups_[group].count > 0) figures.values[group] = 0.0;
    }
    for (const auto& [group, code] : sorted) {
      if (group >= 0) figures.values[static_cast<size_t>(group)] += 1.0;
    }
    // That many distinct values are known of a group that is not: none.
    figures.whole = distinct_.empty() ? std::nan("") : 0.0;
  }

  GroupStatistic statistic_;
  std::optional<table::ColumnSchema> of_;  // nothing: rows are counted
  int64_t place_ = 0;                      // in batches
  std::vector<Tally> groups_;              // [num_groups]
  Tally whole_;
  std::vector<std::pair<int32_t, double>> numbers_;     // of medians: group and value
  std::vector<std::pair<int32_t, uint64_t>> distinct_;  // of nunique: group and code of the value
  std::unordered_map<std::string, uint64_t> texts_;     // codes of texts
};

namespace {

std::string WhatIsMeasured(const spec::GroupAggregate& group) {
  std::string what(feature::GroupStatisticName(group.statistic));
  what += group.of.empty() ? " of rows" : Format(" of {}", group.of);
  what += " by " + Join(group.by, ", ");
  if (group.view == feature::GroupView::kDifference) return "own value less the " + what;
  if (group.view == feature::GroupView::kRatio) return "own value over the " + what;
  return what;
}

Status CheckAggregate(const FitInputs& inputs, const spec::GroupAggregate& group) {
  const std::string where =
      Format("{}: features.aggregates \"{}\"", group.place.ToString(), group.name);
  std::vector<std::string> read = group.by;
  if (!group.of.empty()) read.push_back(group.of);
  for (const std::string& name : read) {
    if (!inputs.schema.Find(name)) {
      return InvalidSpec(Format("{}: no such column: \"{}\"", where, name))
          .WithHint(DidYouMean(name, inputs.schema.names()));
    }
    if (std::ranges::find(inputs.features, name) == inputs.features.end()) {
      return InvalidSpec(Format("{}: reads a column that is no feature: \"{}\"", where, name))
          .WithHint("the target and columns that are left out of the features cannot be read");
    }
  }
  if (inputs.schema.Find(group.name)) {
    return InvalidSpec(Format("{}: the name is that of a column", where))
        .WithHint("choose another name");
  }
  if (group.of.empty() || group.statistic == GroupStatistic::kNunique) return {};
  const table::ColumnType type = inputs.schema.column(*inputs.schema.Find(group.of)).type;
  if (table::IsNumeric(type) && type != table::ColumnType::kDate) return {};
  return InvalidSpec(Format("{}: {} is for numbers, yes or no, not for {} column: \"{}\"", where,
                            feature::GroupStatisticName(group.statistic),
                            WithArticle(table::ColumnTypeName(type)), group.of))
      .WithHint("nunique counts the distinct values of any column");
}

}  // namespace

GroupAggregates::GroupAggregates() = default;
GroupAggregates::~GroupAggregates() = default;

Status GroupAggregates::Parse(const FitInputs& inputs) {
  inputs_ = &inputs;
  const auto column = [&](const std::string& name) {
    return inputs.schema.column(*inputs.schema.Find(name));
  };
  for (const spec::GroupAggregate& group : inputs.aggregates) {
    MILLRACE_RETURN_IF_ERROR(CheckAggregate(inputs, group));
    const auto known =
        std::ranges::find_if(groupings_, [&](const auto& other) { return other->IsBy(group.by); });
    grouping_of_.push_back(static_cast<size_t>(known - groupings_.begin()));
    if (known == groupings_.end()) {
      std::vector<table::ColumnSchema> by;
      for (const std::string& name : group.by) by.push_back(column(name));
      groupings_.push_back(std::make_unique<Grouping>(std::move(by)));
    }
    std::optional<table::ColumnSchema> of;
    if (!group.of.empty()) of = column(group.of);
    measures_.push_back(std::make_unique<GroupMeasure>(group.statistic, std::move(of)));
  }
  return {};
}

void GroupAggregates::ListenTo(RowPass& pass) {
  for (const auto& grouping : groupings_) grouping->ListenTo(pass);
  for (size_t i = 0; i < measures_.size(); ++i) {
    measures_[i]->ListenTo(pass, *groupings_[grouping_of_[i]]);
  }
}

AddedNodes GroupAggregates::MakeNodes(const FitOptions& options) const {
  struct Chosen {
    std::vector<int32_t> groups;
    feature::GroupKeys keys;
  };
  std::map<std::pair<const Grouping*, int64_t>, Chosen> chosen_by;  // and fewest rows
  AddedNodes made;
  for (size_t i = 0; i < measures_.size(); ++i) {
    const spec::GroupAggregate& group = inputs_->aggregates[i];
    const Grouping& grouping = *groupings_[grouping_of_[i]];
    FeatureReason reason{.column = group.name, .decided_by = "features.aggregates"};
    const GroupMeasure::Figures figures = measures_[i]->Measure(grouping, group.min_rows);
    if (!std::isfinite(figures.whole)) {
      reason.strategy = "none: no training row has a value, or the sum is out of range";
      made.reasons.push_back(std::move(reason));
      continue;
    }
    const auto [at, is_new] = chosen_by.try_emplace({&grouping, group.min_rows});
    if (is_new) {
      at->second.groups = grouping.Choose(group.min_rows, options.max_groups);
      at->second.keys = grouping.KeysOf(at->second.groups);
    }
    const std::vector<int32_t>& chosen = at->second.groups;
    Node node{.kind = feature::NodeKind::kGroup, .column = group.of, .name = group.name};
    node.groups = at->second.keys;
    node.group_statistic = group.statistic;
    node.view = group.view;
    node.whole = figures.whole;
    for (const int32_t place : chosen) {
      const double figure = figures.values[static_cast<size_t>(place)];
      node.group_values.push_back(std::isfinite(figure) ? figure : figures.whole);
    }
    reason.num_features = 1;
    reason.strategy = Format("{}: {} groups", WhatIsMeasured(group),
                             FormatCount(static_cast<int64_t>(chosen.size())));
    if (const size_t others = grouping.num_groups() - chosen.size(); others > 0) {
      reason.strategy +=
          Format("; {} smaller ones and new ones read {}",
                 FormatCount(static_cast<int64_t>(others)), FormatFigure(figures.whole));
    }
    made.reasons.push_back(std::move(reason));
    made.nodes.push_back(std::move(node));
  }
  return made;
}

}  // namespace millrace::fit
