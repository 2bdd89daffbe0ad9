#include "data/quality/quality_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "base/text.h"

namespace millrace::data {
namespace {

constexpr uint64_t kSampleSeed = 0x51a3;

void AppendCell(const table::Column& from, int64_t row, table::Column& to) {
  if (!from.valid(row)) {
    to.AppendMissing();
  } else if (table::IsNumeric(to.type())) {
    to.AppendNumber(from.number(row));
  } else {
    to.AppendText(from.text(row));
  }
}

uint64_t KeyFromHex(std::string_view text) {
  uint64_t key = 0;
  for (const char digit : text) {
    key = key * 16 + static_cast<uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  return key;
}

SplitPart PartFromName(std::string_view name) {
  for (const SplitPart part : {SplitPart::kTrain, SplitPart::kTest, SplitPart::kSetAside}) {
    if (SplitPartName(part) == name) return part;
  }
  return SplitPart::kEmbargo;
}

}  // namespace

std::vector<int64_t> QualityRows::RowsOf(SplitPart part) const {
  std::vector<int64_t> found;
  for (size_t r = 0; r < parts.size(); ++r) {
    if (parts[r] == part) found.push_back(static_cast<int64_t>(r));
  }
  return found;
}

std::vector<int64_t> QualityRows::Sample(const std::vector<int64_t>& from, int64_t count) const {
  if (static_cast<int64_t>(from.size()) <= count) return from;
  std::vector<uint64_t> hashes;
  for (const int64_t row : from) {
    hashes.push_back(MixHash(keys[static_cast<size_t>(row)], kSampleSeed));
  }
  std::vector<uint64_t> sorted = hashes;
  const auto border = sorted.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(sorted.begin(), border, sorted.end());
  // Of the rows at the border, which share a key, the first ones fill up.
  int64_t still =
      count - std::count_if(sorted.begin(), border, [&](uint64_t hash) { return hash < *border; });
  std::vector<int64_t> sample;
  for (size_t i = 0; i < from.size(); ++i) {
    if (hashes[i] < *border || (hashes[i] == *border && still-- > 0)) sample.push_back(from[i]);
  }
  return sample;
}

const table::Column& QualityRows::column(const std::string& name) const {
  const auto index = rows.schema().Find(name);
  MILLRACE_CHECK(index.has_value(), "the checks name columns of the schema");
  return rows.column(*index);
}

Result<QualityRows> LoadQualityRows(const DataRecord& record, const store::ObjectStore& objects,
                                    engine::Engine& engine) {
  const int64_t num_columns = record.schema.num_columns();
  QualityRows loaded{.rows = table::Table(std::make_shared<const table::Schema>(record.schema))};
  const double wanted = static_cast<double>(kQualityCells) / static_cast<double>(num_columns);
  const double share = wanted / static_cast<double>(std::max<int64_t>(1, record.num_rows));
  std::string condition;
  if (share < 1.0) {
    // Keys are hashes: those below a bound are a random share of the rows.
    const auto bound = static_cast<uint64_t>(std::ldexp(share, 64));
    condition = Format("WHERE __row_key < '{:016x}'", bound);
  }
  std::vector<std::string> quoted;
  for (const std::string& name : record.schema.names()) {
    quoted.push_back(engine::QuoteIdentifier(name));
  }
  const std::string sql = Format(
      "SELECT __row, __row_key, __split, {} FROM read_parquet({}) {} ORDER BY __row",
      Join(quoted, ", "), engine::QuoteLiteral(objects.PathOf(record.rows_object)), condition);
  MILLRACE_RETURN_IF_ERROR(engine.Stream(sql, [&](const table::Table& batch) -> Status {
    for (int64_t r = 0; r < batch.num_rows(); ++r) {
      loaded.places.push_back(static_cast<int64_t>(batch.column(0).number(r)));
      loaded.keys.push_back(KeyFromHex(batch.column(1).text(r)));
      loaded.parts.push_back(PartFromName(batch.column(2).text(r)));
    }
    for (int64_t c = 0; c < num_columns; ++c) {
      table::Column& to = loaded.rows.mutable_column(c);
      for (int64_t r = 0; r < batch.num_rows(); ++r) AppendCell(batch.column(c + 3), r, to);
    }
    return {};
  }));
  loaded.labels = LabelsOf(record, loaded.rows);
  return loaded;
}

}  // namespace millrace::data
