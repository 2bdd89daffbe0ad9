// PersonalData: cells that look like data about persons. Patterns with a checksum or a strict form
// (e-mail, card, IBAN, IP address, social security number, phone) are looked for in whole cells and
// within free text; names and street addresses in whole cells, where the column's name or common
// words support it. Columns of numbers are looked at for card numbers only: by chance one number in
// ten passes the checksum, a column that passes throughout does not.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/quality/quality_rows.h"

namespace millrace::data {

enum class PersonalKind {
  kEmail,
  kPhone,
  kCard,        // Luhn checksum (ISO/IEC 7812-1, annex B)
  kIban,        // ISO 13616: mod 97 = 1
  kIpAddress,   // IPv4, IPv6 in full or shortened form
  kNationalId,  // social security number (US) or national insurance number (UK), by form
  kName,
  kAddress,
};
std::string_view PersonalKindName(PersonalKind kind);  // "e-mail", "phone number", ...

/// Returns the kinds with a strict form that stand anywhere in `text`, each once, in order.
std::vector<PersonalKind> PersonalKindsIn(std::string_view text);
/// Returns true when digits (blanks and hyphens between groups) pass as a card number.
bool IsCardNumber(std::string_view text);
/// Returns true for a valid IBAN, blanks allowed.
bool IsIban(std::string_view text);

struct PersonalColumn {
  std::string column;
  PersonalKind kind = PersonalKind::kEmail;
  int64_t num_cells = 0;  // present cells looked at
  int64_t num_found = 0;
  /// The column is of this kind (most cells are nothing else), not a text that mentions some.
  bool whole = false;
};

/// Looks at `columns` on at most 5,000 rows of any part. A kind is reported where at least 3 cells
/// and 1 in 200 hold it; names and addresses where half of the cells look so.
std::vector<PersonalColumn> FindPersonalData(const QualityRows& rows,
                                             std::span<const std::string> columns);

}  // namespace millrace::data
