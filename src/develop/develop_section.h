// What phase 3 puts on the report page, and its checkpoint.

#pragma once

#include <span>

#include "develop/develop_phase.h"
#include "develop/search.h"
#include "fit/fit_graph.h"
#include "report/document.h"

namespace millrace::develop {

report::Section MakeDevelopSection(const DevelopRecord& record, const SearchResult& search,
                                   const fit::FittedGraph& graph);

}  // namespace millrace::develop
