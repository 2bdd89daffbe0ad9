#include "pipeline/predict_file.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/digest.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"
#include "bundle/scorer.h"
#include "engine/engine.h"
#include "json/text.h"
#include "table/value_parser.h"

namespace millrace::pipeline {
namespace {

using table::CellState;
using table::Column;

constexpr size_t kFlushBytes = size_t{1} << 20;
constexpr std::string_view kRowColumn = "row";

std::string CsvCell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  return "\"" + ReplaceAll(text, "\"", "\"\"") + "\"";
}

// Names of the output's columns after the id.
std::vector<std::string> OutputNames(const bundle::Bundle& bundle) {
  std::vector<std::string> names = {"prediction"};
  for (const std::string& label : bundle.class_labels()) names.push_back("probability." + label);
  return names;
}

// Part of a batch: parsed, scored and written by one thread.
class Piece {
 public:
  Piece(const bundle::Bundle& bundle, PredictionFormat format, std::string id_name)
      : bundle_(bundle),
        format_(format),
        id_name_(std::move(id_name)),
        rows_(bundle.scorer().shared_schema()) {
    for (const table::ColumnSchema& column : rows_.schema().columns()) {
      parsers_.emplace_back(column);
      unreadable_.push_back({.column = column.name});
    }
    for (const std::string& name : OutputNames(bundle)) names_.push_back(json::Quote(name));
  }

  // Columns of `batch`: the request schema's, then the id where there is one. `first_row` counts
  // from 1.
  Status Predict(const table::Table& batch, int64_t begin, int64_t end, int64_t first_row) {
    text_.clear();
    rows_.Clear();
    for (int64_t row = begin; row < end; ++row) ReadRow(batch, row, first_row);
    MILLRACE_RETURN_IF_ERROR(bundle_.scorer().ScoreInto(rows_, predictions_));
    const bool has_id = batch.num_columns() > rows_.num_columns();
    for (int64_t row = begin; row < end; ++row) {
      const std::string id = has_id ? std::string(batch.column(batch.num_columns() - 1).text(row))
                                    : std::to_string(first_row + row);
      WriteRow(row - begin, id, has_id);
    }
    return {};
  }

  const std::string& text() const { return text_; }
  const std::vector<UnreadableCells>& unreadable() const { return unreadable_; }

 private:
  void ReadRow(const table::Table& batch, int64_t row, int64_t first_row) {
    for (int64_t c = 0; c < rows_.num_columns(); ++c) {
      const Column& from = batch.column(c);
      Column& to = rows_.mutable_column(c);
      const std::string_view text = from.text(row);
      const table::Cell cell =
          from.valid(row) ? parsers_[static_cast<size_t>(c)].Parse(text) : table::Cell{};
      if (cell.state == CellState::kInvalid) {
        UnreadableCells& cells = unreadable_[static_cast<size_t>(c)];
        if (cells.count++ == 0) {
          cells.first_row = first_row + row;
          cells.example = Ellipsize(text, 60);
        }
      }
      if (cell.state != CellState::kValue) {
        to.AppendMissing();
      } else if (table::IsNumeric(to.type())) {
        to.AppendNumber(cell.number);
      } else {
        to.AppendText(cell.text);
      }
    }
  }

  void WriteRow(int64_t row, const std::string& id, bool id_is_text) {
    std::vector<std::string> numbers;
    std::string prediction;
    const bool classes = !bundle_.class_labels().empty();
    if (!classes) {
      prediction = FormatDouble(predictions_.output(row));
    } else {
      prediction = bundle_.scorer().DecisionLabel(predictions_, row);
      if (predictions_.num_outputs == 1) {
        numbers.push_back(FormatDouble(1.0 - predictions_.output(row)));
        numbers.push_back(FormatDouble(predictions_.output(row)));
      } else {
        for (int64_t k = 0; k < predictions_.num_outputs; ++k) {
          numbers.push_back(FormatDouble(predictions_.output(row, k)));
        }
      }
    }
    if (format_ == PredictionFormat::kJsonLines) {
      text_ += Format("{{{}:{},{}:{}", json::Quote(id_name_), id_is_text ? json::Quote(id) : id,
                      names_[0], classes ? json::Quote(prediction) : prediction);
      for (size_t k = 0; k < numbers.size(); ++k) {
        text_ += Format(",{}:{}", names_[k + 1], numbers[k]);
      }
      text_ += "}\n";
      return;
    }
    text_ += CsvCell(id) + "," + (classes ? CsvCell(prediction) : prediction);
    for (const std::string& number : numbers) text_ += "," + number;
    text_ += "\n";
  }

