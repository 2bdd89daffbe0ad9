#include "design/problem_type.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "design/roles.h"
#include "design/sentence.h"
#include "design/words.h"
#include "engine/source_files.h"

namespace millrace::design {
namespace {

using profile::ColumnProfile;
using profile::SourceProfile;
using table::ColumnType;
using table::Task;

constexpr double kProseWords = 4.0;
constexpr int64_t kCodes = 100;        // distinct values of a column that may only name things
constexpr int64_t kLeastSteps = 12;    // columns of a series written across a row
constexpr size_t kMostListed = 2'000;  // files of a folder that are looked at

constexpr std::string_view kImageEndings[] = {".png", ".jpg",  ".jpeg", ".bmp",
                                              ".tif", ".tiff", ".gif",  ".webp"};

bool IsImageName(std::string_view name) {
  const std::string lower = ToLower(name);
  return std::any_of(std::begin(kImageEndings), std::end(kImageEndings),
                     [&](std::string_view ending) { return lower.ends_with(ending); });
}

bool HoldsImagePaths(const ColumnProfile& column) {
  return !table::IsNumeric(column.type) && !column.top_values.empty() &&
         IsImageName(column.top_values[0].value);
}

// "1949-01": months are read as categories, and still say when a row is.
bool HoldsMonths(const ColumnProfile& column) {
  const auto is_month = [](const profile::ValueCount& each) {
    const std::string& text = each.value;
    const bool shape = text.size() == 7 && (text[4] == '-' || text[4] == '/');
    return shape && (text.substr(0, 4) + text.substr(5)).find_first_not_of("0123456789") ==
                        std::string::npos;
  };
  return column.type == ColumnType::kCategory && !column.top_values.empty() &&
         std::all_of(column.top_values.begin(), column.top_values.end(), is_month);
}

bool IsProse(const ColumnProfile& column) {
  return !table::IsNumeric(column.type) && column.mean_words >= kProseWords;
}

std::string QuotedFirst(std::string_view description, std::span<const std::string_view> phrases) {
  const Sentence sentence(description);
  for (size_t i = 0; i < sentence.tokens().size(); ++i) {
    for (const std::string_view phrase : phrases) {
      if (sentence.Says(i, phrase)) {
        return sentence.Words(i, i + Sentence::LengthOf(phrase) - 1);
      }
    }
  }
  return "";
}

const ColumnProfile* FirstDates(const SourceProfile& profile) {
  for (const ColumnProfile& column : profile.columns) {
    if (column.type == ColumnType::kDate && column.num_missing == 0) return &column;
  }
  return nullptr;
}

// "V2 to V961": one series a row, empty cells where it ends.
std::string SeriesAcross(const SourceProfile& profile) {
  int64_t steps = 0;
  int64_t missing = 0;
  const ColumnProfile* first = nullptr;
  const ColumnProfile* last = nullptr;
  std::string stem;
  for (const ColumnProfile& column : profile.columns) {
    const size_t digits = column.name.find_first_of("0123456789");
    const bool numbered = digits != std::string::npos &&
                          column.name.find_first_not_of("0123456789", digits) == std::string::npos;
    const std::string prefix = numbered ? column.name.substr(0, digits) : "";
    const bool number = table::IsNumeric(column.type) || column.num_distinct == 0;
    if (!numbered || !number) continue;
    if (first == nullptr || prefix != stem || column.num_missing < missing) {
      first = &column;
      stem = prefix;
      steps = 0;
    }
    missing = column.num_missing;
    last = &column;
    ++steps;
  }
  if (steps < kLeastSteps || last->num_missing == 0 || first->num_missing == last->num_missing) {
    return "";
  }
  return Format("{} to {} are steps of a series, empty where it ends", first->name, last->name);
}

std::optional<OtherTask> FindForecast(std::string_view description, const SourceProfile& profile,
                                      std::string_view target) {
  constexpr std::array<std::string_view, 6> kPhrases = {
      "forecast", "forecasting", "forecasts", "time series", "timeseries", "extrapolate"};
  const std::string said = QuotedFirst(description, kPhrases);
  const std::string across = SeriesAcross(profile);
  if (said.empty() && across.empty()) return std::nullopt;
  std::vector<std::string> evidence;
  if (!said.empty()) evidence.push_back(Format("\"{}\" in your sentence", said));
  if (!across.empty()) evidence.push_back(across);
  if (const ColumnProfile* dates = FirstDates(profile)) {
    evidence.push_back(
        Format("{} says when a row is: {} times", dates->name, FormatCount(dates->num_distinct)));
    if (dates->num_distinct * 2 < dates->num_rows) {
      evidence.push_back(Format("{} rows at each of them, so many series",
                                FormatFigure(static_cast<double>(dates->num_rows) /
                                             static_cast<double>(dates->num_distinct))));
    }
  }
  return OtherTask{Task::kForecast, Join(evidence, "; "), WayOut(Task::kForecast, profile, target)};
}

std::optional<OtherTask> FindImages(std::string_view description, const SourceProfile& profile) {
  constexpr std::array<std::string_view, 8> kPhrases = {"image",   "images",   "photo",  "photos",
                                                        "picture", "pictures", "x rays", "scans"};
  const std::string said = QuotedFirst(description, kPhrases);
  if (said.empty()) return std::nullopt;
  const auto paths = std::find_if(profile.columns.begin(), profile.columns.end(), HoldsImagePaths);
  if (!profile.columns.empty() && paths == profile.columns.end()) return std::nullopt;
  std::string evidence = Format("\"{}\" in your sentence", said);
  if (paths != profile.columns.end()) {
    evidence +=
        Format("; {} holds paths of images: \"{}\"", paths->name, paths->top_values[0].value);
  }
  return OtherTask{Task::kImage, std::move(evidence), WayOut(Task::kImage, profile, "")};
}

std::optional<OtherTask> FindRanking(std::string_view description, const SourceProfile& profile) {
  constexpr std::array<std::string_view, 10> kPhrases = {
      "rank",           "ranking",         "ranks",       "ranked",       "recommend",
      "recommendation", "recommendations", "recommender", "by relevance", "search results"};
  const std::string said = QuotedFirst(description, kPhrases);
  if (said.empty()) return std::nullopt;
  std::string evidence = Format("\"{}\" in your sentence", said);
  for (const ColumnProfile& column : profile.columns) {
    const std::vector<std::string> words = WordsOf(column.name);
    const bool query = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word == "query" || word == "qid" || word == "session";
    });
    if (!query || column.num_distinct * 2 > column.num_rows) continue;
    evidence +=
        Format("; {} puts rows into {} lists", column.name, FormatCount(column.num_distinct));
    break;
  }
  return OtherTask{Task::kRanking, std::move(evidence), WayOut(Task::kRanking, profile, "")};
}

