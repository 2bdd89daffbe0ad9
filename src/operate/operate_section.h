// What phase 6 shows: the checkpoint "MLOps monitoring operational" and its pictures.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "operate/monitor_state.h"
#include "operate/operate_phase.h"
#include "operate/reference.h"
#include "report/document.h"
#include "spec/spec.h"

namespace millrace::operate {

/// What a pass knows when it draws.
struct SectionInputs {
  const spec::Spec& spec;
  const MonitorState& state;
  const OperateRecord& record;  // without its section
  std::string log_folder;
  bool log_exists = false;
  std::shared_ptr<const Reference> production;  // null: the bundle in production does not open
  /// Counts of the newest closed window of the bundle in production, with its number.
  std::optional<sketch::ReferenceSketches> newest;
  int64_t newest_window = 0;
  std::vector<std::string> missing_sources;  // files of data.source that are not there
};

report::Section DrawSection(const SectionInputs& inputs);

}  // namespace millrace::operate
