#include <duckdb.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/engine.h"
#include "table/value_parser.h"

namespace millrace::engine {
namespace {

using table::Cell;
using table::CellState;
using table::Column;
using table::ColumnType;

// What a registered reader needs at run time; owned by the engine's function entry.
struct ReaderState {
  explicit ReaderState(const table::ColumnSchema& column)
      : parser(column), numeric(table::IsNumeric(column.type)) {}
  table::ValueParser parser;
  bool numeric;
};

void DestroyReaderState(void* state) {
  std::unique_ptr<std::shared_ptr<ReaderState>> owner(
      static_cast<std::shared_ptr<ReaderState>*>(state));
}

const ReaderState& StateOf(duckdb_function_info info) {
  return **static_cast<std::shared_ptr<ReaderState>*>(duckdb_scalar_function_get_extra_info(info));
}

std::string_view TextAt(duckdb_string_t* values, idx_t row) {
  return {duckdb_string_t_data(&values[row]), duckdb_string_t_length(values[row])};
}

// Reads row `row` of a VARCHAR vector; NULL is missing.
Cell CellAt(const ReaderState& state, duckdb_string_t* values, uint64_t* validity, idx_t row) {
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return Cell{};
  return state.parser.Parse(TextAt(values, row));
}

void ReadValues(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const ReaderState& state = StateOf(info);
  duckdb_vector texts = duckdb_data_chunk_get_vector(input, 0);
  auto* values = static_cast<duckdb_string_t*>(duckdb_vector_get_data(texts));
  uint64_t* validity = duckdb_vector_get_validity(texts);
  duckdb_vector_ensure_validity_writable(output);
  uint64_t* out_validity = duckdb_vector_get_validity(output);
  const idx_t num_rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < num_rows; ++row) {
    const Cell cell = CellAt(state, values, validity, row);
    if (cell.state != CellState::kValue) {
      duckdb_validity_set_row_invalid(out_validity, row);
    } else if (state.numeric) {
      static_cast<double*>(duckdb_vector_get_data(output))[row] = cell.number;
    } else {
      duckdb_vector_assign_string_element_len(output, row, cell.text.data(), cell.text.size());
    }
  }
}

void ReadStates(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const ReaderState& state = StateOf(info);
  duckdb_vector texts = duckdb_data_chunk_get_vector(input, 0);
  auto* values = static_cast<duckdb_string_t*>(duckdb_vector_get_data(texts));
  uint64_t* validity = duckdb_vector_get_validity(texts);
  auto* out = static_cast<int8_t*>(duckdb_vector_get_data(output));
  const idx_t num_rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < num_rows; ++row) {
    const CellState cell = CellAt(state, values, validity, row).state;
    out[row] = cell == CellState::kValue ? 0 : cell == CellState::kMissing ? 1 : 2;
  }
}

ColumnType TypeOf(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return ColumnType::kBoolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
      return ColumnType::kInteger;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
      return ColumnType::kNumber;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_DATE:
      return ColumnType::kDate;
    default:
      return ColumnType::kText;
  }
}

// Calls `take` with the values of a type of whole numbers; false for other types.
template <typename Take>
bool WithWholes(duckdb_type type, const void* data, const Take& take) {
  switch (type) {
    case DUCKDB_TYPE_TINYINT:
      take(static_cast<const int8_t*>(data));
      return true;
    case DUCKDB_TYPE_SMALLINT:
      take(static_cast<const int16_t*>(data));
      return true;
    case DUCKDB_TYPE_INTEGER:
      take(static_cast<const int32_t*>(data));
      return true;
    case DUCKDB_TYPE_BIGINT:
      take(static_cast<const int64_t*>(data));
      return true;
    case DUCKDB_TYPE_UTINYINT:
      take(static_cast<const uint8_t*>(data));
      return true;
    case DUCKDB_TYPE_USMALLINT:
      take(static_cast<const uint16_t*>(data));
      return true;
    case DUCKDB_TYPE_UINTEGER:
      take(static_cast<const uint32_t*>(data));
      return true;
    default:
      return false;
  }
}

