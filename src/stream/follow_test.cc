#include "stream/follow.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "json/text.h"
#include "store/gc.h"
#include "stream/file_source.h"
#include "stream/prefix_proof.h"

namespace millrace::stream {
namespace {

class Listener final : public FollowObserver {
 public:
  Result<std::vector<std::string>> Examine(engine::Engine&, const PendingBatch&) override {
    return std::vector<std::string>();
  }
  void Committed(const CommittedBatch& batch) override { batches.push_back(batch); }
  std::vector<CommittedBatch> batches;
};

// A folder that grows and the project that follows it.
class Fixture {
 public:
  explicit Fixture(std::vector<std::string> paths = {"in"})
      : folder_(*TemporaryFolder::Make()),
        paths_(std::move(paths)),
        engine_(*engine::MakeDuckDbEngine({})) {
    EXPECT_TRUE(MakeFolders(JoinPath(folder_.path(), "in")).ok());
    Reopen("store");
  }

  // Opens another store of the same source: what a reading from scratch has.
  void Reopen(const std::string& name) {
    catalog_.reset();
    EXPECT_TRUE(MakeFolders(JoinPath(folder_.path(), name)).ok());
    objects_ = *store::ObjectStore::Open(JoinPath(folder_.path(), name + "/objects"));
    catalog_ = *store::Catalog::Open(JoinPath(folder_.path(), name + "/catalog.sqlite"), clock_);
  }

  std::string Path(const std::string& name) const { return JoinPath(folder_.path(), name); }
  void Append(const std::string& name, std::string_view text) const {
    EXPECT_TRUE(AppendFile(Path(name), text).ok());
  }
  void Write(const std::string& name, std::string_view text) const {
    EXPECT_TRUE(WriteFile(Path(name), text).ok());
  }
  FileSource Source() const {
    return FileSource({.folder = folder_.path(), .paths = paths_, .engine = engine_.get()});
  }
  engine::Engine& Engine() const { return *engine_; }
  StreamStore Store() const { return StreamStore(*catalog_, *objects_); }

  Result<FollowSummary> TakeNew(PollLimit limit = {}) {
    FileSource source = Source();
    StreamStore store = Store();
    return Follow({.source = source,
                   .store = store,
                   .engine = *engine_,
                   .clock = clock_,
                   .observer = listener,
                   .stop = [] { return false; }},
                  {.limit = limit, .until_idle = true});
  }
  Result<store::GcOutcome> CollectAll() {
    return store::CollectGarbage(*catalog_, *objects_, SystemClock(),
                                 {.mode = store::GcMode::kRemove, .grace_seconds = 0.0});
  }
  StreamState State() const { return *Store().Load(); }

  // Everything that phases 1 and 2 can see of the stream, as one text.
  std::string Seen() {
    FileSource source = Source();
    const StreamState state = State();
    const auto cells = CommittedCells(state, *source.Parts(), *objects_);
    if (!cells.ok()) return cells.status().message();
    std::string text;
    for (const auto& [name, position] : state.parts) {
      text += Format("{} {}\n", name, json::Write(ToJson(position)));
    }
    text += WriteRejected(cells->rejected);
    for (const std::string& name : cells->columns) text += name + "|";
    if (cells->parquet_paths.empty()) return text;
    const auto opened = engine::OpenSource(*engine_, "", {}, {.kept = &*cells}, "seen");
    if (!opened.ok()) return opened.status().message();
    const auto rows = engine::Query(*engine_, "SELECT * FROM seen");
    for (int64_t r = 0; r < rows->num_rows(); ++r) {
      text += "\n";
      for (int64_t c = 0; c < rows->num_columns(); ++c) {
        text += rows->column(c).valid(r) ? json::Quote(rows->column(c).text(r)) : "missing";
        text += "|";
      }
    }
    return text;
  }

  Listener listener;
  FakeClock clock_;

