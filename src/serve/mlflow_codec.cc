// The request forms of MLflow's scoring server (mlflow/pyfunc/scoring_server), which those of
// TensorFlow Serving's and KServe's V1 `:predict` and of SageMaker and Vertex containers are part
// of.

#include "base/format.h"
#include "base/text.h"
#include "serve/request_reader.h"
#include "serve/row_builder.h"

namespace millrace::serve {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr const char* kForms[] = {"dataframe_split", "dataframe_records", "instances", "inputs"};

Status NotAList(std::string_view place) { return InvalidData(Format("{}: not a list", place)); }

// What a column of the request fills; nothing: it is ignored.
struct Target {
  std::optional<size_t> column;
  bool is_key = false;
};

Result<std::vector<Target>> ReadColumnNames(const element& names, const RowBuilder& builder) {
  simdjson::dom::array array;
  if (names.get(array) != simdjson::SUCCESS) return NotAList("dataframe_split.columns");
  std::vector<Target> targets;
  std::vector<bool> seen(builder.num_columns(), false);
  bool any = false;
  for (const element item : array) {
    std::string_view name;
    if (item.get(name) != simdjson::SUCCESS) {
      return InvalidData(Format("dataframe_split.columns[{}]: not a name", targets.size()));
    }
    const Target target{builder.Find(name, targets.size()), builder.IsKey(name)};
    if (target.column && seen[*target.column]) {
      return InvalidData(Format("dataframe_split.columns: {}: given twice", name));
    }
    if (target.column) {
      seen[*target.column] = true;
      any = true;
    }
    targets.push_back(target);
  }
  if (!any) return InvalidData("dataframe_split.columns: none is a column of the model");
  return targets;
}

Status ReadSplit(const element& form, const ReadOptions& options, RowBuilder& builder) {
  element names;
  element data;
  simdjson::dom::array rows;
  if (form.type() != element_type::OBJECT ||
      form.at_key("columns").get(names) != simdjson::SUCCESS ||
      form.at_key("data").get(data) != simdjson::SUCCESS) {
    return InvalidData("dataframe_split: columns and data are needed");
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Target> targets, ReadColumnNames(names, builder));
  if (data.get(rows) != simdjson::SUCCESS) return NotAList("dataframe_split.data");
  MILLRACE_RETURN_IF_ERROR(CheckRowCount("dataframe_split.data", rows.size(), options.max_rows));
  for (const element row : rows) {
    simdjson::dom::array cells;
    const std::string place = Format("dataframe_split.data[{}]", builder.num_rows());
    if (row.get(cells) != simdjson::SUCCESS) return NotAList(place);
    if (cells.size() != targets.size()) {
      return InvalidData(
          Format("{}: {} values for {} columns", place, cells.size(), targets.size()));
    }
    builder.BeginRow();
    size_t index = 0;
    for (const element cell : cells) {
      const Target& target = targets[index++];
      if (target.is_key) builder.SetKey(TextOf(cell));
      if (target.column) builder.Set(*target.column, cell);
    }
    builder.EndRow();
  }
  return {};
}

Status ReadList(const element& form, std::string_view name, const ReadOptions& options,
                RowBuilder& builder) {
  simdjson::dom::array rows;
  if (form.get(rows) != simdjson::SUCCESS) return NotAList(name);
  MILLRACE_RETURN_IF_ERROR(CheckRowCount(name, rows.size(), options.max_rows));
  for (const element row : rows) {
    const bool by_name = row.type() == element_type::OBJECT || name == "dataframe_records";
    MILLRACE_RETURN_IF_ERROR(by_name ? builder.AddObject(row) : builder.AddPositional(row));
  }
  return {};
}

// A flat list, or one of lists with one value each.
Result<std::vector<element>> FlatValues(const element& list, std::string_view place) {
  simdjson::dom::array array;
  if (list.get(array) != simdjson::SUCCESS) return NotAList(place);
  std::vector<element> values;
  for (const element item : array) {
    simdjson::dom::array inner;
    if (item.get(inner) != simdjson::SUCCESS) {
      values.push_back(item);
      continue;
    }
    if (inner.size() != 1) return InvalidData(Format("{}: not one value a row", place));
    values.push_back(inner.at(0).value_unsafe());
  }
  return values;
}

// {"age": [50, 60], "city": ["Bern", "Basel"]}
Status ReadColumns(const element& form, const ReadOptions& options, RowBuilder& builder) {
  simdjson::dom::object object;
  if (form.get(object) != simdjson::SUCCESS) return NotAList("inputs");
  struct Filled {
    Target target;
    std::vector<element> values;
  };
  std::vector<Filled> columns;
  std::vector<bool> seen(builder.num_columns(), false);
  std::optional<size_t> num_rows;
  for (const auto& [name, list] : object) {
    const Target target{builder.Find(name, columns.size()), builder.IsKey(name)};
    if (!target.column && !target.is_key) continue;
    const std::string place = Format("inputs.{}", name);
    if (target.column) {
      if (seen[*target.column]) return InvalidData(Format("{}: given twice", place));
      seen[*target.column] = true;
    }
    MILLRACE_ASSIGN_OR_RETURN(std::vector<element> values, FlatValues(list, place));
    if (num_rows && *num_rows != values.size()) {
      return InvalidData(Format("{}: {} values, others have {}", place, values.size(), *num_rows));
    }
    num_rows = values.size();
    columns.push_back({target, std::move(values)});
  }
  if (!num_rows) return InvalidData("inputs: none is a column of the model");
  MILLRACE_RETURN_IF_ERROR(CheckRowCount("inputs", *num_rows, options.max_rows));
  for (size_t row = 0; row < *num_rows; ++row) {
    builder.BeginRow();
    for (const Filled& column : columns) {
      if (column.target.is_key) builder.SetKey(TextOf(column.values[row]));
      if (column.target.column) builder.Set(*column.target.column, column.values[row]);
    }
    builder.EndRow();
  }
  return {};
}

}  // namespace

