#include "develop/missing_probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "develop/develop_fixture.h"
#include "json/text.h"

namespace millrace::develop {
namespace {

// What hides behind the gaps of x.
enum class Plant {
  kCopyTells,  // y follows x; where x is missing, other columns add up to it
  kNothing     // gaps by chance, and y follows another column
};

class MissingProbeTest : public ::testing::Test, protected DevelopFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Open().ok());
    spec.features.missing = spec::MissingDefault::kAuto;
    spec.develop.budget.time_seconds = 0.05;
  }

  void Load(Plant plant, int num_rows, uint64_t seed) {
    Rng rng(seed);
    std::string csv = "x,p,q,r,s,y\n";
    for (int i = 0; i < num_rows; ++i) {
      double parts[4];
      double sum = 0.0;
      for (double& part : parts) sum += part = rng.Normal();
      const double x = plant == Plant::kCopyTells ? sum + 0.05 * rng.Normal() : rng.Normal();
      const double y =
          (plant == Plant::kCopyTells ? 4.0 * std::sin(x) : parts[0]) + 0.1 * rng.Normal();
      csv += Format("{},{:.4f},{:.4f},{:.4f},{:.4f},{:.4f}\n",
                    rng.Uniform() < 0.3 ? "" : Format("{:.4f}", x), parts[0], parts[1], parts[2],
                    parts[3], y);
    }
    ASSERT_TRUE(LoadText(table::Task::kRegression, csv, "").ok());
  }

  Result<MissingProbe> Probe() {
    return ProbeMissing({.spec = spec, .data = *data, .objects = *objects, .engine = *engine});
  }
};

TEST_F(MissingProbeTest, APlantedGainIsTaken) {
  Load(Plant::kCopyTells, 2500, 4);
  const auto probe = Probe();
  ASSERT_TRUE(probe.ok()) << probe.status().ToString();
  ASSERT_EQ(probe->columns.size(), 1u);
  EXPECT_EQ(probe->columns[0].chosen, (std::vector<std::string>{"model", "indicator"}));
  EXPECT_NE(probe->columns[0].reason.find("guide: Missing values"), std::string::npos)
      << probe->columns[0].reason;
  // The choice is what is fitted.
  const auto record = Develop(1, std::nullopt);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const std::string text = json::Write(ToJson(*record));
  EXPECT_NE(text.find("Policies of missing values, probed on"), std::string::npos);
  EXPECT_NE(text.find("features.missing: measured"), std::string::npos);
  EXPECT_NE(text.find("a prediction from 4 columns"), std::string::npos);
}

TEST_F(MissingProbeTest, WithoutAGainGapsStay) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    Load(Plant::kNothing, 800, seed);
    const auto probe = Probe();
    ASSERT_TRUE(probe.ok()) << probe.status().ToString();
    ASSERT_EQ(probe->columns.size(), 1u);
    EXPECT_EQ(probe->columns[0].chosen, std::vector<std::string>{"native"})
        << probe->columns[0].reason;
    EXPECT_EQ(probe->columns[0].trials.size(), 2u);
  }
}

void ExpectSameTrials(const MissingProbe& a, const MissingProbe& b) {
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (size_t c = 0; c < a.columns.size(); ++c) {
    ASSERT_EQ(a.columns[c].trials.size(), b.columns[c].trials.size());
    for (size_t t = 0; t < a.columns[c].trials.size(); ++t) {
      EXPECT_EQ(a.columns[c].trials[t].gain, b.columns[c].trials[t].gain);
      EXPECT_EQ(a.columns[c].trials[t].p, b.columns[c].trials[t].p);
    }
  }
}

TEST_F(MissingProbeTest, ThreadsChangeNothing) {
  Load(Plant::kCopyTells, 900, 5);
  const auto first = Probe();
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(engine->Execute("SET threads = 1").ok());
  const auto again = Probe();
  ASSERT_TRUE(again.ok());
  ExpectSameTrials(*first, *again);
}