 private:
  TemporaryFolder folder_;
  std::vector<std::string> paths_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<store::ObjectStore> objects_;
  std::unique_ptr<store::Catalog> catalog_;
};

TEST(FollowTest, OnlyWhatIsNewIsRead) {
  Fixture fixture;
  fixture.Append("in/a.csv", "x,y\n1,2\n3,4\n");
  const auto first = fixture.TakeNew();
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(first->rows, 2);
  EXPECT_EQ(first->bytes, 12);
  const auto idle = fixture.TakeNew();
  ASSERT_TRUE(idle.ok());
  EXPECT_EQ(idle->num_batches, 0);
  fixture.Append("in/a.csv", "5,6\n");
  fixture.Append("in/b.csv", "y,x\n8,7\n");
  const auto second = fixture.TakeNew();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->rows, 2);
  EXPECT_EQ(second->bytes, 12);
  const StreamState state = fixture.State();
  EXPECT_EQ(state.rows, 4);
  EXPECT_EQ(state.num_batches, 3);
  EXPECT_NE(fixture.Seen().find("\"5\"|\"6\"|\n\"7\"|\"8\"|"), std::string::npos) << fixture.Seen();
}

TEST(FollowTest, ALineWithoutItsEndWaits) {
  Fixture fixture;
  fixture.Append("in/a.csv", "x,y\n1,2\n3,");
  const auto first = fixture.TakeNew();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->rows, 1);
  EXPECT_EQ(first->waiting_bytes, 2);
  fixture.Append("in/a.csv", "4");
  EXPECT_EQ(fixture.TakeNew()->rows, 0);
  fixture.Append("in/a.csv", "5\n");
  EXPECT_EQ(fixture.TakeNew()->rows, 1);
  EXPECT_NE(fixture.Seen().find("\"3\"|\"45\"|"), std::string::npos);
}

TEST(FollowTest, AHeaderThatIsBeingWrittenWaits) {
  Fixture fixture;
  fixture.Write("in/a.csv", "");
  EXPECT_EQ(fixture.TakeNew()->num_batches, 0);
  fixture.Append("in/a.csv", "x,");
  EXPECT_EQ(fixture.TakeNew()->num_batches, 0);
  fixture.Append("in/a.csv", "y\n");
  EXPECT_TRUE(fixture.TakeNew().ok());
  fixture.Append("in/a.csv", "1,2\n");
  EXPECT_EQ(fixture.TakeNew()->rows, 1);
}

TEST(FollowTest, AChangedPastIsRefusedAndNothingIsTaken) {
  const std::string before = "x,y\n1,2\n3,4\n";
  for (const auto& [content, why] : std::vector<std::pair<std::string, std::string>>{
           {"x,y\n1,2\n9,4\n5,6\n", "beginning is another"},          // edited
           {"x,y\n1,2\n", "8 bytes, 12 were read"},                   // cut
           {"x,y\n7,7\n7,7\n7,7\n7,7\n", "beginning is another"}}) {  // rotated
    Fixture fixture;
    fixture.Write("in/a.csv", before);
    ASSERT_TRUE(fixture.TakeNew().ok());
    fixture.Write("in/a.csv", content);
    const auto refused = fixture.TakeNew();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.status().code(), Code::kInvalidData);
    EXPECT_NE(refused.status().message().find(why), std::string::npos)
        << refused.status().message();
    EXPECT_NE(refused.status().hint().find("--reingest"), std::string::npos);
    EXPECT_EQ(fixture.State().rows, 2);
  }
}

TEST(FollowTest, AFileThatIsGoneIsRefused) {
  Fixture fixture;
  fixture.Write("in/a.csv", "x\n1\n");
  ASSERT_TRUE(fixture.TakeNew().ok());
  ASSERT_TRUE(RemoveAll(fixture.Path("in/a.csv")).ok());
  const auto refused = fixture.TakeNew();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("in/a.csv: is gone"), std::string::npos);
}

TEST(FollowTest, ForgettingReadsAllAnew) {
  Fixture fixture;
  fixture.Write("in/a.csv", "x,y\n1,2\n3,4\n");
  ASSERT_TRUE(fixture.TakeNew().ok());
  fixture.Write("in/a.csv", "x,y\n9,9\n");
  ASSERT_FALSE(fixture.TakeNew().ok());
  ASSERT_TRUE(fixture.Store().Forget().ok());
  EXPECT_EQ(fixture.TakeNew()->rows, 1);
  EXPECT_EQ(fixture.State().rows, 1);
}

TEST(FollowTest, AChangeInTheMiddleIsSeenByTheFullCheck) {
  Fixture fixture;
  std::string text = "x\n";
  while (text.size() < 3 * static_cast<size_t>(kProofBlockBytes)) text += "123456789\n";
  fixture.Write("in/a.csv", text);
  ASSERT_TRUE(fixture.TakeNew().ok());
  FileSource source = fixture.Source();
  const Position position = fixture.State().parts.at("in/a.csv");
  EXPECT_TRUE(source.Verify(position).ok());
  text[1'500'000] = text[1'500'000] == '\n' ? '\n' : '0';
  text[1'500'001] = '\n';
  fixture.Write("in/a.csv", text);
  EXPECT_EQ(source.Verify(position).code(), Code::kInvalidData);
}

