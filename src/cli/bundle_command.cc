#include "base/format.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "cli/commands.h"
#include "json/text.h"

namespace millrace::cli {

Status RunBundleShow(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto bundle,
                            bundle::Bundle::Open(context.arguments.Text("FILE")));
  std::string text = Format("bundle     {}\n", bundle->digest().ToHex());
  text += Format("task       {}, target {}\n", table::TaskName(bundle->task()), bundle->target());
  if (!bundle->class_labels().empty()) {
    text += Format("classes    {}\n", Join(bundle->class_labels(), ", "));
  }
  if (!bundle->positive().empty()) {
    text += Format("decision   {} when its probability is at least {}\n", bundle->positive(),
                   FormatSignificant(bundle->threshold(), 3));
  }
  text += Format("columns    {}\n", Join(bundle->request_schema().names(), ", "));
  text += Format("size       {}\n", FormatBytes(bundle->size_bytes()));
  for (const bundle::EntryInfo& entry : bundle->entries()) {
    text += Format("  {:<20} {:>10}  {}\n", entry.name, FormatBytes(entry.size_bytes),
                   entry.digest.Short(16));
  }
  context.output.Text(text);
  context.output.Document(bundle->manifest());
  return {};
}

Status RunBundleVerify(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto bundle,
                            bundle::Bundle::Open(context.arguments.Text("FILE")));
  context.output.Text(Format("{}: in order. {} entries, golden rows answered as promised.\n",
                             bundle->digest().Short(16), bundle->entries().size()));
  context.output.Document(json::Json::Of({{"ok", true}, {"digest", bundle->digest().ToHex()}}));
  return {};
}

Status RunBundleDiff(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto left, bundle::Bundle::Open(context.arguments.Text("LEFT")));
  MILLRACE_ASSIGN_OR_RETURN(const auto right,
                            bundle::Bundle::Open(context.arguments.Text("RIGHT")));
  const json::Json difference = bundle::Diff(*left, *right);
  if (difference["equal"].AsBool()) {
    context.output.Text("equal\n");
  } else {
    for (const json::Json& part : difference["parts"].AsArray()) {
      context.output.Text(Format("{}\n  - {}\n  + {}\n", part["part"].AsString(),
                                 json::Write(part["left"]), json::Write(part["right"])));
    }
  }
  context.output.Document(difference);
  return {};
}

}  // namespace millrace::cli
