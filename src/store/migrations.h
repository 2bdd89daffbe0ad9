// Migrations: the schema of the catalog and how older ones become newer ones. A table of steps; a
// step that has shipped never changes (docs/formats/catalog.md).

#pragma once

#include "base/result.h"
#include "store/database.h"

namespace millrace::store {

/// Version that this program writes and reads.
int64_t CurrentSchemaVersion();

/// Brings the schema up to date, in one transaction. kUnsupported when a newer program made it;
/// kCorrupt when the file is a database of something else.
Status Migrate(Database& database);

}  // namespace millrace::store
