// Reading of dates and times from text.

#pragma once

#include <optional>
#include <string_view>

namespace millrace::table {

/// Reads a whole text as a date, with or without time and offset: ISO 8601 ("2024-01-31",
/// "2024-01-31T12:00:00.5+02:00", "20240131", the month "2024-01"), fields with '/', '.' or '-' in
/// the given order ("dmy", "mdy"; a four-digit first field is always a year; two-digit years are
/// 1970..2069), month names ("31 Jan 2024", "Jan 31, 2024", "Jan 2024"), with the day of the week
/// before it ("Wed, 31 Jan 2024 10:00:00 GMT"). The orders "seconds" and "milliseconds" read digits
/// as time since 1970-01-01 UTC, and anything else as "ymd" does. Returns seconds since 1970-01-01
/// UTC; nothing for anything else and for days that do not exist. No allocation.
std::optional<double> ReadDateText(std::string_view text, std::string_view order);

}  // namespace millrace::table
