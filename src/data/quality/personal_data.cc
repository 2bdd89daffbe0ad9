#include "data/quality/personal_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "data/quality/personal_words.h"

namespace millrace::data {
namespace {

using table::Column;
using table::ColumnType;

constexpr int64_t kRows = 5'000;
constexpr size_t kTextBytes = 5'000;  // of a cell that are looked at
constexpr int64_t kLeastCells = 3;
constexpr double kLeastShare = 0.005;
constexpr double kWholeShare = 0.5;
constexpr double kNumberShare = 0.95;
constexpr int64_t kLeastDistinct = 20;  // names and addresses differ
constexpr double kNamedWords = 0.2;     // of cells with a common first or last name

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }
bool IsUpper(char byte) { return byte >= 'A' && byte <= 'Z'; }
bool IsLetter(char byte) {
  return IsUpper(byte) || (byte >= 'a' && byte <= 'z') || static_cast<unsigned char>(byte) >= 0x80;
}
bool IsHex(char byte) {
  return IsDigit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

std::string DigitsOf(std::string_view text) {
  std::string digits;
  for (const char byte : text) {
    if (IsDigit(byte)) digits.push_back(byte);
  }
  return digits;
}

bool IsEmail(std::string_view token) {
  const size_t at = token.find('@');
  if (at == std::string_view::npos || at == 0 || token.find('@', at + 1) != token.npos) {
    return false;
  }
  const std::string_view domain = token.substr(at + 1);
  const size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || domain.size() - dot < 3) return false;
  const auto local_byte = [](char byte) {
    return IsLetter(byte) || IsDigit(byte) ||
           std::string_view("._%+-'").find(byte) != std::string_view::npos;
  };
  const auto domain_byte = [](char byte) {
    return IsLetter(byte) || IsDigit(byte) || byte == '.' || byte == '-';
  };
  return std::all_of(token.begin(), token.begin() + static_cast<std::ptrdiff_t>(at), local_byte) &&
         std::all_of(domain.begin(), domain.end(), domain_byte) &&
         std::all_of(domain.begin() + static_cast<std::ptrdiff_t>(dot) + 1, domain.end(), IsLetter);
}

bool IsIpV4(std::string_view token) {
  const std::vector<std::string_view> parts = Split(token, '.');
  if (parts.size() != 4) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), IsDigit)) {
      return false;
    }
    return (part.size() == 1 || part[0] != '0') && *ParseInt(part) <= 255;
  });
}

bool IsIpV6(std::string_view token) {
  const std::vector<std::string_view> parts = Split(token, ':');
  const bool shortened = token.find("::") != std::string_view::npos;
  if (parts.size() > 8 || (shortened ? parts.size() < 4 : parts.size() != 8)) return false;
  bool letter = false;
  for (const std::string_view part : parts) {
    if (part.size() > 4 || !std::all_of(part.begin(), part.end(), IsHex)) return false;
    letter = letter || std::any_of(part.begin(), part.end(), IsLetter);
  }
  return letter;
}

// 123-45-6789 as the US administration gives them out, and AB123456C as the UK's.
bool IsNationalId(std::string_view token) {
  const std::vector<std::string_view> parts = Split(token, '-');
  const auto digits = [](std::string_view part, size_t size) {
    return part.size() == size && std::all_of(part.begin(), part.end(), IsDigit);
  };
  if (parts.size() == 3 && digits(parts[0], 3) && digits(parts[1], 2) && digits(parts[2], 4)) {
    return parts[0] != "000" && parts[0] != "666" && parts[0][0] != '9' && parts[1] != "00" &&
           parts[2] != "0000";
  }
  return token.size() == 9 && IsUpper(token[0]) && IsUpper(token[1]) &&
         digits(token.substr(2, 6), 6) && token[8] >= 'A' && token[8] <= 'D';
}

bool IsDateLike(std::string_view text) {
  const auto year = [&text](size_t at) {
    const std::string_view four = text.substr(at, 4);
    return four.starts_with("19") || four.starts_with("20");
  };
  if (text.find(':') != std::string_view::npos) return true;
  for (const char separator : {'-', '/', '.'}) {
    const std::vector<std::string_view> parts = Split(text, separator);
    if (parts.size() != 3) continue;
    if (parts[0].size() == 4 && year(0)) return true;
    if (parts[0].size() <= 2 && parts[1].size() <= 2) return true;
  }
  return false;
}

