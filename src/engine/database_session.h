// DatabaseSession: text columns out of a foreign database, through SOCI. Internal to the readers of
// databases; nothing else of the engine sees the library.
//
// Everything here throws soci::soci_error; the readers turn that into a status.

#pragma once

#include <soci/soci.h>

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/row_file.h"

namespace millrace::engine {

/// Takes the cells of one row.
using RowSink = std::function<Status(std::span<const TextCell> cells)>;

constexpr size_t kRowsAtOnce = 1000;

/// Columns of text, filled a batch at a time.
class TextColumns {
 public:
  explicit TextColumns(size_t num_columns)
      : texts_(num_columns, std::vector<std::string>(kRowsAtOnce)),
        indicators_(num_columns, std::vector<soci::indicator>(kRowsAtOnce)) {}

  void Bind(soci::statement& statement) {
    for (size_t c = 0; c < texts_.size(); ++c) {
      statement.exchange(soci::into(texts_[c], indicators_[c]));
    }
  }
  void MakeRoom() {
    for (size_t c = 0; c < texts_.size(); ++c) {
      texts_[c].resize(kRowsAtOnce);
      indicators_[c].resize(kRowsAtOnce);
    }
  }
  size_t num_rows() const { return texts_.empty() ? 0 : texts_[0].size(); }
  TextCell At(size_t row, size_t column) const {
    if (indicators_[column][row] == soci::i_null) return std::nullopt;
    return std::string_view(texts_[column][row]);
  }

 private:
  std::vector<std::vector<std::string>> texts_;
  std::vector<std::vector<soci::indicator>> indicators_;
};

/// Returns the names of the columns of a query, which is asked for no row.
inline std::vector<std::string> ColumnNames(soci::session& session, const std::string& query) {
  soci::row row;
  soci::statement statement(session);
  statement.exchange(soci::into(row));
  statement.alloc();
  statement.prepare("SELECT * FROM (" + query + "\n) AS millrace_rows LIMIT 0");
  statement.define_and_bind();
  statement.execute(true);
  std::vector<std::string> names;
  for (size_t i = 0; i < row.size(); ++i) names.push_back(row.get_properties(i).get_name());
  return names;
}

/// Returns the first column of a query's rows; NULL is "".
inline std::vector<std::string> FirstColumn(soci::session& session, const std::string& query) {
  std::string text;
  soci::indicator indicator = soci::i_ok;
  soci::statement statement = (session.prepare << query, soci::into(text, indicator));
  std::vector<std::string> texts;
  statement.execute(false);
  while (statement.fetch()) texts.push_back(indicator == soci::i_null ? "" : text);
  return texts;
}

}  // namespace millrace::engine
