// Guide: the knowledge behind decisions as short entries, searchable offline. Phases cite entries
// by id; the command line answers queries within a size limit.
//
// Thread safety: pure functions over constant data. Deterministic.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::guide {

enum class Category {
  kSkill,    // a method: what it is, when it helps, how it fails
  kExample,  // a case worked through with figures
  kGuide,    // how to do something with this program
  kAgent,    // a role in the life of a model: what it decides, what it needs to see
};
/// Returns "skill", "example", "guide" or "agent".
std::string_view CategoryName(Category category);
/// Returns the category of a name (exact), or nothing.
std::optional<Category> CategoryFromName(std::string_view name);

/// One entry. Views into constant data: they live as long as the program.
struct Entry {
  std::string_view id;  // "missing-values": lower case, hyphens
  std::string_view title;
  Category category = Category::kSkill;
  std::string_view phases;   // "2 3": numbers of the phases it belongs to, ascending
  std::string_view tags;     // other words for it, comma separated
  std::string_view text;     // 60 to 150 words of plain sentences
  std::string_view see;      // ids of related entries, space separated
  std::string_view sources;  // what it rests on, semicolon separated; may be empty
};

/// Returns every entry, by category, in a fixed order.
std::span<const Entry> AllEntries();
/// Returns the entry of an id, or null.
const Entry* FindEntry(std::string_view id);
/// Returns how a decision cites an entry: `guide: Trees or neural networks`; `millrace guide` finds
/// it by that title. The id must exist (our bug otherwise).
std::string Cite(std::string_view id);
/// Returns true when `phase` (1..6) is one of the entry's.
bool IsOfPhase(const Entry& entry, int phase);
/// Returns the ids of related entries.
std::vector<std::string_view> SeeAlso(const Entry& entry);

struct SearchOptions {
  std::optional<Category> category;  // nothing: all
  std::optional<int> phase;          // 1..6; nothing: all
  int64_t max_tokens = 600;          // of all texts together, titles included; at least 1
  int64_t max_hits = 5;
};

struct Hit {
  const Entry* entry = nullptr;
  double score = 0.0;  // BM25, > 0, greatest first
  /// The entry's text, whole or (the last hit only) its first sentences.
  std::string text;
  bool is_cut = false;
};

struct Answer {
  std::vector<Hit> hits;
  int64_t num_matches = 0;  // entries that match at all
  int64_t num_tokens = 0;   // of the hits, <= max_tokens
  /// Nothing matched: titles that look most like the query.
  std::vector<std::string> nearest;
};

/// Returns the entries that match best, cut to the limit at entries and sentences: an entry of
/// which not one sentence fits is left out. An empty query lists the entries of the category and
/// phase in order. Ranking: BM25 (Robertson & Zaragoza 2009, section 3) with k1 = 1.2, b = 0.75
/// over text, tags and title, the latter two weighted 2 and 4; a query of the words of a title puts
/// it first.
Answer Search(std::string_view query, const SearchOptions& options = {});

/// Returns the size of a text in tokens: a quarter of its bytes, rounded up, as is usual for
/// English.
int64_t CountTokens(std::string_view text);

}  // namespace millrace::guide
