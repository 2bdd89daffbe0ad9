#include "version/table_diff.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "profile/source_profile.h"
#include "sketch/drift.h"
#include "table/table.h"

namespace millrace::version {
namespace {

using engine::QuoteIdentifier;
using json::Json;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// The two states as tables of text, and what is asked of both.
class Comparison {
 public:
  Comparison(engine::Engine& engine, const engine::Source& old_source,
             const engine::Source& new_source)
      : engine_(engine), old_source_(old_source), new_source_(new_source) {}

  Result<TableDiff> Run(const std::string& key) {
    for (const std::string& name : old_source_.columns) {
      if (Contains(new_source_.columns, name)) {
        shared_.push_back(name);
      } else {
        diff_.removed_columns.push_back(name);
      }
    }
    for (const std::string& name : new_source_.columns) {
      if (!Contains(old_source_.columns, name)) diff_.added_columns.push_back(name);
    }
    if (shared_.empty()) {
      return InvalidData("data diff: the two share no column")
          .WithHint("compare states of one table");
    }
    MILLRACE_RETURN_IF_ERROR(KeepSource("diff_old", old_source_));
    MILLRACE_RETURN_IF_ERROR(KeepSource("diff_new", new_source_));
    MILLRACE_ASSIGN_OR_RETURN(diff_.num_old_rows, Count("diff_old"));
    MILLRACE_ASSIGN_OR_RETURN(diff_.num_new_rows, Count("diff_new"));
    MILLRACE_RETURN_IF_ERROR(ChooseKey(key));
    MILLRACE_RETURN_IF_ERROR(diff_.key.empty() ? CompareContents() : CompareByKey());
    MILLRACE_RETURN_IF_ERROR(CompareSpreads());
    return std::move(diff_);
  }

 private:
  // What is asked of twice is worked out once.
  Status Keep(std::string_view name, const std::string& select) {
    return engine_.Execute(Format("CREATE OR REPLACE TABLE {} AS {}", name, select));
  }
  Status KeepSource(std::string_view name, const engine::Source& source) {
    return Keep(name, Format("SELECT row_number() OVER () AS __row, * FROM {}",
                             QuoteIdentifier(source.view_name)));
  }
  Result<int64_t> Count(std::string_view name, std::string_view what = "count(*)") {
    MILLRACE_ASSIGN_OR_RETURN(const table::Table rows,
                              engine::Query(engine_, Format("SELECT {} FROM {}", what, name)));
    return static_cast<int64_t>(rows.column(0).number(0));
  }
  // The first column of the result as texts.
  Result<std::vector<std::string>> Texts(const std::string& sql) {
    MILLRACE_ASSIGN_OR_RETURN(const table::Table rows,
                              engine::Query(engine_, Format("{} LIMIT {}", sql, kDiffExamples)));
    std::vector<std::string> texts;
    for (int64_t r = 0; r < rows.num_rows(); ++r) {
      const table::Column& column = rows.column(0);
      texts.push_back(column.valid(r) ? std::string(column.text(r)) : std::string("(empty)"));
    }
    return texts;
  }

  // Of the tables diff_added and diff_removed.
  Status CountAddedAndRemoved(std::string_view example, std::string_view order) {
    const auto examples = [&](std::string_view name) {
      return Texts(Format("SELECT {} FROM {} ORDER BY {}", example, name, order));
    };
    MILLRACE_ASSIGN_OR_RETURN(diff_.num_added, Count("diff_added"));
    MILLRACE_ASSIGN_OR_RETURN(diff_.num_removed, Count("diff_removed"));
    MILLRACE_ASSIGN_OR_RETURN(diff_.added_examples, examples("diff_added"));
    MILLRACE_ASSIGN_OR_RETURN(diff_.removed_examples, examples("diff_removed"));
    return {};
  }

  Status ChooseKey(const std::string& key) {
    if (key.empty()) return {};
    if (!Contains(shared_, key)) {
      diff_.key_note = Format("\"{}\" is not a column of both", key);
      return {};
    }
    for (const char* name : {"diff_old", "diff_new"}) {
      MILLRACE_ASSIGN_OR_RETURN(
          const int64_t doubtful,
          Count(name, Format("count(*) - count(DISTINCT {})", QuoteIdentifier(key))));
      if (doubtful == 0) continue;
      diff_.key_note = Format("\"{}\" does not name each row", key);
      return {};
    }
    diff_.key = key;
    return {};
  }