TEST(FollowTest, AnotherHeaderSetsItsRowsAsideAndIsTold) {
  Fixture fixture;
  fixture.Write("in/a.csv", "x,y\n1,2\n");
  fixture.Write("in/b.csv", "x,z\n1,2\n3,4\n");
  ASSERT_TRUE(fixture.TakeNew().ok());
  const StreamState state = fixture.State();
  EXPECT_EQ(state.rows, 1);
  EXPECT_EQ(state.num_rejected, 2);
  ASSERT_EQ(fixture.listener.batches.size(), 2u);
  ASSERT_EQ(fixture.listener.batches[1].remarks.size(), 1u);
  EXPECT_EQ(fixture.listener.batches[1].remarks[0],
            "in/b.csv: unknown column \"z\", no column \"y\": its rows are set aside");
  EXPECT_TRUE(fixture.listener.batches[0].remarks.empty());
  EXPECT_NE(fixture.Seen().find("\"text\":\"3,4\""), std::string::npos);
}

// Line ends in cells, blank lines and broken records count.
TEST(FollowTest, RowsOfAnotherHeaderAreSetAsideWithTheirLines) {
  Fixture fixture;
  fixture.Write("in/a.csv", "x,y\n1,2\n");
  fixture.Write("in/b.csv", "x,z\n\n\"1\n1\",2\ntoo,many,cells\n3,4\n5,6\n");
  ASSERT_TRUE(fixture.TakeNew({.max_rows = 3}).ok());
  const std::string seen = fixture.Seen();
  for (const char* row : {"\"line\":3,\"column\":\"\",\"rule\":\"unknown column",
                          "\"line\":6,\"column\":\"\",\"rule\":\"unknown column",
                          "\"line\":7,\"column\":\"\",\"rule\":\"unknown column",
                          "\"line\":5,\"column\":\"\",\"rule\":\"too many columns"}) {
    EXPECT_NE(seen.find(row), std::string::npos) << row << " in " << seen;
  }
}

TEST(FollowTest, JsonLinesMayBringColumns) {
  Fixture fixture;
  fixture.Append("in/a.jsonl", "{\"x\": 1}\n");
  ASSERT_TRUE(fixture.TakeNew().ok());
  fixture.Append("in/a.jsonl", "{\"X\": 2, \"y\": true}\nbroken\n{\"x\": 3}\n");
  ASSERT_TRUE(fixture.TakeNew().ok());
  ASSERT_EQ(fixture.listener.batches.back().remarks.size(), 1u);
  EXPECT_EQ(fixture.listener.batches.back().remarks[0],
            "new column \"y\": missing in the rows before");
  const std::string seen = fixture.Seen();
  EXPECT_NE(seen.find("\"1\"|missing|\n\"2\"|\"true\"|\n\"3\"|missing|"), std::string::npos)
      << seen;
  EXPECT_NE(seen.find("\"line\":3,"), std::string::npos) << seen;
}

TEST(FollowTest, SmallSegmentsAreMerged) {
  Fixture fixture;
  std::string all = "x,y\n";
  for (int i = 0; i < 200; ++i) all += i % 7 == 3 ? Format("{}\n", i) : Format("{},z\n", i);
  fixture.Write("in/a.csv", all);
  ASSERT_TRUE(fixture.TakeNew({.max_rows = 1}).ok());
  EXPECT_EQ(fixture.State().num_batches, 200);
  EXPECT_LT(fixture.State().segments.size(), 40u);
  const std::string merged = fixture.Seen();
  fixture.Reopen("scratch");
  ASSERT_TRUE(fixture.TakeNew().ok());
  EXPECT_EQ(fixture.State().segments.size(), 1u);
  EXPECT_EQ(fixture.Seen(), merged);
}

TEST(FollowTest, SegmentsOutliveGarbageCollectionAndMergedOnesDoNot) {
  Fixture fixture;
  std::string all = "x\n";
  for (int i = 0; i < 100; ++i) all += Format("{}\n", i);
  fixture.Write("in/a.csv", all);
  ASSERT_TRUE(fixture.TakeNew({.max_rows = 1}).ok());
  const std::string before = fixture.Seen();
  const auto outcome = fixture.CollectAll();
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->num_kept, static_cast<int64_t>(fixture.State().segments.size()));
  EXPECT_GT(outcome->num_removed, 60);
  EXPECT_EQ(fixture.Seen(), before);
}

