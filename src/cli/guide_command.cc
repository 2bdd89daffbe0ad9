#include <string>

#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/fold.h"
#include "guide/guide.h"

namespace millrace::cli {
namespace {

json::Json ToJson(const guide::Hit& hit) {
  json::Json see = json::Json::MakeArray();
  for (const std::string_view id : guide::SeeAlso(*hit.entry)) see.Append(id);
  return json::Json::Of({{"id", hit.entry->id},
                         {"title", hit.entry->title},
                         {"category", guide::CategoryName(hit.entry->category)},
                         {"phases", hit.entry->phases},
                         {"text", hit.text},
                         {"cut", hit.is_cut},
                         {"score", hit.score},
                         {"see", std::move(see)},
                         {"sources", hit.entry->sources}});
}

void Print(const guide::Hit& hit, Output& output) {
  const guide::Entry& entry = *hit.entry;
  output.Text(Format("{}   ({} {}, phase {})\n", entry.title, guide::CategoryName(entry.category),
                     entry.id, ReplaceAll(entry.phases, " ", ", ")));
  for (const std::string& line : Fold(hit.text, TextWidth() - 2)) output.Text("  " + line + "\n");
  if (hit.is_cut) output.Text("  (cut; --max-tokens N gives more room)\n");
  if (!entry.see.empty()) output.Text(Format("  see: {}\n", entry.see));
  output.Text("\n");
}

Result<guide::SearchOptions> OptionsOf(const Arguments& arguments) {
  guide::SearchOptions options;
  if (arguments.Has("--category")) {
    options.category = guide::CategoryFromName(arguments.Text("--category"));
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto phase, arguments.Integer("--phase", 1, 6));
  if (phase) options.phase = static_cast<int>(*phase);
  MILLRACE_ASSIGN_OR_RETURN(
      const auto tokens,
      arguments.Integer(arguments.Has("--max-tokens") ? "--max-tokens" : "--tokens", 1, 1'000'000));
  if (tokens) options.max_tokens = *tokens;
  MILLRACE_ASSIGN_OR_RETURN(const auto hits, arguments.Integer("--limit", 1, 1000));
  if (hits) options.max_hits = *hits;
  return options;
}

}  // namespace

Status RunGuide(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const guide::SearchOptions options, OptionsOf(context.arguments));
  const std::string query = context.arguments.Text("QUERY");
  const guide::Answer answer = guide::Search(query, options);
  json::Json hits = json::Json::MakeArray();
  for (const guide::Hit& hit : answer.hits) {
    Print(hit, context.output);
    hits.Append(ToJson(hit));
  }
  const auto shown = static_cast<int64_t>(answer.hits.size());
  if (answer.num_matches > shown) {
    context.output.Text(
        Format("{} of {} entries that match; --limit N and --max-tokens N show more\n", shown,
               answer.num_matches));
  }
  context.output.Document(json::Json::Of({{"query", query},
                                          {"matches", answer.num_matches},
                                          {"tokens", answer.num_tokens},
                                          {"entries", std::move(hits)},
                                          {"nearest", json::Json::ArrayOf(answer.nearest)}}));
  if (shown > 0) return {};
  if (answer.num_matches > 0) {
    return InvalidSpec(Format("guide: not one sentence fits into {} tokens", options.max_tokens));
  }
  return NotFound(Format("guide: nothing about \"{}\"", query))
      .WithHint(answer.nearest.empty() ? "other words may help"
                                       : "nearest: " + Join(answer.nearest, "; "));
}

}  // namespace millrace::cli