double NumberAt(duckdb_type type, void* data, idx_t row) {
  double number = NAN;
  const auto take = [&](const auto* values) { number = static_cast<double>(values[row]); };
  if (WithWholes(type, data, take)) return number;
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return static_cast<bool*>(data)[row] ? 1.0 : 0.0;
    case DUCKDB_TYPE_UBIGINT:
      return static_cast<double>(static_cast<uint64_t*>(data)[row]);
    case DUCKDB_TYPE_HUGEINT:
      return duckdb_hugeint_to_double(static_cast<duckdb_hugeint*>(data)[row]);
    case DUCKDB_TYPE_FLOAT:
      return static_cast<double>(static_cast<float*>(data)[row]);
    case DUCKDB_TYPE_DOUBLE:
      return static_cast<double*>(data)[row];
    case DUCKDB_TYPE_TIMESTAMP:
      return static_cast<double>(static_cast<int64_t*>(data)[row]) / 1e6;
    case DUCKDB_TYPE_DATE:
      return static_cast<double>(static_cast<int32_t*>(data)[row]) * 86400.0;
    default:
      return NAN;
  }
}

void AppendVector(duckdb_vector vector, duckdb_type type, idx_t num_rows, Column& column) {
  void* data = duckdb_vector_get_data(vector);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  const bool numeric = table::IsNumeric(column.type());
  for (idx_t row = 0; row < num_rows; ++row) {
    if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) {
      column.AppendMissing();
    } else if (numeric) {
      const double value = NumberAt(type, data, row);
      if (std::isfinite(value)) {
        column.AppendNumber(value);
      } else {
        column.AppendMissing();
      }
    } else {
      column.AppendText(TextAt(static_cast<duckdb_string_t*>(data), row));
    }
  }
}

// Views of one column of a chunk; reused from chunk to chunk.
class ChunkColumnViews {
 public:
  // kInvalidData is for the caller to make: false for a type that has no view.
  bool Fill(duckdb_vector vector, duckdb_type type, idx_t num_rows) {
    void* data = duckdb_vector_get_data(vector);
    uint64_t* validity = duckdb_vector_get_validity(vector);
    view_ = {};
    if (type == DUCKDB_TYPE_VARCHAR) {
      FillTexts(static_cast<duckdb_string_t*>(data), validity, num_rows);
      return true;
    }
    if (type == DUCKDB_TYPE_DOUBLE) {
      if (validity == nullptr) {
        view_.numbers = {static_cast<const double*>(data), num_rows};
        return true;
      }
      FillNumbers(static_cast<const double*>(data), num_rows);
    } else {
      const auto take = [&](const auto* values) { FillNumbers(values, num_rows); };
      if (!WithWholes(type, data, take)) return false;
    }
    if (type == DUCKDB_TYPE_BIGINT) view_.wholes = {static_cast<const int64_t*>(data), num_rows};
    if (validity != nullptr) {
      for (idx_t word = 0; word * 64 < num_rows; ++word) {
        if (validity[word] == ~uint64_t{0}) continue;
        const idx_t end = std::min<idx_t>(num_rows, word * 64 + 64);
        for (idx_t row = word * 64; row < end; ++row) {
          if (!IsValid(validity, row)) numbers_[row] = NAN;
        }
      }
    }
    view_.numbers = {numbers_.data(), num_rows};
    view_.is_whole_type = type != DUCKDB_TYPE_DOUBLE;
    return true;
  }
  const ChunkColumn& view() const { return view_; }

 private:
  static bool IsValid(const uint64_t* validity, idx_t row) {
    return ((validity[row / 64] >> (row % 64)) & 1) != 0;
  }

  void FillTexts(const duckdb_string_t* values, const uint64_t* validity, idx_t num_rows) {
    texts_.resize(num_rows);
    for (idx_t row = 0; row < num_rows; ++row) {
      // Read in place: a call for each cell takes longer than what is done with most cells.
      const auto& value = values[row].value;
      const uint32_t length = value.inlined.length;
      texts_[row] = length <= sizeof(value.inlined.inlined)
                        ? std::string_view(value.inlined.inlined, length)
                        : std::string_view(value.pointer.ptr, length);
    }
    if (validity != nullptr) {
      for (idx_t row = 0; row < num_rows; ++row) {
        if (!IsValid(validity, row)) texts_[row] = {};
      }
    }
    view_.texts = {texts_.data(), num_rows};
  }

  template <typename Number>
  void FillNumbers(const Number* values, idx_t num_rows) {
    numbers_.resize(num_rows);
    for (idx_t row = 0; row < num_rows; ++row) numbers_[row] = static_cast<double>(values[row]);
  }

  std::vector<std::string_view> texts_;
  std::vector<double> numbers_;
  ChunkColumn view_;
};