  const bundle::Bundle& bundle_;
  PredictionFormat format_;
  std::string id_name_;
  table::Table rows_;
  std::vector<table::ValueParser> parsers_;
  std::vector<UnreadableCells> unreadable_;
  std::vector<std::string> names_;  // quoted
  bundle::Predictions predictions_;
  std::string text_;
};

// Returns the columns to read: those of the request, then the id where one is carried.
struct ReadPlan {
  std::vector<std::string> columns;
  std::optional<std::string> id;
};
Result<ReadPlan> PlanReading(const PredictFileInputs& inputs, const engine::Source& source) {
  const auto has = [&source](const std::string& name) {
    return std::find(source.columns.begin(), source.columns.end(), name) != source.columns.end();
  };
  ReadPlan plan;
  for (const table::ColumnSchema& column : inputs.bundle.request_schema().columns()) {
    const std::string& name = column.name;
    if (!has(name)) {
      return InvalidData(Format("{}: column \"{}\" is missing, and the model needs it",
                                source.files.front().path, name))
          .WithHint(column.derived.empty()
                        ? DidYouMean(name, source.columns)
                        : Format("it holds {}: compute it from the history of each series",
                                 column.derived));
    }
    plan.columns.push_back(name);
  }
  if (inputs.id) {
    if (!has(*inputs.id)) {
      return InvalidSpec(
                 Format("{}: no such column: \"{}\"", source.files.front().path, *inputs.id))
          .WithHint(DidYouMean(*inputs.id, source.columns));
    }
    plan.id = inputs.id;
  } else if (const std::string& trained = inputs.bundle.provenance()["id"].AsString();
             !trained.empty() && has(trained)) {
    plan.id = trained;
  }
  return plan;
}

// Reads, predicts and hands on batch after batch.
class Predictor {
 public:
  Predictor(const PredictFileInputs& inputs, const TextSink& sink, PredictionFormat format)
      : inputs_(inputs), sink_(sink), format_(format) {}

  Result<PredictFileOutcome> Run() {
    MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine,
                              engine::MakeDuckDbEngine({.num_threads = inputs_.num_threads}));
    MILLRACE_ASSIGN_OR_RETURN(
        const engine::Source source,
        engine::OpenSource(*engine, inputs_.folder, inputs_.data, inputs_.source, "source"));
    MILLRACE_ASSIGN_OR_RETURN(const ReadPlan plan, PlanReading(inputs_, source));
    outcome_.id = plan.id.value_or(std::string(kRowColumn));
    if (outcome_.id == "prediction") outcome_.id = "id";
    for (int i = 0; i < std::max(1, inputs_.num_threads); ++i) {
      pieces_.push_back(std::make_unique<Piece>(inputs_.bundle, format_, outcome_.id));
    }
    WriteHeader();
    std::vector<std::string> quoted;
    for (const std::string& name : plan.columns) quoted.push_back(engine::QuoteIdentifier(name));
    if (plan.id) quoted.push_back(engine::QuoteIdentifier(*plan.id) + " AS __id");
    // A model without a column still answers one row for each row.
    const std::string list = quoted.empty() ? "NULL" : Join(quoted, ", ");
    MILLRACE_RETURN_IF_ERROR(
        engine->Stream(Format("SELECT {} FROM {}", list, engine::QuoteIdentifier(source.view_name)),
                       [this](const table::Table& batch) { return TakeBatch(batch); }));
    MILLRACE_RETURN_IF_ERROR(Flush());
    MILLRACE_ASSIGN_OR_RETURN(outcome_.rejected, engine::RejectedRows(*engine, source));
    CollectUnreadable();
    return std::move(outcome_);
  }

 private:
  void WriteHeader() {
    if (format_ == PredictionFormat::kJsonLines) return;
    pending_ = CsvCell(outcome_.id);
    for (const std::string& name : OutputNames(inputs_.bundle)) pending_ += "," + CsvCell(name);
    pending_ += "\n";
  }

  Status TakeBatch(const table::Table& batch) {
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    const auto num_pieces = static_cast<int64_t>(pieces_.size());
    const int64_t num_rows = batch.num_rows();
    std::vector<Status> statuses(pieces_.size());
    ParallelFor(inputs_.num_threads, num_pieces, [&](int64_t i) {
      statuses[static_cast<size_t>(i)] = pieces_[static_cast<size_t>(i)]->Predict(
          batch, i * num_rows / num_pieces, (i + 1) * num_rows / num_pieces, outcome_.num_rows + 1);
    });
    for (const Status& status : statuses) MILLRACE_RETURN_IF_ERROR(status);
    for (const std::unique_ptr<Piece>& piece : pieces_) pending_ += piece->text();
    outcome_.num_rows += num_rows;
    if (pending_.size() < kFlushBytes) return {};
    inputs_.progress.Report({.phase = 0,
                             .share = 0.0,
                             .step = Format("{} rows", FormatCount(outcome_.num_rows)),
                             .best = "",
                             .seconds_left = std::nullopt});
    return Flush();
  }

  Status Flush() {
    MILLRACE_RETURN_IF_ERROR(sink_(pending_));
    pending_.clear();
    return {};
  }

