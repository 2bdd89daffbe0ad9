#include "cli/batch_prediction.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "json/text.h"
#include "table/table.h"
#include "table/value_parser.h"

namespace millrace::cli {
namespace {

using table::Column;
using table::Table;

constexpr size_t kPieceBytes = size_t{1} << 18;

std::string CsvCell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  return "\"" + ReplaceAll(text, "\"", "\"\"") + "\"";
}

// Writes the answer of each row in one of the two forms.
class AnswerWriter {
 public:
  AnswerWriter(const bundle::Scorer& scorer, const BatchInputs& inputs)
      : scorer_(scorer), form_(inputs.form), id_(inputs.id.empty() ? "row" : inputs.id) {
    if (form_ != BatchForm::kCsv) return;
    text_ = CsvCell(id_) + ",prediction";
    for (const std::string& label : scorer_.class_labels()) {
      text_ += "," + CsvCell("probability." + label);
    }
    text_ += "\n";
  }

  // `id`: the cell of the row, or nothing where it is missing.
  void Add(const bundle::Predictions& predictions, int64_t row, std::optional<std::string> id) {
    const bool is_number = scorer_.class_labels().empty();
    if (form_ == BatchForm::kCsv) {
      text_ += CsvCell(id.value_or("")) + ",";
      text_ += is_number ? FormatDouble(predictions.output(row))
                         : CsvCell(scorer_.DecisionLabel(predictions, row));
      for (size_t k = 0; k < scorer_.class_labels().size(); ++k) {
        text_ += "," + FormatDouble(Probability(predictions, row, k));
      }
      text_ += "\n";
      return;
    }
    json::Json object = json::Json::MakeObject();
    object.AppendMember(id_, id ? json::Json(*id) : json::Json());
    object.AppendMember("prediction", is_number
                                          ? json::Json(predictions.output(row))
                                          : json::Json(scorer_.DecisionLabel(predictions, row)));
    for (size_t k = 0; k < scorer_.class_labels().size(); ++k) {
      object.AppendMember("probability." + scorer_.class_labels()[k],
                          Probability(predictions, row, k));
    }
    text_ += json::Write(object) + "\n";
  }

  std::string& text() { return text_; }

 private:
  double Probability(const bundle::Predictions& predictions, int64_t row, size_t k) const {
    if (predictions.num_outputs > 1) return predictions.output(row, static_cast<int64_t>(k));
    return k == 1 ? predictions.output(row) : 1.0 - predictions.output(row);
  }

  const bundle::Scorer& scorer_;
  BatchForm form_;
  std::string id_;
  std::string text_;
};

// Reads the text cells of a batch into rows of the bundle's schema.
class RowReader {
 public:
  explicit RowReader(const std::shared_ptr<const table::Schema>& schema) : rows_(schema) {
    for (const table::ColumnSchema& column : schema->columns()) {
      parsers_.emplace_back(column);
      unreadable_.push_back({.column = column.name});
    }
  }

  const Table& Read(const Table& batch, int64_t rows_before) {
    rows_.Clear();
    for (int64_t c = 0; c < rows_.num_columns(); ++c) {
      const Column& texts = batch.column(c);
      for (int64_t r = 0; r < batch.num_rows(); ++r) {
        Append(texts.valid(r) ? std::optional(texts.text(r)) : std::nullopt, c,
               rows_before + r + 1);
      }
    }
    return rows_;
  }

  std::vector<UnreadableCells> unreadable() const {
    std::vector<UnreadableCells> found;
    for (const UnreadableCells& cells : unreadable_) {
      if (cells.count > 0) found.push_back(cells);
    }
    return found;
  }

 private:
  void Append(std::optional<std::string_view> text, int64_t c, int64_t row) {
    Column& column = rows_.mutable_column(c);
    const table::Cell cell = text ? parsers_[static_cast<size_t>(c)].Parse(*text) : table::Cell();
    if (cell.state == table::CellState::kValue) {
      if (table::IsNumeric(column.type())) {
        column.AppendNumber(cell.number);
      } else {
        column.AppendText(cell.text);
      }
      return;
    }
    column.AppendMissing();
    if (cell.state != table::CellState::kInvalid) return;
    UnreadableCells& cells = unreadable_[static_cast<size_t>(c)];
    if (cells.count++ == 0) {
      cells.first_row = row;
      cells.first_value = Ellipsize(*text, 40);
    }
  }