Status FromEngineError(const char* error, duckdb_error_type type) {
  std::string text = error == nullptr ? "unknown failure" : error;
  const size_t line_end = text.find('\n');
  if (line_end != std::string::npos) text.resize(line_end);
  if (type == DUCKDB_ERROR_OUT_OF_MEMORY) {
    return ResourceExhausted(Format("engine: {}", text)).WithHint("raise develop.budget.memory");
  }
  if (text.find("No space left") != std::string::npos) {
    return ResourceExhausted(Format("engine: {}", text)).WithHint("free space on the disk");
  }
  return InvalidData(Format("engine: {}", text));
}

// What each thread of the engine needs to spill and go on, as its guide says; with less, statements
// fail that would pass with fewer threads.
constexpr int64_t kBytesPerThread = int64_t{128} << 20;

struct ResultDeleter {
  void operator()(duckdb_result* result) const {
    duckdb_destroy_result(result);
    std::unique_ptr<duckdb_result> memory(result);
  }
};
using ResultOwner = std::unique_ptr<duckdb_result, ResultDeleter>;

struct ChunkDeleter {
  void operator()(duckdb_data_chunk chunk) const { duckdb_destroy_data_chunk(&chunk); }
};
using ChunkOwner = std::unique_ptr<std::remove_pointer_t<duckdb_data_chunk>, ChunkDeleter>;

class DuckDbEngine final : public Engine {
 public:
  DuckDbEngine(duckdb_database database, duckdb_connection connection,
               std::optional<TemporaryFolder> spilled)
      : spilled_(std::move(spilled)), database_(database), connection_(connection) {}
  DuckDbEngine(const DuckDbEngine&) = delete;
  DuckDbEngine& operator=(const DuckDbEngine&) = delete;
  ~DuckDbEngine() override {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }

  Status Execute(std::string_view sql) override {
    ResultOwner result(std::make_unique<duckdb_result>().release());
    if (duckdb_query(connection_, std::string(sql).c_str(), result.get()) == DuckDBError) {
      return FromEngineError(duckdb_result_error(result.get()),
                             duckdb_result_error_type(result.get()));
    }
    return {};
  }

  Status Stream(std::string_view sql, const BatchSink& sink) override {
    return Run(sql, [&](duckdb_result* result) { return HandOver(result, sink); });
  }

  Status StreamChunks(std::string_view sql, const ChunkSink& sink) override {
    return Run(sql, [&](duckdb_result* result) { return HandOverChunks(result, sink); });
  }

  Status RegisterReader(std::string_view name, const table::ColumnSchema& column) override {
    const auto [known, is_new] = readers_.emplace(std::string(name), column);
    if (!is_new) {
      if (known->second == column) return {};
      return Internal(Format("engine: reader name is taken: {}", name));
    }
    auto state = std::make_shared<ReaderState>(column);
    const duckdb_type type = state->numeric ? DUCKDB_TYPE_DOUBLE : DUCKDB_TYPE_VARCHAR;
    MILLRACE_RETURN_IF_ERROR(Register(std::string(name), type, state, ReadValues));
    return Register(std::string(name) + "_state", DUCKDB_TYPE_TINYINT, state, ReadStates);
  }

  Status Load(std::string_view table_name, const table::Table& rows) override {
    std::string columns;
    for (const table::ColumnSchema& column : rows.schema().columns()) {
      if (!columns.empty()) columns += ", ";
      columns += QuoteIdentifier(column.name);
      columns += table::IsNumeric(column.type) ? " DOUBLE" : " VARCHAR";
    }
    MILLRACE_RETURN_IF_ERROR(
        Execute(Format("CREATE OR REPLACE TABLE {} ({})", QuoteIdentifier(table_name), columns)));
    duckdb_appender appender = nullptr;
    Status status;
    if (duckdb_appender_create(connection_, nullptr, std::string(table_name).c_str(), &appender) ==
        DuckDBError) {
      status = FromEngineError(duckdb_appender_error(appender), DUCKDB_ERROR_INVALID);
    } else {
      AppendRows(appender, rows);
      if (duckdb_appender_flush(appender) == DuckDBError) {
        status = FromEngineError(duckdb_appender_error(appender), DUCKDB_ERROR_INVALID);
      }
    }
    duckdb_appender_destroy(&appender);
    return status;
  }