// Image files in a folder and in its sub-folders; `classes`: sub-folders that hold some.
struct ImageCount {
  size_t images = 0;
  size_t others = 0;
  size_t classes = 0;
};

ImageCount CountImages(const std::string& folder, int depth) {
  ImageCount count;
  const auto names = ListFolder(folder);
  if (!names.ok()) return count;
  for (const std::string& name : *names) {
    if (engine::IsHidden(name)) continue;
    const std::string path = JoinPath(folder, name);
    if (IsFolder(path)) {
      if (depth == 0) continue;
      const ImageCount inner = CountImages(path, depth - 1);
      count.images += inner.images;
      count.others += inner.others;
      count.classes += inner.images > 0 ? std::max<size_t>(1, inner.classes) : 0;
    } else {
      ++(IsImageName(name) ? count.images : count.others);
    }
    if (count.images + count.others > kMostListed) break;
  }
  return count;
}

}  // namespace

std::string WayOut(Task task, const SourceProfile& profile, std::string_view target) {
  switch (task) {
    case Task::kForecast: {
      const ColumnProfile* dates = FirstDates(profile);
      return Format(
          "--task regression learns {} of a row from its other columns{}; it sees no earlier "
          "values of the series",
          target.empty() ? "the number" : target,
          dates == nullptr ? "" : Format(", and holds out the latest rows of {}", dates->name));
    }
    case Task::kImage:
      return "make a table with a row per image: its class, and numbers that describe it";
    case Task::kRanking:
      return "--task binary (or regression) learns each row by itself; rows can be sorted by the "
             "probability";
    default:
      return "--task binary, multiclass or regression (or problem.task) names what is learnt";
  }
}