TEST_F(MissingProbeTest, HeldOutRowsChangeNothing) {
  spec.data.id = "id";
  struct Row {
    std::string x;
    double p, y;
  };
  Rng rng(9);
  std::vector<Row> rows;
  for (int i = 0; i < 600; ++i) {
    const double p = rng.Normal();
    rows.push_back({i % 4 == 0 ? "" : Format("{:.4f}", p + rng.Normal()), p, p + rng.Normal()});
  }
  const auto load = [&] {
    std::string csv = "id,x,p,y\n";
    for (size_t i = 0; i < rows.size(); ++i) {
      csv += Format("k{},{},{:.4f},{:.4f}\n", i, rows[i].x, rows[i].p, rows[i].y);
    }
    ASSERT_TRUE(LoadText(table::Task::kRegression, csv, "").ok());
  };
  load();
  const auto before = Probe();
  ASSERT_TRUE(before.ok()) << before.status().ToString();
  ASSERT_EQ(before->columns.size(), 1u);
  const auto test = data::LoadRows(*data, *objects, *engine, data::SplitPart::kTest, {"__row"});
  ASSERT_TRUE(test.ok());
  const auto place = [](const table::Table& places, int64_t r) {
    return static_cast<size_t>(places.column(0).number(r));
  };
  for (int64_t r = 0; r < test->num_rows(); ++r) {
    // Targets stay: they balance the split.
    Row& row = rows[place(*test, r)];
    row.x = "";
    row.p = 500.0 + static_cast<double>(r);
  }
  load();
  const auto planted = Probe();
  ASSERT_TRUE(planted.ok());
  ExpectSameTrials(*before, *planted);
  // The check can fail: the same in training rows does change it.
  const auto train = data::LoadRows(*data, *objects, *engine, data::SplitPart::kTrain, {"__row"});
  for (int64_t r = 0; r < 40; ++r) rows[place(*train, r)].p = 500.0;
  load();
  const auto changed = Probe();
  ASSERT_TRUE(changed.ok());
  EXPECT_NE(before->columns[0].trials[0].gain, changed->columns[0].trials[0].gain);
}

TEST_F(MissingProbeTest, WhatTheUserSaysIsNotProbed) {
  Load(Plant::kNothing, 400, 6);
  spec::ColumnFeatures column{.name = "x"};
  column.missing = {"native"};
  spec.features.columns = {column};
  const auto probe = Probe();
  ASSERT_TRUE(probe.ok());
  EXPECT_TRUE(probe->columns.empty());
  EXPECT_NE(probe->not_probed, "");
  spec.features.columns.clear();
  Load(Plant::kNothing, 120, 6);
  const auto few = Probe();
  ASSERT_TRUE(few.ok());
  EXPECT_NE(few->not_probed.find("too few"), std::string::npos) << few->not_probed;
}

TEST_F(MissingProbeTest, AColumnThatIsNearlyEmptyIsProposedToDrop) {
  Rng rng(8);
  std::string csv = "x,p,y\n";
  for (int i = 0; i < 700; ++i) {
    const double p = rng.Normal();
    csv += Format("{},{:.4f},{:.4f}\n", i % 40 == 0 ? Format("{:.3f}", rng.Normal()) : "", p,
                  p + 0.1 * rng.Normal());
  }
  ASSERT_TRUE(LoadText(table::Task::kRegression, csv, "").ok());
  const auto probe = Probe();
  ASSERT_TRUE(probe.ok()) << probe.status().ToString();
  ASSERT_EQ(probe->columns.size(), 1u);
  // Proposed, not done.
  EXPECT_EQ(probe->columns[0].chosen, std::vector<std::string>{"native"});
  EXPECT_NE(probe->columns[0].reason.find("drop is proposed"), std::string::npos)
      << probe->columns[0].reason;
}

}  // namespace
}  // namespace millrace::develop
