#include "profile/source_profile.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "profile/column_evidence.h"

namespace millrace::profile {
namespace {

// Values seen fewer times than this may identify a person; they stay out of schemas and bundles.
constexpr int64_t kMinimumValueCount = 5;

uint64_t HashRow(const table::Table& batch, int64_t row) {
  uint64_t hash = 0;
  for (int64_t c = 0; c < batch.num_columns(); ++c) {
    const table::Column& column = batch.column(c);
    hash = MixHash(hash, column.valid(row) ? Hash64(column.text(row), 1) : 2);
  }
  return hash;
}

}  // namespace

const ColumnProfile* SourceProfile::Find(std::string_view name) const {
  for (const ColumnProfile& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

Result<table::Schema> SourceProfile::ToSchema() const {
  std::vector<table::ColumnSchema> schema;
  for (const ColumnProfile& column : columns) {
    table::ColumnSchema item;
    item.name = column.name;
    item.type = column.type;
    item.rules = column.rules;
    item.nullable = column.num_missing + column.num_invalid > 0;
    item.minimum = column.minimum;
    item.maximum = column.maximum;
    if (column.type == table::ColumnType::kCategory) {
      for (const ValueCount& value : column.top_values) {
        if (value.count >= kMinimumValueCount) item.values.push_back(value.value);
      }
    }
    schema.push_back(std::move(item));
  }
  return table::Schema::Make(std::move(schema));
}

Result<SourceProfile> ProfileSource(engine::Engine& engine, const engine::Source& source,
                                    const std::map<std::string, ColumnOverride>& overrides) {
  for (const auto& [name, fixed] : overrides) {
    if (std::find(source.columns.begin(), source.columns.end(), name) == source.columns.end()) {
      return InvalidSpec(Format("data.columns: no such column: \"{}\"", name))
          .WithHint(DidYouMean(name, source.columns));
    }
  }
  std::vector<ColumnEvidence> evidence;
  for (const std::string& name : source.columns) evidence.emplace_back(name);
  SourceProfile profile;
  std::unordered_set<uint64_t> seen_rows;
  MILLRACE_RETURN_IF_ERROR(engine.Stream(
      Format("SELECT * FROM {}", engine::QuoteIdentifier(source.view_name)),
      [&](const table::Table& batch) -> Status {
        for (int64_t row = 0; row < batch.num_rows(); ++row) {
          if (!seen_rows.insert(HashRow(batch, row)).second) ++profile.num_duplicate_rows;
          for (int64_t c = 0; c < batch.num_columns(); ++c) {
            const table::Column& column = batch.column(c);
            evidence[static_cast<size_t>(c)].Add(
                column.valid(row) ? ColumnEvidence::Present::kYes : ColumnEvidence::Present::kNo,
                column.text(row));
          }
        }
        profile.num_rows += batch.num_rows();
        return {};
      }));
  if (profile.num_rows == 0) {
    return InvalidData(Format("{}: no row could be read", source.files.front().path))
        .WithHint("every row has another number of cells than the header");
  }
  for (size_t c = 0; c < evidence.size(); ++c) {
    const auto fixed = overrides.find(source.columns[c]);
    profile.columns.push_back(
        fixed == overrides.end()
            ? evidence[c].Finish(std::nullopt, std::nullopt)
            : evidence[c].Finish(fixed->second.type, fixed->second.missing_texts));
  }
  return profile;
}

}  // namespace millrace::profile
