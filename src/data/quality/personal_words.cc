#include "data/quality/personal_words.h"

#include <unordered_set>

#include "base/text.h"

namespace millrace::data {
namespace {

constexpr std::string_view kNames =
    "aaron abigail adam adams ahmed aisha alexander alexis alice allen alvarez amanda "
    "amit amy anders anderson andersson andrea andreas andrew angela anil anna anthony "
    "antonio arthur ashley astrid bailey baker barbara becker benjamin bennett betty "
    "beverly bianchi brandon brenda brian brittany brown bryan campbell carl carlos "
    "carmen carolyn carter castillo catherine charles chavez chen cheryl christina "
    "christine christopher clark claude claudia collins cooper cox cynthia daniel "
    "danielle david davis deborah debra denise dennis diana diane diaz dmitri donald "
    "donna doris douglas dubois dylan edward edwards elizabeth emily emma eric erik "
    "esposito ethan evans evelyn fatima ferrari fischer foster frances francesca francois "
    "garcia gary george gerald giovanni giulia giuseppe gloria gomez gonzalez gregory "
    "gupta gutierrez hannah hans hansen harold harris hassan heather helen henry "
    "hernandez hiroshi hoffmann howard hughes ibrahim ingrid isabella isabelle ivan "
    "ivanov jackson jacob jacqueline jacques james jan janet janice jason jeffrey "
    "jennifer jensen jeremy jerry jesse jessica jimenez joan johan johansson john johnson "
    "jonathan jones jose joseph joshua joyce juan judith judy juergen julie justin karen "
    "karl karlsson katherine kathleen kathryn kayla keith kelly kenneth kevin khan kim "
    "kimberly klaus kumar kyle larry lars larsen laura lauren laurent lawrence lee "
    "lefebvre lewis linda lisa liu lopez lori lucia luigi luis margaret maria marie "
    "marilyn mario martha martin martinez mary matthew megan melissa mendoza meyer "
    "michael michel michelle miguel miller ming mitchell mohammed monika moore morales "
    "moreau morgan morris mueller muhammad murphy myers nancy natalie natasha nathan "
    "nelson nguyen nicholas nicole nielsen noah olga olivia olsen omar ortiz pamela "
    "parker patel patricia patrick paul pedro perez peter peterson petra petrov philippe "
    "phillips pierre pieter pilar priya rachel ramirez ramos raymond rebecca reyes ricci "
    "richard richardson rivera robert roberts robinson rodriguez roger rogers ronald ross "
    "rossi ruiz russo ruth ryan sabine samantha samuel sanchez sanders sandra sara sarah "
    "sato schmidt schneider schulz scott sean sergei sharma sharon shirley simon singh "
    "smith sophia stefan stephanie stephen steven stewart sunita susan suzuki sven sylvie "
    "takashi tanaka tatiana taylor teresa terry theresa thomas thompson timothy torres "
    "turner tyler ursula victoria vladimir wagner walker walter wang watanabe watson "
    "weber wei william williams wilson wolfgang wright yang yuki zachary zhang";

constexpr std::string_view kStreets =
    "street st road rd avenue ave lane ln drive dr boulevard blvd court ct place pl "
    "square terrace highway hwy strasse straße str weg platz allee gasse rue chemin "
    "impasse via viale piazza calle carrera avenida plaza rua straat laan vej gatan ulica";

constexpr std::string_view kTitles = "mr mrs miss ms dr prof sir madame herr frau";

using WordSet = std::unordered_set<std::string_view>;

WordSet SetOf(std::string_view words) {
  const std::vector<std::string_view> all = Split(words, ' ');
  return {all.begin(), all.end()};
}

}  // namespace

bool IsCommonName(std::string_view word) {
  static const WordSet names = SetOf(kNames);
  return names.contains(word);
}

bool IsNameTitle(std::string_view word) {
  static const WordSet titles = SetOf(kTitles);
  return titles.contains(word);
}

bool IsStreetWord(std::string_view word) {
  static const WordSet streets = SetOf(kStreets);
  return streets.contains(word) || word.ends_with("strasse") || word.ends_with("straße");
}

std::vector<std::string> NameParts(std::string_view column) {
  std::vector<std::string> parts;
  std::string part;
  const auto finish = [&] {
    if (!part.empty()) parts.push_back(ToLower(part));
    part.clear();
  };
  for (const char byte : column) {
    const bool upper = byte >= 'A' && byte <= 'Z';
    const bool lower = byte >= 'a' && byte <= 'z';
    if (!upper && !lower) {
      finish();
      continue;
    }
    const bool after_lower = !part.empty() && part.back() >= 'a' && part.back() <= 'z';
    if (upper && after_lower) finish();
    part.push_back(byte);
  }
  finish();
  return parts;
}

}  // namespace millrace::data