  std::string SharedList(std::string_view prefix) const {
    std::vector<std::string> names;
    for (const std::string& name : shared_) {
      names.push_back(std::string(prefix) + QuoteIdentifier(name));
    }
    return Join(names, ", ");
  }

  // Rows as wholes, as often as they stand in each.
  Status CompareContents() {
    const std::string columns = SharedList("");
    std::vector<std::string> parts;
    for (const std::string& name : shared_) {
      parts.push_back(Format("coalesce({}, '')", QuoteIdentifier(name)));
    }
    const auto missing_in = [&](std::string_view from, std::string_view other) {
      return Format("SELECT {0} FROM {1} EXCEPT ALL SELECT {0} FROM {2}", columns, from, other);
    };
    MILLRACE_RETURN_IF_ERROR(Keep("diff_added", missing_in("diff_new", "diff_old")));
    MILLRACE_RETURN_IF_ERROR(Keep("diff_removed", missing_in("diff_old", "diff_new")));
    const std::string examples = Format("concat_ws(',', {}) AS t", Join(parts, ", "));
    return CountAddedAndRemoved(examples, "t");
  }

  Status CompareByKey() {
    const std::string key = QuoteIdentifier(diff_.key);
    const auto only_in = [&](std::string_view from, std::string_view other) {
      return Format(
          "SELECT x.__row, x.{0} FROM {1} x WHERE NOT EXISTS "
          "(SELECT 1 FROM {2} y WHERE y.{0} = x.{0})",
          key, from, other);
    };
    MILLRACE_RETURN_IF_ERROR(Keep("diff_added", only_in("diff_new", "diff_old")));
    MILLRACE_RETURN_IF_ERROR(Keep("diff_removed", only_in("diff_old", "diff_new")));
    MILLRACE_RETURN_IF_ERROR(CountAddedAndRemoved(key, "__row"));
    std::vector<std::string> conditions;
    std::vector<std::string> words;
    for (const std::string& name : shared_) {
      if (name == diff_.key) continue;
      const std::string column = QuoteIdentifier(name);
      conditions.push_back(Format("x.{0} IS DISTINCT FROM y.{0}", column));
      words.push_back(
          Format("CASE WHEN x.{0} IS DISTINCT FROM y.{0} THEN {1} || ' ' || "
                 "coalesce(x.{0}, '(empty)') || ' -> ' || coalesce(y.{0}, '(empty)') "
                 "END",
                 column, engine::QuoteLiteral(name)));
    }
    if (conditions.empty()) return {};
    MILLRACE_RETURN_IF_ERROR(
        Keep("diff_changed", Format("SELECT x.__row AS old_row, y.__row AS new_row FROM diff_old x "
                                    "JOIN diff_new y ON x.{0} = y.{0} WHERE {1}",
                                    key, Join(conditions, " OR "))));
    MILLRACE_ASSIGN_OR_RETURN(diff_.num_changed, Count("diff_changed"));
    MILLRACE_ASSIGN_OR_RETURN(
        diff_.changed_examples,
        Texts(Format("SELECT x.{} || ': ' || concat_ws(', ', {}) FROM (SELECT * FROM diff_changed "
                     "ORDER BY old_row LIMIT {}) c JOIN diff_old x ON x.__row = c.old_row "
                     "JOIN diff_new y ON y.__row = c.new_row ORDER BY x.__row",
                     key, Join(words, ", "), kDiffExamples)));
    return {};
  }

  // The values of a column of both states, read by the rules of the old one; counts are made of
  // them, so that their order does not matter.
  Result<table::Column> Values(std::string_view table_name, const table::ColumnSchema& column,
                               const std::string& reader) {
    MILLRACE_ASSIGN_OR_RETURN(
        table::Table rows,
        engine::Query(engine_, Format("SELECT {}({}) AS v FROM {}", reader,
                                      QuoteIdentifier(column.name), table_name)));
    return std::move(rows.mutable_column(0));
  }