// A run of digits with the marks that people write phone numbers with.
bool IsPhone(std::string_view text) {
  const std::string digits = DigitsOf(text);
  if (digits.size() < 9 || digits.size() > 15 || IsDateLike(text)) return false;
  if (std::count(text.begin(), text.end(), '.') == 1) return false;  // a decimal number
  if (text.front() == '+') return digits.size() >= 10;
  const std::vector<std::string_view> hyphens = Split(text, '-');
  const bool american = hyphens.size() == 3 && hyphens[0].size() == 3 && hyphens[1].size() == 3 &&
                        hyphens[2].size() == 4;
  if (text.front() == '(' || american) return digits.size() == 10 || digits.size() == 11;
  // A trunk zero, and the length of a number within a country.
  return digits[0] == '0' && digits[1] != '0' && digits.size() >= 10 && digits.size() <= 12;
}

void AddKind(PersonalKind kind, std::vector<PersonalKind>& kinds) {
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
}

void LookAtToken(std::string_view token, std::vector<PersonalKind>& kinds) {
  while (!token.empty() && std::string_view(".,;:!?)]}>\"'").find(token.back()) != token.npos) {
    token.remove_suffix(1);
  }
  while (!token.empty() && std::string_view("([{<\"'").find(token.front()) != token.npos) {
    token.remove_prefix(1);
  }
  if (token.starts_with("mailto:")) token.remove_prefix(7);
  if (token.size() < 3) return;
  if (IsEmail(token)) AddKind(PersonalKind::kEmail, kinds);
  if (IsIpV4(token) || IsIpV6(token)) AddKind(PersonalKind::kIpAddress, kinds);
  if (IsNationalId(token)) AddKind(PersonalKind::kNationalId, kinds);
  if (IsIban(token)) AddKind(PersonalKind::kIban, kinds);
}

bool InNumber(char byte) {
  return IsDigit(byte) || std::string_view(" -.()/+").find(byte) != std::string_view::npos;
}

// Runs of digits and marks: cards and phones.
void LookAtNumbers(std::string_view text, std::vector<PersonalKind>& kinds) {
  for (size_t at = 0; at < text.size();) {
    const bool starts = IsDigit(text[at]) || text[at] == '+' || text[at] == '(';
    const bool inside =
        at > 0 && (IsLetter(text[at - 1]) || IsDigit(text[at - 1]) || text[at - 1] == '_');
    if (!starts || inside) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && InNumber(text[end])) ++end;
    std::string_view run = text.substr(at, end - at);
    const bool glued =
        end < text.size() && text[end - 1] != ' ' && (IsLetter(text[end]) || text[end] == ':');
    at = std::max(end, at + 1);
    while (!run.empty() && !IsDigit(run.back())) run.remove_suffix(1);
    if (run.empty() || glued) continue;
    if (IsCardNumber(run)) {
      AddKind(PersonalKind::kCard, kinds);
    } else if (!IsNationalId(run) && !IsIpV4(run) && IsPhone(run)) {
      AddKind(PersonalKind::kPhone, kinds);
    }
  }
}

// --- Names and addresses: by common words ---

std::vector<std::string> LowerWords(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char byte = i < text.size() ? text[i] : ' ';
    if (IsLetter(byte) || (byte == '\'' && !word.empty())) {
      word.push_back(byte);
    } else if (!word.empty()) {
      words.push_back(ToLower(word));
      word.clear();
    }
  }
  return words;
}

// One to twelve words of letters, most of which begin with a capital, and no digit.
bool HasShapeOfName(std::string_view text) {
  if (text.size() > 90 || std::any_of(text.begin(), text.end(), IsDigit)) return false;
  int64_t words = 0;
  int64_t capitals = 0;
  bool starts = true;
  for (const char byte : text) {
    if (IsLetter(byte)) {
      if (starts) {
        ++words;
        if (IsUpper(byte) || static_cast<unsigned char>(byte) >= 0x80) ++capitals;
      }
      starts = false;
    } else {
      if (std::string_view(" .,'-()\"/").find(byte) == std::string_view::npos) return false;
      starts = byte != '\'';
    }
  }
  return words >= 1 && words <= 12 && capitals * 2 > words;
}

