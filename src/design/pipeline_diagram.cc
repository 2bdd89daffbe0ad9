#include "design/pipeline_diagram.h"

#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "design/column_plan.h"
#include "spec/locator.h"

namespace millrace::design {
namespace {

using report::DiagramColumn;

std::string LearnersText(const spec::Spec& spec) {
  return spec.develop.learners.empty() ? "baseline, linear, trees"
                                       : Join(spec.develop.learners, ", ");
}

std::string GatesText(const spec::Spec& spec) {
  std::vector<std::string> gates;
  for (const spec::Gate& gate : spec.require.gates) {
    gates.push_back(Format("{} {}", gate.metric, gate.BoundText()));
  }
  return gates.empty() ? "no gate" : Join(gates, ", ");
}

std::string OperateText(const spec::Spec& spec) {
  return Format("windows of {} predictions: drift, performance",
                FormatCount(spec.monitor.window_rows));
}

bool Retrains(const spec::Spec& spec) { return !spec.retrain.on.empty(); }

std::string SourceText(const Situation& s, const engine::Source& source) {
  const std::string name = source.files.size() == 1 ? spec::ShortName(source.files[0].path)
                                                    : Format("{} files", source.files.size());
  return Format("{}: {} rows, {} columns", name, FormatCount(s.profile.num_rows),
                s.profile.columns.size());
}

std::string PlainText(const Situation& s, const engine::Source& source) {
  const int64_t held_out = HeldOutRows(s);
  const std::string learn =
      Format("{} rows to learn from", FormatCount(s.profile.num_rows - held_out));
  const std::string bar(36, ' ');
  std::string text = SourceText(s, source) + "\n";
  text += "    |\n";
  text += "2 data       types, checks, quarantine; one version digest\n";
  text += Format("    |        {}\n", s.record.validation.value);
  text += Format("    +------------------------------------+\n");
  text += Format("    |{}|\n", bar);
  text += Format("{:<41}{} held out\n", "    " + learn, FormatCount(held_out));
  text += Format("    |{}|\n", bar);
  text += Format("{:<41}|\n", "3 develop    one transform graph;");
  text += Format("    |        {:<28}|\n", LearnersText(s.spec).substr(0, 27));
  text += Format("    |{}|\n", bar);
  text += Format("4 evaluate   <---------------------------+\n");
  text += Format("    |        {}\n", GatesText(s.spec));
  text += "5 deploy     one bundle: staging, then production;\n";
  text += Format("    |        {}\n", s.record.serving.value);
  text +=
      Format("6 operate    {}{}\n", OperateText(s.spec), Retrains(s.spec) ? ", retraining" : "");
  return text;
}

}  // namespace

report::Diagram PipelineDiagram(const Situation& s, const engine::Source& source) {
  const int64_t held_out = HeldOutRows(s);
  const size_t features = FeaturesOf(s.record.columns).size();
  report::Diagram diagram;
  diagram.title = "The pipeline";
  diagram.boxes = {
      {"Source", {SourceText(s, source)}, 0, DiagramColumn::kBoth},
      {"2 Data",
       {"types, checks, quarantine; one version digest", s.record.validation.value},
       1,
       DiagramColumn::kBoth},
      {"Rows to learn from",
       {FormatCount(s.profile.num_rows - held_out), Format("{} features", features)},
       2,
       DiagramColumn::kLeft},
      {"Rows held out", {FormatCount(held_out), "seen by no model"}, 2, DiagramColumn::kRight},
      {"3 Develop",
       {"one transform graph", LearnersText(s.spec), s.record.approach.value},
       3,
       DiagramColumn::kLeft},
      {"4 Evaluate", {"gates: " + GatesText(s.spec)}, 4, DiagramColumn::kBoth},
      {"5 Deploy",
       {"one bundle: staging, then production", s.record.serving.value},
       5,
       DiagramColumn::kBoth},
      {"6 Operate", {OperateText(s.spec)}, 6, DiagramColumn::kBoth}};
  diagram.arrows = {{0, 1, ""}, {1, 2, ""}, {1, 3, ""}, {2, 4, ""},
                    {4, 5, ""}, {3, 5, ""}, {5, 6, ""}, {6, 7, ""}};
  if (Retrains(s.spec)) diagram.arrows.push_back({7, 1, "retraining"});
  diagram.text = PlainText(s, source);
  return diagram;
}

}  // namespace millrace::design
