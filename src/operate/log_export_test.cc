#include "operate/log_export.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/process.h"
#include "journal/record.h"
#include "journal/segment.h"

namespace millrace::operate {
namespace {

std::string SegmentBytes(int64_t num_predictions, int64_t num_labels) {
  std::string bytes(journal::kSegmentHeader);
  for (int64_t i = 0; i < num_predictions; ++i) {
    journal::PredictionRecord record;
    record.request_id = "r" + std::to_string(i);
    record.row_index = i;
    record.time_micros = 1'700'000'000'000'000 + i;
    record.bundle = std::string(64, 'a');
    record.route = "champion";
    record.row_json = R"({"age":41.5,"city":"it's"})";
    record.outputs = {0.25, 0.75};
    record.decision = 1;
    journal::AppendFrame(bytes, journal::EncodeRecord(record));
  }
  for (int64_t i = 0; i < num_labels; ++i) {
    journal::AppendFrame(bytes, journal::EncodeRecord(journal::FeedbackRecord{
                                    "r" + std::to_string(i), i, "", 1'700'000'000'000'000, "yes"}));
  }
  return bytes;
}

TEST(LogExportTest, SealedSegmentsBecomeParquetOnce) {
  const auto folder = TemporaryFolder::Make();
  const std::string log = JoinPath(folder->path(), "logs");
  const std::string out = JoinPath(folder->path(), "it's out");
  ASSERT_TRUE(MakeFolders(log).ok());
  const int64_t own = CurrentProcessId();
  const auto put = [&](const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(WriteFile(JoinPath(log, name), bytes).ok());
  };
  put(journal::SegmentName(1, own, 0), SegmentBytes(12'000, 3));
  put(journal::SegmentName(2, own, 1), SegmentBytes(5, 0));            // still written
  put(journal::SegmentName(3, 1 << 29, 0), SegmentBytes(2, 1) + "x");  // its process is gone
  put("alerts.log", "not a segment");
  const auto engine = engine::MakeDuckDbEngine({});
  ASSERT_TRUE(engine.ok());
  const auto first = ExportLog(log, out, **engine);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(first->num_predictions, 12'002);
  EXPECT_EQ(first->num_labels, 4);
  EXPECT_EQ(first->num_open, 1);
  EXPECT_EQ(first->files.size(), 4u);
  const auto second = ExportLog(log, out, **engine);
  EXPECT_TRUE(second->files.empty());
  EXPECT_EQ(second->num_there, 2);
  EXPECT_EQ(ListFolder(out)->size(), 4u) << "temporary files stay behind";

  std::vector<double> sums;
  const Status read = (*engine)->Stream(
      "SELECT CAST(count(*) AS BIGINT), CAST(sum(row) AS BIGINT), "
      "CAST(count(*) FILTER (outputs[2] = 0.75 AND decision = 1 AND year(time) = 2023 AND "
      "\"values\" LIKE '%it''s%') AS BIGINT) FROM read_parquet('" +
          JoinPath(folder->path(), "it''s out") + "/*.predictions.parquet')",
      [&](const table::Table& batch) -> Status {
        for (int64_t c = 0; c < 3; ++c) sums.push_back(batch.column(c).number(0));
        return {};
      });
  ASSERT_TRUE(read.ok()) << read.ToString();
  EXPECT_EQ(sums, (std::vector<double>{12'002, 11'999.0 * 12'000 / 2 + 1, 12'002}));
}

TEST(LogExportTest, AFileThatIsNoSegmentIsNamed) {
  const auto folder = TemporaryFolder::Make();
  ASSERT_TRUE(WriteFile(JoinPath(folder->path(), journal::SegmentName(1, 1 << 29, 0)),
                        "garbage, long enough")
                  .ok());
  const auto engine = engine::MakeDuckDbEngine({});
  EXPECT_EQ(ExportLog(folder->path(), JoinPath(folder->path(), "out"), **engine).status().code(),
            Code::kCorrupt);
}

}  // namespace
}  // namespace millrace::operate