  Table rows_;
  std::vector<table::ValueParser> parsers_;
  std::vector<UnreadableCells> unreadable_;
};

Status CheckColumns(const BatchInputs& inputs, const engine::Source& source) {
  const auto has = [&source](const std::string& name) {
    return std::find(source.columns.begin(), source.columns.end(), name) != source.columns.end();
  };
  std::vector<std::string> absent;
  for (const std::string& name : inputs.bundle.request_schema().names()) {
    if (!has(name)) absent.push_back(name);
  }
  if (!absent.empty()) {
    std::string hint = DidYouMean(absent[0], source.columns);
    if (hint.empty()) hint = "the file has: " + Ellipsize(Join(source.columns, ", "), 200);
    return InvalidData(Format("{}: no column {}, which the model needs", inputs.data[0],
                              Ellipsize(Join(absent, ", "), 200)))
        .WithHint(std::move(hint));
  }
  if (!inputs.id.empty() && !has(inputs.id)) {
    return NotFound(Format("{}: no column \"{}\"", inputs.data[0], inputs.id))
        .WithHint(DidYouMean(inputs.id, source.columns));
  }
  return {};
}

std::string SelectCells(const BatchInputs& inputs, const engine::Source& source) {
  std::vector<std::string> columns;
  for (const std::string& name : inputs.bundle.request_schema().names()) {
    columns.push_back(engine::QuoteIdentifier(name));
  }
  if (!inputs.id.empty()) columns.push_back(engine::QuoteIdentifier(inputs.id));
  if (columns.empty()) columns.push_back(engine::QuoteIdentifier(source.columns[0]));
  return Format("SELECT {} FROM {}", Join(columns, ", "),
                engine::QuoteIdentifier(source.view_name));
}

}  // namespace

Result<BatchOutcome> PredictBatch(const BatchInputs& inputs, const TextSink& sink) {
  MILLRACE_ASSIGN_OR_RETURN(
      const engine::Source source,
      engine::OpenSource(inputs.engine, inputs.folder, inputs.data, inputs.source, "batch"));
  MILLRACE_RETURN_IF_ERROR(CheckColumns(inputs, source));
  const bundle::Scorer& scorer = inputs.bundle.scorer();
  RowReader reader(scorer.shared_schema());
  AnswerWriter writer(scorer, inputs);
  bundle::Predictions predictions;
  BatchOutcome outcome;
  const int64_t id_column = scorer.schema().num_columns();
  MILLRACE_RETURN_IF_ERROR(
      inputs.engine.Stream(SelectCells(inputs, source), [&](const Table& batch) -> Status {
        MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
        const Table& rows = reader.Read(batch, outcome.num_rows);
        MILLRACE_RETURN_IF_ERROR(scorer.ScoreInto(rows, predictions));
        for (int64_t r = 0; r < batch.num_rows(); ++r) {
          ++outcome.num_rows;
          std::optional<std::string> id = Format("{}", outcome.num_rows);
          if (!inputs.id.empty()) {
            const Column& ids = batch.column(id_column);
            id = ids.valid(r) ? std::optional<std::string>(ids.text(r)) : std::nullopt;
          }
          writer.Add(predictions, r, std::move(id));
        }
        if (writer.text().size() < kPieceBytes) return {};
        const Status status = sink(writer.text());
        writer.text().clear();
        return status;
      }));
  MILLRACE_RETURN_IF_ERROR(sink(writer.text()));
  outcome.unreadable = reader.unreadable();
  MILLRACE_ASSIGN_OR_RETURN(outcome.rejected, engine::RejectedRows(inputs.engine, source));
  return outcome;
}

}  // namespace millrace::cli
