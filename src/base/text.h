// Text: the small string operations that the whole program shares, and figures as people read
// them. All functions are pure and work on UTF-8; byte-wise where not said otherwise.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// Returns `text` without ASCII white space at both ends; a view into `text`.
std::string_view Trim(std::string_view text);
/// Returns `text` with ASCII letters in lower case.
std::string ToLower(std::string_view text);
/// Returns the parts between separators; "" gives one empty part. Views into `text`.
std::vector<std::string_view> Split(std::string_view text, char separator);
/// Returns the parts joined by `separator`.
std::string Join(std::span<const std::string> parts, std::string_view separator);
/// Returns `text` with every `from` replaced by `to`; `from` must not be empty.
std::string ReplaceAll(std::string_view text, std::string_view from, std::string_view to);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
bool ContainsIgnoreCase(std::string_view text, std::string_view part);

/// Returns the number of bytes to insert, remove, replace or swap with their neighbour (optimal
/// string alignment) that turns `a` into `b`. Cost O(|a| |b|).
int64_t EditDistance(std::string_view a, std::string_view b);
/// Returns up to `limit` of `known` that look most like `name` (case ignored; at most a third of
/// the letters differ, or one contains the other), best first.
std::vector<std::string> NearestNames(std::string_view name, std::span<const std::string> known,
                                      int64_t limit = 3);
/// Returns `did you mean "a" or "b"?`, or "" when nothing is near.
std::string DidYouMean(std::string_view name, std::span<const std::string> known);

/// Returns the shortest decimal text that reads back as `value`; "nan", "inf", "-inf".
std::string FormatDouble(double value);
/// Returns `value` with `digits` significant digits and no trailing zeros: 0.8431, 12.3, 1.2e-07.
std::string FormatSignificant(double value, int digits);
/// Returns `value` with a fixed number of decimals.
std::string FormatFixed(double value, int decimals);
/// Returns a figure as tables show it: four significant digits, whole with separated thousands
/// from 1,000 on: "0.8431", "12.3", "41,012", "1.2e-07".
std::string FormatFigure(double value);
/// Returns a figure with the decimals that a difference of `resolution` (> 0) asks for, so that
/// value and interval read alike: (0.84213, 0.02) gives "0.842", (41012.3, 900) gives "41,012".
std::string FormatFigure(double value, double resolution);
/// Returns "7,043".
std::string FormatCount(int64_t count);
/// Returns "0.9 MB" (decimal units: B, kB, MB, GB, TB).
std::string FormatBytes(int64_t bytes);
/// Returns "31 ms", "2.4 s", "3 min 5 s", "2 h 10 min".
std::string FormatDuration(double seconds);
/// Returns the noun with its article by its first letter: "an integer", "a number".
std::string WithArticle(std::string_view noun);
/// Returns `numerator / denominator` as "73.5 %"; "-" when the denominator is 0.
std::string FormatShare(double numerator, double denominator);
/// Returns the text cut to `width` display columns (code points), with "..." when cut.
std::string Ellipsize(std::string_view text, int64_t width);
/// Returns the number of code points of valid UTF-8.
int64_t CountCodePoints(std::string_view text);
/// Returns true when `bytes` is well-formed UTF-8 (no overlong forms, no surrogates).
bool IsValidUtf8(std::string_view bytes);
/// Returns the bytes in Base64 (RFC 4648, section 4).
std::string Base64(std::string_view bytes);
/// Returns how many bytes at the front are well-formed UTF-8, in whole characters.
size_t ValidUtf8Prefix(std::string_view bytes);

/// Reads a whole decimal integer ("-12"); nothing else may stand in `text`.
std::optional<int64_t> ParseInt(std::string_view text);
/// Reads a whole floating-point number as C does, locale-free; rejects "inf", "nan", hex and
/// anything after it.
std::optional<double> ParseDouble(std::string_view text);
/// Reads "60s", "250ms", "5m", "2h", "1d" or a bare number of seconds; result in seconds, >= 0.
std::optional<double> ParseDuration(std::string_view text);
/// Reads "50MB", "2 GB", "64KiB" or a bare number of bytes.
std::optional<int64_t> ParseBytes(std::string_view text);

}  // namespace millrace
