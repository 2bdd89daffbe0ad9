#include "profile/source_profile.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "profile/absence.h"
#include "profile/column_evidence.h"
#include "profile/row_hashes.h"
#include "profile/row_sample.h"

namespace millrace::profile {
namespace {

// Values seen fewer times than this may identify a person; they stay out of schemas and bundles.
constexpr int64_t kMinimumValueCount = 5;

constexpr int64_t kSampleRows = 20'000;
// Cells of all samples together, and distinct values of all columns together: many columns share.
constexpr int64_t kSampleCells = 2'000'000;
constexpr int64_t kTrackedValues = 2'000'000;
constexpr int64_t kLeastShare = 1'000;
constexpr int64_t kRowHashesInMemory = int64_t{1} << 21;
// Columns are given to threads in so many groups.
constexpr size_t kMostGroups = 16;

int64_t ShareOf(int64_t all, int64_t most, size_t num_columns) {
  return std::clamp(all / static_cast<int64_t>(std::max<size_t>(1, num_columns)), kLeastShare,
                    most);
}

// The query that gives the cells: of typed files the numbers as numbers, all else as text.
Result<std::string> ScanQuery(engine::Engine& engine, const engine::Source& source) {
  if (source.typed_reader.empty()) {
    return Format("SELECT * FROM {}", engine::QuoteIdentifier(source.view_name));
  }
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table described,
      engine::Query(engine, Format("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "
                                   "{})",
                                   source.typed_reader)));
  // FLOAT stays text: 0.1 is written "0.1", and is another number when widened.
  static const std::set<std::string_view> kNumbers = {
      "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "DOUBLE"};
  std::vector<std::string> columns;
  for (int64_t row = 0; row < described.num_rows(); ++row) {
    const std::string name = engine::QuoteIdentifier(described.column(0).text(row));
    const bool number = kNumbers.contains(described.column(1).text(row));
    columns.push_back(number ? name : Format("CAST({0} AS VARCHAR) AS {0}", name));
  }
  return Format("SELECT {} FROM {}", Join(columns, ", "), source.typed_reader);
}

// One scan: evidence of every column, the sample of rows, the hashes of rows.
class Scan {
 public:
  Scan(const engine::Source& source, const std::map<std::string, ColumnOverride>& overrides,
       int num_threads)
      : num_threads_(num_threads),
        sample_(ShareOf(kSampleCells, kSampleRows, source.columns.size())),
        row_hashes_(kRowHashesInMemory) {
    const int64_t max_values = ShareOf(kTrackedValues, kMaxTrackedValues, source.columns.size());
    for (size_t c = 0; c < source.columns.size(); ++c) {
      const auto fixed = overrides.find(source.columns[c]);
      columns_.emplace_back(source.columns[c], c, max_values,
                            fixed == overrides.end() ? ColumnOverride{} : fixed->second);
    }
    group_hashes_.resize(num_threads > 1 ? std::min(columns_.size(), kMostGroups) : 1);
  }

  Status Add(const engine::Chunk& chunk) {
    const auto num_rows = static_cast<size_t>(chunk.num_rows);
    const std::span<const int32_t> sampled = sample_.Add(chunk.num_rows);
    const auto num_groups = static_cast<int64_t>(group_hashes_.size());
    ParallelFor(num_threads_, num_groups, [&](int64_t group) {
      std::vector<uint64_t>& hashes = group_hashes_[static_cast<size_t>(group)];
      hashes.assign(num_rows, 0);
      for (auto c = static_cast<size_t>(group); c < columns_.size();
           c += static_cast<size_t>(num_groups)) {
        columns_[c].Add(chunk.columns[c], hashes);
        columns_[c].AddSample(chunk.columns[c], sampled);
      }
    });
    std::vector<uint64_t>& hashes = group_hashes_.front();
    for (size_t group = 1; group < group_hashes_.size(); ++group) {
      for (size_t row = 0; row < num_rows; ++row) hashes[row] += group_hashes_[group][row];
    }
    KeepSample(sample_.Prune());
    return row_hashes_.Add(hashes);
  }

  Result<SourceProfile> Finish(const engine::Source& source) {
    KeepSample(sample_.Finish());
    SourceProfile profile;
    profile.num_rows = sample_.num_rows();
    profile.num_sampled = sample_.num_kept();
    MILLRACE_ASSIGN_OR_RETURN(const RowHashes::Summary rows, row_hashes_.Finish());
    profile.num_duplicate_rows = rows.num_duplicates;
    Sha256 digest;
    for (const std::string& name : source.columns) digest.UpdateField(name);
    digest.UpdateField(rows.digest.ToHex());
    profile.content_digest = digest.Finish();
    profile.columns.resize(columns_.size());
    ParallelFor(num_threads_, static_cast<int64_t>(columns_.size()), [&](int64_t c) {
      const auto at = static_cast<size_t>(c);
      profile.columns[at] = columns_[at].Finish();
    });
    std::vector<table::Column> sampled;
    for (size_t c = 0; c < columns_.size(); ++c) {
      sampled.push_back(columns_[c].SampledValues(profile.columns[c], kAssociationRows));
    }
    TakeAbsencesAsValues(sampled, profile);
    profile.associations = Associate(sampled, num_threads_);
    if (profile.associations.size() > kMaxAssociations) {
      profile.associations.resize(kMaxAssociations);
    }
    return profile;
  }

 private:
  // Words for missing that say "there is none" become values of their own.
  void TakeAbsencesAsValues(std::vector<table::Column>& sampled, SourceProfile& profile) {
    for (const Absence& absence : FindAbsences(profile.columns, sampled)) {
      ColumnProfile& column = profile.columns[absence.column];
      if (!columns_[absence.column].WordsMayBeValues()) continue;
      const std::string word = column.missing_words.front().value;
      columns_[absence.column].TakeWordsAsValues();
      column = columns_[absence.column].Finish();
      column.is_notable = true;
      column.reason += Format("; \"{}\" is one of them: it stands where {} is 0", word,
                              profile.columns[absence.amount].name);
      sampled[absence.column] = columns_[absence.column].SampledValues(column, kAssociationRows);
    }
  }

  void KeepSample(std::span<const int32_t> staying) {
    if (staying.empty()) return;
    for (ColumnEvidence& column : columns_) column.KeepSample(staying);
  }

  int num_threads_;
  std::vector<ColumnEvidence> columns_;
  RowSample sample_;
  RowHashes row_hashes_;
  std::vector<std::vector<uint64_t>> group_hashes_;  // of one chunk, by group of columns
};

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
                                    const std::map<std::string, ColumnOverride>& overrides,
                                    int num_threads) {
  for (const auto& [name, fixed] : overrides) {
    if (std::find(source.columns.begin(), source.columns.end(), name) == source.columns.end()) {
      return InvalidSpec(Format("data.columns: no such column: \"{}\"", name))
          .WithHint(DidYouMean(name, source.columns));
    }
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::string query, ScanQuery(engine, source));
  Scan scan(source, overrides, num_threads);
  MILLRACE_RETURN_IF_ERROR(
      engine.StreamChunks(query, [&](const engine::Chunk& chunk) { return scan.Add(chunk); }));
  MILLRACE_ASSIGN_OR_RETURN(SourceProfile profile, scan.Finish(source));
  if (profile.num_rows == 0) {
    return InvalidData(Format("{}: no row could be read", source.files.front().path))
        .WithHint("every row has another number of cells than the header");
  }
  return profile;
}

}  // namespace millrace::profile