 private:
  // Runs a query whose result streams, and gives it to `take`.
  Status Run(std::string_view sql, const std::function<Status(duckdb_result*)>& take) {
    duckdb_prepared_statement statement = nullptr;
    if (duckdb_prepare(connection_, std::string(sql).c_str(), &statement) == DuckDBError) {
      const Status status = FromEngineError(duckdb_prepare_error(statement), DUCKDB_ERROR_INVALID);
      duckdb_destroy_prepare(&statement);
      return status;
    }
    duckdb_pending_result pending = nullptr;
    ResultOwner result(std::make_unique<duckdb_result>().release());
    Status status;
    if (duckdb_pending_prepared_streaming(statement, &pending) == DuckDBError) {
      status = FromEngineError(duckdb_pending_error(pending), DUCKDB_ERROR_INVALID);
    } else if (duckdb_execute_pending(pending, result.get()) == DuckDBError) {
      status = FromEngineError(duckdb_result_error(result.get()),
                               duckdb_result_error_type(result.get()));
    } else {
      status = take(result.get());
    }
    duckdb_destroy_pending(&pending);
    result.reset();
    duckdb_destroy_prepare(&statement);
    return status;
  }

  static void AppendRows(duckdb_appender appender, const table::Table& rows) {
    for (int64_t row = 0; row < rows.num_rows(); ++row) {
      for (int64_t c = 0; c < rows.num_columns(); ++c) {
        const Column& column = rows.column(c);
        if (!column.valid(row)) {
          duckdb_append_null(appender);
        } else if (table::IsNumeric(column.type())) {
          duckdb_append_double(appender, column.number(row));
        } else {
          const std::string_view text = column.text(row);
          duckdb_append_varchar_length(appender, text.data(), text.size());
        }
      }
      duckdb_appender_end_row(appender);
    }
  }

  static Result<std::shared_ptr<const table::Schema>> SchemaOf(duckdb_result* result) {
    std::vector<table::ColumnSchema> columns;
    const idx_t num_columns = duckdb_column_count(result);
    for (idx_t c = 0; c < num_columns; ++c) {
      table::ColumnSchema column;
      column.name = duckdb_column_name(result, c);
      column.type = TypeOf(duckdb_column_type(result, c));
      columns.push_back(std::move(column));
    }
    MILLRACE_ASSIGN_OR_RETURN(table::Schema schema, table::Schema::Make(std::move(columns)));
    return std::make_shared<const table::Schema>(std::move(schema));
  }

  // The next piece of a result; null at its end.
  static Result<ChunkOwner> NextChunk(duckdb_result* result) {
    ChunkOwner chunk(duckdb_fetch_chunk(*result));
    if (chunk == nullptr) {
      const char* error = duckdb_result_error(result);
      if (error != nullptr && *error != '\0') {
        return FromEngineError(error, duckdb_result_error_type(result));
      }
    }
    return chunk;
  }

  Status HandOver(duckdb_result* result, const BatchSink& sink) {
    MILLRACE_ASSIGN_OR_RETURN(const auto schema, SchemaOf(result));
    table::Table batch(schema);
    while (true) {
      MILLRACE_ASSIGN_OR_RETURN(ChunkOwner chunk, NextChunk(result));
      if (chunk == nullptr) return {};
      batch.Clear();
      const idx_t num_rows = duckdb_data_chunk_get_size(chunk.get());
      for (int64_t c = 0; c < schema->num_columns(); ++c) {
        const auto index = static_cast<idx_t>(c);
        AppendVector(duckdb_data_chunk_get_vector(chunk.get(), index),
                     duckdb_column_type(result, index), num_rows, batch.mutable_column(c));
      }
      chunk.reset();
      if (num_rows > 0) MILLRACE_RETURN_IF_ERROR(sink(batch));
    }
  }

  Status HandOverChunks(duckdb_result* result, const ChunkSink& sink) {
    const idx_t num_columns = duckdb_column_count(result);
    std::vector<ChunkColumnViews> views(num_columns);
    std::vector<ChunkColumn> columns(num_columns);
    while (true) {
      MILLRACE_ASSIGN_OR_RETURN(const ChunkOwner chunk, NextChunk(result));
      if (chunk == nullptr) return {};
      const idx_t num_rows = duckdb_data_chunk_get_size(chunk.get());
      for (idx_t c = 0; c < num_columns; ++c) {
        if (!views[c].Fill(duckdb_data_chunk_get_vector(chunk.get(), c),
                           duckdb_column_type(result, c), num_rows)) {
          return InvalidData(Format("engine: column \"{}\" is no text and no number",
                                    duckdb_column_name(result, c)));
        }
        columns[c] = views[c].view();
      }
      if (num_rows == 0) continue;
      MILLRACE_RETURN_IF_ERROR(
          sink({.num_rows = static_cast<int64_t>(num_rows), .columns = columns}));
    }
  }