bool HoldsCommonName(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return IsCommonName(word) || IsNameTitle(word);
  });
}

// A house number and the word for a street.
bool IsAddress(std::string_view text) {
  if (text.size() > 200 || !std::any_of(text.begin(), text.end(), IsDigit)) return false;
  const std::vector<std::string> words = LowerWords(text);
  if (words.size() < 2) return false;
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return IsStreetWord(word); });
}

std::optional<PersonalKind> KindByName(const std::string& column) {
  for (const std::string& word : NameParts(column)) {
    if (word == "name" || word == "surname" || word == "firstname" || word == "lastname" ||
        word == "fullname" || word == "forename") {
      return PersonalKind::kName;
    }
    if (word == "address" || word == "street") return PersonalKind::kAddress;
  }
  return std::nullopt;
}

struct Counts {
  int64_t cells = 0;
  std::map<PersonalKind, int64_t> found;
  std::map<PersonalKind, int64_t> only;  // short cells that are little else
  int64_t shaped = 0;                    // as a name
  int64_t common_names = 0;
  int64_t addresses = 0;
  std::map<std::string, int64_t, std::less<>> distinct;  // of the first ones
};

void LookAtCell(std::string_view text, Counts& counts) {
  ++counts.cells;
  const std::string_view looked = text.substr(0, kTextBytes);
  const std::vector<PersonalKind> kinds = PersonalKindsIn(looked);
  const bool alone = !kinds.empty() && text.size() <= 64 && LowerWords(text).size() <= 4;
  for (const PersonalKind kind : kinds) {
    ++counts.found[kind];
    if (alone) ++counts.only[kind];
  }
  if (HasShapeOfName(text)) {
    ++counts.shaped;
    if (HoldsCommonName(LowerWords(text))) ++counts.common_names;
  }
  if (IsAddress(text)) ++counts.addresses;
  if (counts.distinct.size() < 1'000) ++counts.distinct[std::string(text)];
}

void ReportWords(const std::string& name, const Counts& counts,
                 std::vector<PersonalColumn>& found) {
  if (static_cast<int64_t>(counts.distinct.size()) < kLeastDistinct) return;
  const auto share = [&counts](int64_t count) {
    return static_cast<double>(count) / static_cast<double>(counts.cells);
  };
  const std::optional<PersonalKind> named = KindByName(name);
  if (share(counts.addresses) >= kWholeShare) {
    found.push_back({name, PersonalKind::kAddress, counts.cells, counts.addresses, true});
    return;
  }
  if (share(counts.shaped) < kWholeShare) return;
  // A column called "name" may hold names of products: some of the words must be names too.
  const double needed = named == PersonalKind::kName ? kNamedWords / 4.0 : kNamedWords;
  if (share(counts.common_names) >= needed) {
    found.push_back({name, PersonalKind::kName, counts.cells, counts.shaped, true});
  }
}

// A column of whole numbers whose values pass the checksum throughout.
std::optional<PersonalColumn> CardsAmongNumbers(const std::string& name, const Column& column,
                                                const std::vector<int64_t>& rows) {
  PersonalColumn cards{name, PersonalKind::kCard, 0, 0, true};
  for (const int64_t row : rows) {
    if (!column.valid(row)) continue;
    ++cards.num_cells;
    const double value = column.number(row);
    // Whole numbers are exact below 2^53, which 16 digits of most issuers stay under.
    if (value < 1e12 || value > 9.007e15) continue;
    if (IsCardNumber(Format("{}", static_cast<int64_t>(value)))) ++cards.num_found;
  }
  const bool enough =
      cards.num_found >= kLeastDistinct &&
      static_cast<double>(cards.num_found) >= kNumberShare * static_cast<double>(cards.num_cells);
  return enough ? std::optional(cards) : std::nullopt;
}

}  // namespace

