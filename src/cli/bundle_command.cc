#include "base/format.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "json/text.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

json::Json ToJson(const FoundBundle& found) {
  return json::Json::Of({{"digest", found.bundle->digest().ToHex()},
                         {"path", found.path},
                         {"size_bytes", found.bundle->size_bytes()},
                         {"columns", json::Json::ArrayOf(found.bundle->request_schema().names())},
                         {"manifest", found.bundle->manifest()},
                         {"provenance", found.bundle->provenance()}});
}

}  // namespace

Status RunBundleShow(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle found,
                            FindBundle(context, context.arguments.Text("BUNDLE")));
  const bundle::Bundle& bundle = *found.bundle;
  report::Facts facts{.title = found.origin + "\n", .facts = {}};
  const auto add = [&facts](std::string name, std::string value, std::string reason) {
    facts.facts.push_back({std::move(name), std::move(value), std::move(reason)});
  };
  add("digest", bundle.digest().Short(16), "");
  add("task", std::string(table::TaskName(bundle.task())), "target " + bundle.target());
  if (!bundle.class_labels().empty()) {
    add("classes", Format("{}", bundle.class_labels().size()),
        Ellipsize(Join(bundle.class_labels(), ", "), 300));
  }
  if (!bundle.positive().empty()) {
    add("threshold", FormatSignificant(bundle.threshold(), 3),
        Format("the answer is {} from this probability on", bundle.positive()));
  }
  add("columns", Format("{}", bundle.request_schema().num_columns()),
      Join(bundle.request_schema().names(), ", "));
  add("size", FormatBytes(bundle.size_bytes()), "");
  for (const bundle::EntryInfo& entry : bundle.entries()) {
    add(entry.name, FormatBytes(entry.size_bytes), entry.digest.Short(16));
  }
  context.output.Text(report::RenderFacts(facts, OutputStyle()));
  context.output.Document(ToJson(found));
  return {};
}

Status RunBundleVerify(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle found,
                            FindBundle(context, context.arguments.Text("BUNDLE")));
  const size_t golden = found.bundle->golden()["rows"].size();
  context.output.Text(Format(
      "{}: in order. Digest {}; {} entries have their digests, {} golden rows are answered "
      "as promised.\n",
      found.origin, found.bundle->digest().Short(16), found.bundle->entries().size(), golden));
  context.output.Document(
      json::Json::Of({{"ok", true},
                      {"digest", found.bundle->digest().ToHex()},
                      {"entries", static_cast<int64_t>(found.bundle->entries().size())},
                      {"golden_rows", static_cast<int64_t>(golden)}}));
  return {};
}

Status RunBundleDiff(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle left,
                            FindBundle(context, context.arguments.Text("LEFT")));
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle right,
                            FindBundle(context, context.arguments.Text("RIGHT")));
  const json::Json difference = bundle::Diff(*left.bundle, *right.bundle);
  if (difference["equal"].AsBool()) context.output.Text("equal\n");
  for (const json::Json& part : difference["parts"].AsArray()) {
    context.output.Text(Format("{}\n  - {}\n  + {}\n", part["part"].AsString(),
                               Ellipsize(json::Write(part["left"]), 400),
                               Ellipsize(json::Write(part["right"]), 400)));
  }
  context.output.Document(difference);
  return {};
}

Status RunCard(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle found,
                            FindBundle(context, context.arguments.Text("BUNDLE")));
  context.output.Text(found.bundle->card());
  context.output.Document(json::Json::Of(
      {{"digest", found.bundle->digest().ToHex()}, {"markdown", found.bundle->card()}}));
  return {};
}

}  // namespace millrace::cli