  Status Register(const std::string& name, duckdb_type return_type,
                  const std::shared_ptr<ReaderState>& state, duckdb_scalar_function_t function) {
    duckdb_scalar_function entry = duckdb_create_scalar_function();
    duckdb_logical_type text_type = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type result_type = duckdb_create_logical_type(return_type);
    duckdb_scalar_function_set_name(entry, name.c_str());
    duckdb_scalar_function_add_parameter(entry, text_type);
    duckdb_scalar_function_set_return_type(entry, result_type);
    duckdb_scalar_function_set_special_handling(entry);
    duckdb_scalar_function_set_extra_info(
        entry, std::make_unique<std::shared_ptr<ReaderState>>(state).release(), DestroyReaderState);
    duckdb_scalar_function_set_function(entry, function);
    const duckdb_state done = duckdb_register_scalar_function(connection_, entry);
    duckdb_destroy_logical_type(&text_type);
    duckdb_destroy_logical_type(&result_type);
    duckdb_destroy_scalar_function(&entry);
    if (done == DuckDBError) return Internal(Format("engine: cannot register {}", name));
    return {};
  }

  std::optional<TemporaryFolder> spilled_;  // goes after the database
  duckdb_database database_;
  duckdb_connection connection_;
  std::map<std::string, table::ColumnSchema> readers_;
};

}  // namespace

Result<std::unique_ptr<Engine>> MakeDuckDbEngine(const EngineOptions& options) {
  // The engine's own choice is a folder in the current one, which may be read-only.
  std::optional<TemporaryFolder> spilled;
  if (options.temporary_folder.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(TemporaryFolder folder, TemporaryFolder::Make());
    spilled.emplace(std::move(folder));
  }
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) == DuckDBError) return Internal("engine: no configuration");
  const std::string threads =
      Format("{}", std::clamp<int64_t>(options.memory_bytes / kBytesPerThread, 1,
                                       std::max(1, options.num_threads)));
  const std::string memory = Format("{}B", options.memory_bytes);
  duckdb_set_config(config, "threads", threads.c_str());
  duckdb_set_config(config, "memory_limit", memory.c_str());
  duckdb_set_config(config, "autoinstall_known_extensions", "false");
  duckdb_set_config(config, "autoload_known_extensions", "false");
  const std::string& temporary = spilled ? spilled->path() : options.temporary_folder;
  duckdb_set_config(config, "temp_directory", temporary.c_str());
  duckdb_database database = nullptr;
  char* error = nullptr;
  const duckdb_state opened = duckdb_open_ext(nullptr, &database, config, &error);
  duckdb_destroy_config(&config);
  if (opened == DuckDBError) {
    const std::string text = error == nullptr ? "cannot open" : error;
    duckdb_free(error);
    return IoError(Format("engine: {}", text));
  }
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database, &connection) == DuckDBError) {
    duckdb_close(&database);
    return IoError("engine: cannot connect");
  }
  std::unique_ptr<Engine> engine =
      std::make_unique<DuckDbEngine>(database, connection, std::move(spilled));
  // Times with a zone become text in UTC, whatever the machine's zone.
  MILLRACE_RETURN_IF_ERROR(engine->Execute("SET TimeZone = 'UTC'"));
  return engine;
}

Result<table::Table> Query(Engine& engine, std::string_view sql) {
  std::unique_ptr<table::Table> rows;
  // The schema is known only from the first batch; an empty result has no columns.
  MILLRACE_RETURN_IF_ERROR(engine.Stream(sql, [&rows](const table::Table& batch) -> Status {
    if (rows == nullptr) rows = std::make_unique<table::Table>(batch.shared_schema());
    rows->AppendRows(batch);
    return {};
  }));
  if (rows == nullptr) return table::Table(std::make_shared<const table::Schema>());
  return std::move(*rows);
}

std::string QuoteIdentifier(std::string_view name) {
  return "\"" + ReplaceAll(name, "\"", "\"\"") + "\"";
}

std::string QuoteLiteral(std::string_view text) { return "'" + ReplaceAll(text, "'", "''") + "'"; }

std::string QuotedList(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) {
    list += list.empty() ? "" : ", ";
    list += QuoteIdentifier(name);
  }
  return list;
}

}  // namespace millrace::engine