Result<InvocationRows> RequestReader::ReadInvocation(std::string_view body,
                                                     const ReadOptions& options,
                                                     table::Table& rows) {
  MILLRACE_ASSIGN_OR_RETURN(const element root, implementation_->Parse(body));
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return InvalidData(
        "body: not an object with dataframe_split, dataframe_records, instances or inputs");
  }
  std::string_view found;
  element form;
  InvocationRows result;
  for (const auto& [name, value] : object) {
    if (name == "params") {
      if (value.type() != element_type::OBJECT) return InvalidData("params: not an object");
      bool wanted = false;
      element probabilities;
      if (value.at_key("probabilities").get(probabilities) == simdjson::SUCCESS &&
          probabilities.get(wanted) != simdjson::SUCCESS) {
        return InvalidData("params.probabilities: not true or false");
      }
      result.probabilities = wanted;
      continue;
    }
    for (const char* known : kForms) {
      if (name != known) continue;
      if (!found.empty()) {
        return InvalidData(Format("body: both {} and {}: exactly one is needed", found, known));
      }
      found = known;
      form = value;
    }
  }
  if (found.empty()) {
    return InvalidData("body: none of dataframe_split, dataframe_records, instances, inputs");
  }
  RowBuilder& builder = implementation_->builder;
  builder.Begin(rows, options, found == "dataframe_split" ? "dataframe_split.data" : found);
  if (found == "dataframe_split") {
    MILLRACE_RETURN_IF_ERROR(ReadSplit(form, options, builder));
  } else if (found == "inputs" && form.type() == element_type::OBJECT) {
    MILLRACE_RETURN_IF_ERROR(ReadColumns(form, options, builder));
  } else {
    MILLRACE_RETURN_IF_ERROR(ReadList(form, found, options, builder));
  }
  MILLRACE_ASSIGN_OR_RETURN(result.texts, builder.Finish());
  return result;
}

}  // namespace millrace::serve