  Status CompareSpreads() {
    MILLRACE_ASSIGN_OR_RETURN(const profile::SourceProfile old_profile,
                              profile::ProfileSource(engine_, old_source_, {}));
    MILLRACE_ASSIGN_OR_RETURN(const profile::SourceProfile new_profile,
                              profile::ProfileSource(engine_, new_source_, {}));
    MILLRACE_ASSIGN_OR_RETURN(const table::Schema schema, old_profile.ToSchema());
    for (const std::string& name : shared_) {
      const profile::ColumnProfile* before = old_profile.Find(name);
      const profile::ColumnProfile* after = new_profile.Find(name);
      if (before->type != after->type) {
        diff_.retyped_columns.push_back({name, std::string(table::ColumnTypeName(before->type)),
                                         std::string(table::ColumnTypeName(after->type))});
      }
      // What names rows or is prose has no spread to compare.
      if (name == diff_.key || before->type == table::ColumnType::kText ||
          (before->is_unique && !table::IsNumeric(before->type))) {
        continue;
      }
      const table::ColumnSchema& column = schema.column(*schema.Find(name));
      const auto one = table::Schema::Make({column});
      if (!one.ok()) return one.status();
      const std::string reader = "reader_" + DigestOf(json::Write(one->ToJson())).Short(24);
      MILLRACE_RETURN_IF_ERROR(engine_.RegisterReader(reader, column));
      MILLRACE_ASSIGN_OR_RETURN(const table::Column old_values, Values("diff_old", column, reader));
      MILLRACE_ASSIGN_OR_RETURN(const table::Column new_values, Values("diff_new", column, reader));
      const auto reference = sketch::ColumnSketch::FromReference(name, old_values);
      sketch::ColumnSketch now = reference.Empty();
      now.AddColumn(new_values);
      const sketch::Drift drift =
          sketch::CompareSketches(reference, now, static_cast<int64_t>(shared_.size()));
      diff_.spreads.push_back(
          {name, drift.psi, drift.p_value, drift.psi >= kChangedPsi && drift.significant});
    }
    std::ranges::stable_sort(
        diff_.spreads, [](const SpreadChange& a, const SpreadChange& b) { return a.psi > b.psi; });
    return {};
  }

  engine::Engine& engine_;
  const engine::Source& old_source_;
  const engine::Source& new_source_;
  std::vector<std::string> shared_;
  TableDiff diff_;
};

}  // namespace

Result<TableDiff> DiffTables(engine::Engine& engine, const engine::Source& old_source,
                             const engine::Source& new_source, const std::string& key) {
  return Comparison(engine, old_source, new_source).Run(key);
}

Json ToJson(const TableDiff& diff) {
  Json retyped = Json::MakeArray();
  for (const RetypedColumn& column : diff.retyped_columns) {
    retyped.Append(
        Json::Of({{"name", column.name}, {"from", column.old_type}, {"to", column.new_type}}));
  }
  Json spreads = Json::MakeArray();
  for (const SpreadChange& spread : diff.spreads) {
    spreads.Append(Json::Of({{"name", spread.name},
                             {"psi", spread.psi},
                             {"p_value", spread.p_value},
                             {"changed", spread.changed}}));
  }
  return Json::Of(
      {{"columns", Json::Of({{"added", Json::ArrayOf(diff.added_columns)},
                             {"removed", Json::ArrayOf(diff.removed_columns)},
                             {"retyped", std::move(retyped)}})},
       {"key", diff.key.empty() ? Json() : Json(diff.key)},
       {"rows", Json::Of({{"from", diff.num_old_rows},
                          {"to", diff.num_new_rows},
                          {"added", diff.num_added},
                          {"removed", diff.num_removed},
                          {"changed", diff.key.empty() ? Json() : Json(diff.num_changed)}})},
       {"examples", Json::Of({{"added", Json::ArrayOf(diff.added_examples)},
                              {"removed", Json::ArrayOf(diff.removed_examples)},
                              {"changed", Json::ArrayOf(diff.changed_examples)}})},
       {"spreads", std::move(spreads)}});
}

}  // namespace millrace::version