  void CollectUnreadable() {
    const size_t num_columns = pieces_.front()->unreadable().size();
    for (size_t c = 0; c < num_columns; ++c) {
      UnreadableCells all{.column = pieces_.front()->unreadable()[c].column};
      for (const std::unique_ptr<Piece>& piece : pieces_) {
        const UnreadableCells& part = piece->unreadable()[c];
        if (part.count > 0 && (all.count == 0 || part.first_row < all.first_row)) {
          all.first_row = part.first_row;
          all.example = part.example;
        }
        all.count += part.count;
      }
      if (all.count > 0) outcome_.unreadable.push_back(std::move(all));
    }
  }

  const PredictFileInputs& inputs_;
  const TextSink& sink_;
  PredictionFormat format_;
  std::vector<std::unique_ptr<Piece>> pieces_;
  std::string pending_;
  PredictFileOutcome outcome_;
};

// Turns the CSV of predictions into Parquet, streamed by the engine.
Status ConvertToParquet(const PredictFileInputs& inputs, const std::string& csv,
                        const PredictFileOutcome& outcome, const std::string& parquet) {
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine,
                            engine::MakeDuckDbEngine({.num_threads = inputs.num_threads}));
  const bool counted = outcome.id == kRowColumn;
  std::vector<std::string> columns = {
      Format("{}: '{}'", engine::QuoteLiteral(outcome.id), counted ? "BIGINT" : "VARCHAR")};
  const bool classes = !inputs.bundle.class_labels().empty();
  for (const std::string& name : OutputNames(inputs.bundle)) {
    const bool is_label = classes && name == "prediction";
    columns.push_back(
        Format("{}: '{}'", engine::QuoteLiteral(name), is_label ? "VARCHAR" : "DOUBLE"));
  }
  return engine->Execute(
      Format("COPY (SELECT * FROM read_csv({}, auto_detect = false, header = true, delim = ',', "
             "quote = '\"', escape = '\"', max_line_size = 16777216, columns = {{{}}})) TO {} "
             "(FORMAT parquet, COMPRESSION zstd)",
             engine::QuoteLiteral(csv), Join(columns, ", "), engine::QuoteLiteral(parquet)));
}

// A file beside the output that is removed unless it was renamed.
class Incoming {
 public:
  static Result<Incoming> Beside(const std::string& out) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string suffix, RandomHex(8));
    return Incoming(JoinPath(FolderName(out), Format(".{}.{}.tmp", BaseName(out), suffix)));
  }
  ~Incoming() {
    if (!path_.empty()) static_cast<void>(RemoveAll(path_));
  }
  Incoming(Incoming&& other) noexcept : path_(std::exchange(other.path_, std::string())) {}
  Incoming& operator=(Incoming&&) = delete;

  const std::string& path() const { return path_; }
  Status MoveTo(const std::string& out) {
    MILLRACE_RETURN_IF_ERROR(SyncFile(path_));
    MILLRACE_RETURN_IF_ERROR(RenameFile(path_, out));
    path_.clear();
    return {};
  }

 private:
  explicit Incoming(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace

Result<PredictionFormat> PredictionFormatOf(std::string_view path) {
  const std::string name = ToLower(path);
  if (name.ends_with(".csv")) return PredictionFormat::kCsv;
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return PredictionFormat::kJsonLines;
  if (name.ends_with(".parquet")) return PredictionFormat::kParquet;
  return Unsupported(Format("{}: unknown kind of output file", path))
      .WithHint("known: .csv .jsonl .ndjson .parquet");
}

Result<PredictFileOutcome> PredictTo(const PredictFileInputs& inputs, const TextSink& sink,
                                     PredictionFormat format) {
  if (format == PredictionFormat::kParquet) {
    return Unsupported("parquet: cannot be written to a stream").WithHint("name an output file");
  }
  return Predictor(inputs, sink, format).Run();
}

Result<PredictFileOutcome> PredictFile(const PredictFileInputs& inputs, const std::string& out,
                                       PredictionFormat format) {
  MILLRACE_ASSIGN_OR_RETURN(Incoming text, Incoming::Beside(out));
  MILLRACE_RETURN_IF_ERROR(WriteFile(text.path(), ""));
  const bool parquet = format == PredictionFormat::kParquet;
  MILLRACE_ASSIGN_OR_RETURN(
      PredictFileOutcome outcome,
      PredictTo(
          inputs, [&text](std::string_view part) { return AppendFile(text.path(), part); },
          parquet ? PredictionFormat::kCsv : format));
  if (!parquet) {
    MILLRACE_RETURN_IF_ERROR(text.MoveTo(out));
    return outcome;
  }
  MILLRACE_ASSIGN_OR_RETURN(Incoming converted, Incoming::Beside(out));
  MILLRACE_RETURN_IF_ERROR(ConvertToParquet(inputs, text.path(), outcome, converted.path()));
  MILLRACE_RETURN_IF_ERROR(converted.MoveTo(out));
  return outcome;
}

}  // namespace millrace::pipeline
