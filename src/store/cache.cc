#include "store/cache.h"

#include <utility>

namespace millrace::store {

Result<std::optional<FoundPhase>> Cache::FindPhase(const Digest& key) const {
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<Digest> record, catalog_->FindPhase(key));
  if (!record) return std::optional<FoundPhase>();
  auto content = objects_->Get(*record);
  if (content.ok()) {
    return std::optional<FoundPhase>(FoundPhase{*record, std::move(content).value()});
  }
  const Code code = content.status().code();
  if (code == Code::kNotFound || code == Code::kCorrupt) return std::optional<FoundPhase>();
  return content.status();
}

}  // namespace millrace::store