TEST(FollowTest, OneProcessCommitsAtATime) {
  Fixture fixture;
  fixture.Write("in/a.csv", "x\n1\n2\n");
  StreamStore store = fixture.Store();
  StreamState mine = fixture.State();
  ASSERT_TRUE(fixture.TakeNew({.max_rows = 1}).ok());
  Position next;
  next.part = "in/a.csv";
  const Status late = store.Commit(mine, next, {}, {});
  EXPECT_EQ(late.code(), Code::kUnavailable);
  EXPECT_EQ(fixture.State().rows, 2);
}

TEST(FollowTest, WaitsForThePeriodBetweenLooks) {
  Fixture fixture;
  fixture.Write("in/a.csv", "x\n1\n");
  FileSource source = fixture.Source();
  StreamStore store = fixture.Store();
  const auto engine = engine::MakeDuckDbEngine({});
  const double start = fixture.clock_.MonotonicSeconds();
  int asked = 0;
  const auto summary = Follow(
      {.source = source,
       .store = store,
       .engine = **engine,
       .clock = fixture.clock_,
       .observer = fixture.listener,
       .stop = [&] { return fixture.clock_.MonotonicSeconds() > start + 10 || ++asked > 1000; }},
      {.every_seconds = 3.0});
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->rows, 1);
  EXPECT_LT(asked, 1000);
}

TEST(FollowTest, HiddenAndForeignFilesOfAFolderArePassedOver) {
  Fixture fixture;
  fixture.Write("in/.part.csv", "x\n1\n");
  fixture.Write("in/_temporary.csv", "x\n1\n");
  fixture.Write("in/notes.md", "x\n");
  fixture.Write("in/a.csv", "x\n1\n");
  EXPECT_EQ(fixture.Source().Parts()->size(), 1u);
  for (const char* name :
       {"in/a.xlsx", "in/*/a.csv", "https://host/a.csv", "-", "sqlite:shop.db?table=orders"}) {
    Fixture named({name});
    EXPECT_EQ(named.Source().Parts().status().code(), Code::kUnsupported) << name;
  }
}

TEST(FollowTest, ParquetFilesAreTakenAsAWholeOnceTheyAreWritten) {
  Fixture fixture;
  const auto make = [&fixture](const std::string& name, const std::string& query) {
    const Status made = fixture.Engine().Execute(
        Format("COPY ({}) TO '{}' (FORMAT parquet)", query, fixture.Path(name)));
    EXPECT_TRUE(made.ok()) << made.ToString();
  };
  make("in/a.parquet", "SELECT range AS x, 'z' AS y FROM range(3)");
  ASSERT_EQ(fixture.TakeNew()->rows, 3);
  make("in/b.parquet.part", "SELECT 7 AS x, DATE '2024-01-02' AS d");
  const std::string whole = *ReadFile(fixture.Path("in/b.parquet.part"));
  fixture.Write("in/b.parquet", whole.substr(0, whole.size() - 5));
  const auto unfinished = fixture.TakeNew();
  ASSERT_TRUE(unfinished.ok()) << unfinished.status().ToString();
  EXPECT_EQ(unfinished->rows, 0);
  EXPECT_GT(unfinished->waiting_bytes, 0);
  fixture.Write("in/b.parquet", whole);
  ASSERT_EQ(fixture.TakeNew()->rows, 1);
  const std::string seen = fixture.Seen();
  EXPECT_NE(seen.find("x|y|d|"), std::string::npos) << seen;
  EXPECT_NE(seen.find("\"2\"|\"z\"|missing|\n\"7\"|missing|\"2024-01-02\"|"), std::string::npos)
      << seen;
  EXPECT_EQ(fixture.listener.batches.back().remarks,
            (std::vector<std::string>{"new column \"d\": missing in the rows before"}));
  make("in/a.parquet", "SELECT range AS x, 'z' AS y FROM range(4)");
  EXPECT_EQ(fixture.TakeNew().status().code(), Code::kInvalidData);
  fixture.Write("in/c.parquet", "no parquet at all");
  ASSERT_TRUE(RemoveAll(fixture.Path("in/a.parquet")).ok());
  EXPECT_EQ(fixture.TakeNew().status().code(), Code::kInvalidData);
}

TEST(FollowTest, ParquetFilesAreKnownByBothEndings) {
  Fixture fixture;
  const Status made = fixture.Engine().Execute(
      Format("COPY (SELECT 7 AS x) TO '{}' (FORMAT parquet)", fixture.Path("in/a.pq")));
  ASSERT_TRUE(made.ok()) << made.ToString();
  EXPECT_EQ(fixture.TakeNew()->rows, 1);
}