std::optional<OtherTask> FindOtherTask(std::string_view description, const SourceProfile& profile,
                                       std::string_view target) {
  if (auto forecast = FindForecast(description, profile, target)) return forecast;
  if (auto images = FindImages(description, profile)) return images;
  return FindRanking(description, profile);
}

std::optional<OtherTask> FindOtherTaskInFeatures(const SourceProfile& profile,
                                                 const ColumnProfile& target) {
  const ColumnProfile* dates = nullptr;
  const ColumnProfile* images = nullptr;
  for (const ColumnProfile& column : profile.columns) {
    if (column.name == target.name || column.is_constant) continue;
    if (HoldsImagePaths(column)) {
      images = &column;
    } else if (column.type == ColumnType::kDate || HoldsMonths(column)) {
      dates = &column;
    } else if (!LooksLikeId(column, profile.num_duplicate_rows)) {
      return std::nullopt;
    }
  }
  if (images != nullptr) {
    return OtherTask{Task::kImage,
                     Format("nothing but {} is left to learn from: paths of images, as \"{}\"",
                            images->name, images->top_values[0].value),
                     WayOut(Task::kImage, profile, "")};
  }
  if (dates != nullptr && table::IsNumeric(target.type)) {
    return OtherTask{Task::kForecast,
                     Format("nothing but {} is left to learn from: when a row is", dates->name),
                     WayOut(Task::kForecast, profile, target.name)};
  }
  return std::nullopt;
}

Status RefuseTask(const OtherTask& other) {
  return Unsupported(Format("task: {}: not done by this version{}", table::TaskName(other.task),
                            other.evidence.empty() ? "" : ": " + other.evidence))
      .WithHint(other.way_out);
}

Status RefuseImageFolders(const std::string& base_folder, const std::vector<std::string>& paths) {
  constexpr int kDeepest = 3;  // train/cat/1.png
  for (const std::string& path : paths) {
    const std::string folder = path.starts_with('/') ? path : JoinPath(base_folder, path);
    if (!IsFolder(folder)) continue;
    const ImageCount count = CountImages(folder, kDeepest);
    if (count.images == 0 || count.images <= count.others) continue;
    const std::string number = count.images + count.others > kMostListed
                                   ? Format("more than {}", FormatCount(kMostListed))
                                   : FormatCount(static_cast<int64_t>(count.images));
    return RefuseTask({Task::kImage,
                       Format("{} holds {} images{}", path, number,
                              count.classes > 1 ? Format(" in {} folders", count.classes) : ""),
                       WayOut(Task::kImage, {}, "")});
  }
  return {};
}

std::vector<std::string> TextColumns(const SourceProfile& profile, const ColumnProfile& target) {
  std::vector<std::string> names;
  for (const ColumnProfile& column : profile.columns) {
    if (column.name == target.name || column.is_constant) continue;
    if (IsProse(column)) names.push_back(column.name);
  }
  return names;
}

bool FeaturesAreText(const SourceProfile& profile, const ColumnProfile& target) {
  bool any = false;
  for (const ColumnProfile& column : profile.columns) {
    if (column.name == target.name || column.is_constant) continue;
    const bool prose = IsProse(column);
    // File names and other codes say nothing by themselves.
    const bool code = column.type == ColumnType::kCategory && column.num_distinct > kCodes;
    if (!prose && (code || LooksLikeId(column, profile.num_duplicate_rows))) continue;
    if (!prose) return false;
    any = true;
  }
  return any;
}

}  // namespace millrace::design