std::string_view PersonalKindName(PersonalKind kind) {
  switch (kind) {
    case PersonalKind::kEmail:
      return "e-mail address";
    case PersonalKind::kPhone:
      return "phone number";
    case PersonalKind::kCard:
      return "card number";
    case PersonalKind::kIban:
      return "IBAN";
    case PersonalKind::kIpAddress:
      return "IP address";
    case PersonalKind::kNationalId:
      return "national id";
    case PersonalKind::kName:
      return "name of a person";
    case PersonalKind::kAddress:
      return "street address";
  }
  return "";
}

bool IsCardNumber(std::string_view text) {
  const std::string digits = DigitsOf(text);
  if (digits.size() < 13 || digits.size() > 19) return false;
  // Issuers begin with 2 to 6; other runs of digits that pass are chance.
  if (digits[0] < '2' || digits[0] > '6') return false;
  if (!std::all_of(text.begin(), text.end(),
                   [](char byte) { return IsDigit(byte) || byte == ' ' || byte == '-'; })) {
    return false;
  }
  if (digits.find_first_not_of(digits[0]) == std::string::npos) return false;
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool IsIban(std::string_view text) {
  std::string compact;
  for (const char byte : text) {
    if (byte != ' ') compact.push_back(byte);
  }
  if (compact.size() < 15 || compact.size() > 34) return false;
  if (!IsUpper(compact[0]) || !IsUpper(compact[1]) || !IsDigit(compact[2]) ||
      !IsDigit(compact[3])) {
    return false;
  }
  std::rotate(compact.begin(), compact.begin() + 4, compact.end());
  int remainder = 0;
  for (const char byte : compact) {
    if (IsDigit(byte)) {
      remainder = (remainder * 10 + (byte - '0')) % 97;
    } else if (IsUpper(byte)) {
      remainder = (remainder * 100 + (byte - 'A' + 10)) % 97;
    } else {
      return false;
    }
  }
  return remainder == 1;
}

std::vector<PersonalKind> PersonalKindsIn(std::string_view text) {
  std::vector<PersonalKind> kinds;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char byte = i < text.size() ? text[i] : ' ';
    if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r' && byte != ',' && byte != ';' &&
        byte != '<' && byte != '>') {
      continue;
    }
    if (i > start) LookAtToken(text.substr(start, i - start), kinds);
    start = i + 1;
  }
  // An IBAN in groups of four.
  if (text.size() <= 42 && IsIban(Trim(text))) AddKind(PersonalKind::kIban, kinds);
  LookAtNumbers(text, kinds);
  std::sort(kinds.begin(), kinds.end());
  return kinds;
}

std::vector<PersonalColumn> FindPersonalData(const QualityRows& rows,
                                             std::span<const std::string> columns) {
  std::vector<int64_t> all;
  for (int64_t row = 0; row < rows.rows.num_rows(); ++row) all.push_back(row);
  const std::vector<int64_t> sample = rows.Sample(all, kRows);
  std::vector<PersonalColumn> found;
  for (const std::string& name : columns) {
    const Column& column = rows.column(name);
    if (table::IsNumeric(column.type())) {
      if (column.type() != ColumnType::kInteger && column.type() != ColumnType::kNumber) continue;
      if (auto cards = CardsAmongNumbers(name, column, sample)) found.push_back(*cards);
      continue;
    }
    Counts counts;
    for (const int64_t row : sample) {
      if (column.valid(row)) LookAtCell(column.text(row), counts);
    }
    if (counts.cells == 0) continue;
    for (const auto& [kind, count] : counts.found) {
      const double share = static_cast<double>(count) / static_cast<double>(counts.cells);
      if (count < kLeastCells || share < kLeastShare) continue;
      const auto only = counts.only.find(kind);
      const bool whole =
          only != counts.only.end() &&
          static_cast<double>(only->second) >= kWholeShare * static_cast<double>(counts.cells);
      found.push_back({name, kind, counts.cells, count, whole});
    }
    ReportWords(name, counts, found);
  }
  return found;
}

}  // namespace millrace::data