// Rows as a careless writer would make them.
std::string RandomLine(Rng& rng, bool json) {
  if (json) {
    const std::string lines[] = {
        "{\"a\": 1}\n",   "{\"b\": \"x\", \"a\": 2.5}\n", "{\"c\": [1]}\n", "no json\n", "\n",
        "{\"A\": null}\n"};
    return lines[rng.Below(6)];
  }
  const std::string lines[] = {
      "1,2,3\n",      "\"a,b\",\"c\nd\",e\n", "1,2\n", "1,2,3,4\n",          "\r\n",
      "\"x\"y,1,2\n", "caf\xe9,2,3\r\n",      ",,\n",  "\"\"\"q\",,\"\n\"\n"};
  return lines[rng.Below(9)];
}

class GrowingTest : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, GrowingTest, ::testing::Range<uint64_t>(1, 31));

TEST_P(GrowingTest, InAnyStepsEndsAsReadingFromScratch) {
  Rng rng(GetParam());
  Fixture fixture;
  const bool json = rng.Below(2) == 0;
  const std::string ending = json ? ".jsonl" : ".csv";
  std::vector<std::string> names;
  std::vector<std::string> rest;  // of each file, not written yet
  for (uint64_t f = 0; f <= rng.Below(3); ++f) {
    names.push_back(Format("in/{}{}", static_cast<char>('c' - f), ending));
    std::string text = json ? "" : "p,q,r\n";
    for (uint64_t line = 0; line < 1 + rng.Below(20); ++line) text += RandomLine(rng, json);
    rest.push_back(std::move(text));
  }
  for (bool left = true; left;) {
    left = false;
    for (size_t f = 0; f < names.size(); ++f) {
      const auto size = std::min<size_t>(rest[f].size(), rng.Below(90));
      fixture.Append(names[f], rest[f].substr(0, size));
      rest[f].erase(0, size);
      left = left || !rest[f].empty();
    }
    const auto taken = fixture.TakeNew({.max_rows = 1 + static_cast<int64_t>(rng.Below(4))});
    ASSERT_TRUE(taken.ok()) << taken.status().ToString();
  }
  const std::string grown = fixture.Seen();
  const StreamState state = fixture.State();
  fixture.Reopen("scratch");
  ASSERT_TRUE(fixture.TakeNew().ok());
  EXPECT_EQ(fixture.Seen(), grown);
  EXPECT_EQ(fixture.State().rows, state.rows);
  EXPECT_EQ(fixture.State().num_rejected, state.num_rejected);
}

RC_GTEST_PROP(PrefixProofTest, GrowingInAnyStepsGivesOneProof, ()) {
  const auto size = static_cast<size_t>(*rc::gen::inRange(1, 3'300'000));
  std::string bytes(size, 'a');
  for (size_t i = 0; i < size; i += 97) bytes[i] = static_cast<char>('a' + i % 23);
  const PrefixProof at_once = *Extend({}, bytes);
  PrefixProof grown;
  while (static_cast<size_t>(grown.size_bytes) < size) {
    const auto step = static_cast<size_t>(*rc::gen::inRange(1, 1'200'000));
    const auto end = std::min(size, static_cast<size_t>(grown.size_bytes) + step);
    const auto from = static_cast<size_t>(grown.tail_offset());
    const auto longer = Extend(grown, std::string_view(bytes).substr(from, end - from));
    RC_ASSERT(longer.ok());
    grown = *longer;
  }
  RC_ASSERT(grown == at_once);
  RC_ASSERT(grown.Content() == at_once.Content());
  const auto read = PrefixProofFromJson(ToJson(grown), "test");
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == grown);
  bytes[static_cast<size_t>(*rc::gen::inRange(0, static_cast<int>(size)))] = '#';
  RC_ASSERT(Extend({}, bytes)->Content() != grown.Content());
}

TEST(StreamStateTest, DocumentsThatNoStreamWroteAreRefused) {
  const auto position = [](const char* text) {
    return PositionFromJson(*json::Parse(text, "test")).status().code();
  };
  EXPECT_EQ(position("{}"), Code::kCorrupt);
  EXPECT_EQ(position(R"({"part": "", "offset": 0, "records": 0, "lines": 0})"), Code::kCorrupt);
  EXPECT_EQ(position(R"({"part": "a", "offset": -1, "records": 0, "lines": 0})"), Code::kCorrupt);
  Segment segment{.number = 1, .part = "a", .begin = 0, .end = 4, .rows = 1};
  EXPECT_EQ(SegmentFromJson(ToJson(segment)).status().code(), Code::kCorrupt);  // rows, no object
  segment.object = DigestOf("x");
  EXPECT_TRUE(SegmentFromJson(ToJson(segment)).ok());
}

}  // namespace
}  // namespace millrace::stream
