// What phase 5 puts on the page.

#pragma once

#include <vector>

#include "bundle/bundle.h"
#include "deploy/deploy_phase.h"
#include "deploy/staging.h"
#include "report/document.h"
#include "spec/spec.h"

namespace millrace::deploy {

/// Returns the section of a bundle that is in production; an empty record.url says it is not.
report::Section MakeSection(const DeployRecord& record, const StagingResult& staging,
                            const spec::Spec& spec, const bundle::Bundle& bundle);

/// Returns a curl command for one prediction, its row from the bundle's golden rows.
std::string ExampleRequest(const std::string& url, const bundle::Bundle& bundle, bool with_token);

}  // namespace millrace::deploy
