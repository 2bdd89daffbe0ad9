// The JSON form of documents: each block is an object with its "kind" first.

#include <cmath>
#include <functional>
#include <utility>

#include "base/format.h"
#include "report/document.h"

namespace millrace::report {
namespace {

using json::Json;

Json Optional(const std::optional<double>& value) { return value ? Json(*value) : Json(); }
std::optional<double> NumberOrNothing(const Json& value) {
  return value.is_number() ? std::optional<double>(value.AsNumber()) : std::nullopt;
}
std::vector<double> Numbers(const Json& array) {
  std::vector<double> numbers;
  for (const Json& item : array.AsArray()) numbers.push_back(item.AsNumber());
  return numbers;
}
std::vector<std::string> Texts(const Json& array) {
  std::vector<std::string> texts;
  for (const Json& item : array.AsArray()) texts.push_back(item.AsString());
  return texts;
}
Json Kind(std::string_view kind, const std::string& title) {
  return Json::Of({{"kind", kind}, {"title", title}});
}

Json BlockJson(const Paragraph& block) {
  return Json::Of({{"kind", "paragraph"}, {"text", block.text}});
}
Paragraph ReadParagraph(const Json& d) { return {d["text"].AsString()}; }

Json BlockJson(const Facts& block) {
  Json document = Kind("facts", block.title);
  Json facts = Json::MakeArray();
  for (const Fact& fact : block.facts) {
    facts.Append(Json::Of({{"name", fact.name}, {"value", fact.value}, {"reason", fact.reason}}));
  }
  document.Set("facts", std::move(facts));
  return document;
}
Facts ReadFacts(const Json& d) {
  Facts block{d["title"].AsString(), {}};
  for (const Json& item : d["facts"].AsArray()) {
    block.facts.push_back(
        {item["name"].AsString(), item["value"].AsString(), item["reason"].AsString()});
  }
  return block;
}

Json BlockJson(const DataTable& block) {
  Json document = Kind("table", block.title);
  document.Set("columns", Json::ArrayOf(block.columns));
  Json numeric = Json::MakeArray();
  for (const bool flag : block.numeric) numeric.Append(flag);
  document.Set("numeric", std::move(numeric));
  Json rows = Json::MakeArray();
  for (const auto& row : block.rows) rows.Append(Json::ArrayOf(row));
  document.Set("rows", std::move(rows));
  document.Set("folded", block.folded);
  return document;
}
DataTable ReadTable(const Json& d) {
  DataTable block;
  block.title = d["title"].AsString();
  block.columns = Texts(d["columns"]);
  for (const Json& flag : d["numeric"].AsArray()) block.numeric.push_back(flag.AsBool());
  block.numeric.resize(block.columns.size());
  for (const Json& row : d["rows"].AsArray()) {
    block.rows.push_back(Texts(row));
    block.rows.back().resize(block.columns.size());
  }
  block.folded = d["folded"].AsBool();
  return block;
}

Json BlockJson(const DotChart& block) {
  Json document = Kind("dots", block.title);
  document.Set("axis", block.axis);
  Json items = Json::MakeArray();
  for (const DotItem& item : block.items) {
    items.Append(Json::Of({{"label", item.label},
                           {"value", item.value},
                           {"low", Optional(item.low)},
                           {"high", Optional(item.high)},
                           {"note", item.note},
                           {"emphasised", item.emphasised}}));
  }
  document.Set("items", std::move(items));
  document.Set("reference", Optional(block.reference));
  document.Set("reference_label", block.reference_label);
  return document;
}
DotChart ReadDots(const Json& d) {
  DotChart block;
  block.title = d["title"].AsString();
  block.axis = d["axis"].AsString();
  for (const Json& item : d["items"].AsArray()) {
    block.items.push_back({item["label"].AsString(), item["value"].AsNumber(),
                           NumberOrNothing(item["low"]), NumberOrNothing(item["high"]),
                           item["note"].AsString(), item["emphasised"].AsBool()});
  }
  block.reference = NumberOrNothing(d["reference"]);
  block.reference_label = d["reference_label"].AsString();
  return block;
}

Json BlockJson(const BarChart& block) {
  Json document = Kind("bars", block.title);
  document.Set("axis", block.axis);
  Json items = Json::MakeArray();
  for (const BarItem& item : block.items) {
    items.Append(Json::Of({{"label", item.label}, {"value", item.value}, {"note", item.note}}));
  }
  document.Set("items", std::move(items));
  return document;
}
BarChart ReadBars(const Json& d) {
  BarChart block{d["title"].AsString(), d["axis"].AsString(), {}};
  for (const Json& item : d["items"].AsArray()) {
    block.items.push_back(
        {item["label"].AsString(), item["value"].AsNumber(), item["note"].AsString()});
  }
  return block;
}

Json BlockJson(const Histogram& block) {
  Json document = Kind("histogram", block.title);
  document.Set("axis", block.axis);
  document.Set("edges", Json::ArrayOf(block.edges));
  document.Set("counts", Json::ArrayOf(block.counts));
  document.Set("reference_counts", Json::ArrayOf(block.reference_counts));
  document.Set("counts_label", block.counts_label);
  document.Set("reference_label", block.reference_label);
  document.Set("note", block.note);
  return document;
}
Histogram ReadHistogram(const Json& d) {
  Histogram block;
  block.title = d["title"].AsString();
  block.axis = d["axis"].AsString();
  block.edges = Numbers(d["edges"]);
  block.counts = Numbers(d["counts"]);
  block.reference_counts = Numbers(d["reference_counts"]);
  block.counts_label = d["counts_label"].AsString();
  block.reference_label = d["reference_label"].AsString();
  block.note = d["note"].AsString();
  return block;
}

Json BlockJson(const Multiples& block) {
  Json document = Kind("multiples", block.title);
  Json charts = Json::MakeArray();
  for (const auto& chart : block.charts) {
    charts.Append(std::visit([](const auto& item) { return BlockJson(item); }, chart));
  }
  document.Set("charts", std::move(charts));
  return document;
}
Multiples ReadMultiples(const Json& d) {
  Multiples block{d["title"].AsString(), {}};
  for (const Json& chart : d["charts"].AsArray()) {
    if (chart["kind"].AsString() == "bars") {
      block.charts.emplace_back(ReadBars(chart));
    } else {
      block.charts.emplace_back(ReadHistogram(chart));
    }
  }
  return block;
}

Json BlockJson(const LineChart& block) {
  Json document = Kind("lines", block.title);
  document.Set("x_axis", block.x_axis);
  document.Set("y_axis", block.y_axis);
  Json lines = Json::MakeArray();
  for (const Line& line : block.lines) {
    Json points = Json::MakeArray();
    for (const auto& [x, y] : line.points) points.Append(Json(json::Array{x, y}));
    lines.Append(Json::Of(
        {{"label", line.label}, {"emphasised", line.emphasised}, {"points", std::move(points)}}));
  }
  document.Set("lines", std::move(lines));
  document.Set("diagonal", block.diagonal);
  if (block.marked) {
    document.Set("marked", Json(json::Array{block.marked->first, block.marked->second}));
  }
  document.Set("marked_label", block.marked_label);
  document.Set("x_min", Optional(block.x_min));
  document.Set("x_max", Optional(block.x_max));
  document.Set("y_min", Optional(block.y_min));
  document.Set("y_max", Optional(block.y_max));
  return document;
}
LineChart ReadLines(const Json& d) {
  LineChart block;
  block.title = d["title"].AsString();
  block.x_axis = d["x_axis"].AsString();
  block.y_axis = d["y_axis"].AsString();
  for (const Json& item : d["lines"].AsArray()) {
    Line line{item["label"].AsString(), {}, item["emphasised"].AsBool()};
    for (const Json& point : item["points"].AsArray()) {
      line.points.emplace_back(point[size_t{0}].AsNumber(), point[size_t{1}].AsNumber());
    }
    block.lines.push_back(std::move(line));
  }
  block.diagonal = d["diagonal"].AsBool();
  if (d["marked"].size() == 2) {
    block.marked = {d["marked"][size_t{0}].AsNumber(), d["marked"][size_t{1}].AsNumber()};
  }
  block.marked_label = d["marked_label"].AsString();
  block.x_min = NumberOrNothing(d["x_min"]);
  block.x_max = NumberOrNothing(d["x_max"]);
  block.y_min = NumberOrNothing(d["y_min"]);
  block.y_max = NumberOrNothing(d["y_max"]);
  return block;
}

Json BlockJson(const ConfusionMatrix& block) {
  Json document = Kind("confusion", block.title);
  document.Set("labels", Json::ArrayOf(block.labels));
  Json counts = Json::MakeArray();
  for (const auto& row : block.counts) counts.Append(Json::ArrayOf(row));
  document.Set("counts", std::move(counts));
  return document;
}
ConfusionMatrix ReadConfusion(const Json& d) {
  ConfusionMatrix block{d["title"].AsString(), Texts(d["labels"]), {}};
  for (const Json& row : d["counts"].AsArray()) {
    block.counts.push_back(Numbers(row));
    block.counts.back().resize(block.labels.size());
  }
  block.counts.resize(block.labels.size(), std::vector<double>(block.labels.size()));
  return block;
}

Json BlockJson(const Preformatted& block) {
  Json document = Kind("preformatted", block.title);
  document.Set("text", block.text);
  return document;
}
Preformatted ReadPreformatted(const Json& d) {
  return {d["title"].AsString(), d["text"].AsString()};
}

Json BlockJson(const HeatMap& block) {
  Json document = Kind("heat", block.title);
  document.Set("axis", block.axis);
  document.Set("rows", Json::ArrayOf(block.row_labels));
  document.Set("columns", Json::ArrayOf(block.column_labels));
  Json values = Json::MakeArray();
  for (const auto& row : block.values) {
    Json cells = Json::MakeArray();
    for (const double value : row) cells.Append(std::isfinite(value) ? Json(value) : Json());
    values.Append(std::move(cells));
  }
  document.Set("values", std::move(values));
  document.Set("low", block.low);
  document.Set("high", block.high);
  return document;
}
HeatMap ReadHeatMap(const Json& d) {
  HeatMap block;
  block.title = d["title"].AsString();
  block.axis = d["axis"].AsString();
  block.row_labels = Texts(d["rows"]);
  block.column_labels = Texts(d["columns"]);
  for (const Json& row : d["values"].AsArray()) {
    block.values.emplace_back();
    for (const Json& cell : row.AsArray()) {
      block.values.back().push_back(cell.is_number() ? cell.AsNumber() : std::nan(""));
    }
    block.values.back().resize(block.column_labels.size(), std::nan(""));
  }
  block.values.resize(block.row_labels.size(),
                      std::vector<double>(block.column_labels.size(), std::nan("")));
  block.low = d["low"].AsNumber();
  block.high = d["high"].AsNumber();
  return block;
}

constexpr std::string_view kColumnNames[] = {"left", "right", "both"};

Json BlockJson(const Diagram& block) {
  Json document = Kind("diagram", block.title);
  Json boxes = Json::MakeArray();
  for (const DiagramBox& box : block.boxes) {
    boxes.Append(Json::Of({{"title", box.title},
                           {"lines", Json::ArrayOf(box.lines)},
                           {"line", box.line},
                           {"column", kColumnNames[static_cast<size_t>(box.column)]}}));
  }
  document.Set("boxes", std::move(boxes));
  Json arrows = Json::MakeArray();
  for (const DiagramArrow& arrow : block.arrows) {
    arrows.Append(Json::Of({{"from", static_cast<int64_t>(arrow.from)},
                            {"to", static_cast<int64_t>(arrow.to)},
                            {"label", arrow.label}}));
  }
  document.Set("arrows", std::move(arrows));
  document.Set("text", block.text);
  return document;
}
Diagram ReadDiagram(const Json& d) {
  Diagram block;
  block.title = d["title"].AsString();
  for (const Json& item : d["boxes"].AsArray()) {
    DiagramBox box{item["title"].AsString(), Texts(item["lines"]),
                   static_cast<int>(item["line"].AsInteger()), DiagramColumn::kBoth};
    const std::string& column = item["column"].AsString();
    if (column == "left") box.column = DiagramColumn::kLeft;
    if (column == "right") box.column = DiagramColumn::kRight;
    block.boxes.push_back(std::move(box));
  }
  for (const Json& item : d["arrows"].AsArray()) {
    const int64_t from = item["from"].AsInteger();
    const int64_t to = item["to"].AsInteger();
    const auto count = static_cast<int64_t>(block.boxes.size());
    if (from < 0 || to < 0 || from >= count || to >= count) continue;
    block.arrows.push_back(
        {static_cast<size_t>(from), static_cast<size_t>(to), item["label"].AsString()});
  }
  block.text = d["text"].AsString();
  return block;
}

Result<Block> BlockFromJson(const Json& d) {
  const std::string& kind = d["kind"].AsString();
  if (kind == "paragraph") return Block(ReadParagraph(d));
  if (kind == "facts") return Block(ReadFacts(d));
  if (kind == "table") return Block(ReadTable(d));
  if (kind == "dots") return Block(ReadDots(d));
  if (kind == "bars") return Block(ReadBars(d));
  if (kind == "histogram") return Block(ReadHistogram(d));
  if (kind == "multiples") return Block(ReadMultiples(d));
  if (kind == "lines") return Block(ReadLines(d));
  if (kind == "confusion") return Block(ReadConfusion(d));
  if (kind == "preformatted") return Block(ReadPreformatted(d));
  if (kind == "heat") return Block(ReadHeatMap(d));
  if (kind == "diagram") return Block(ReadDiagram(d));
  return Corrupt(Format("report section: unknown kind of block: \"{}\"", kind));
}

}  // namespace

Json ToJson(const Section& section) {
  Json blocks = Json::MakeArray();
  for (const Block& block : section.blocks) {
    blocks.Append(std::visit([](const auto& item) { return BlockJson(item); }, block));
  }
  return Json::Of({{"phase", section.phase},
                   {"title", section.title},
                   {"seconds", section.seconds},
                   {"checkpoint", ToJson(section.checkpoint)},
                   {"blocks", std::move(blocks)}});
}

Result<Section> SectionFromJson(const Json& document) {
  Section section;
  MILLRACE_ASSIGN_OR_RETURN(const int64_t phase,
                            document.RequireInteger("report section", "phase"));
  section.phase = static_cast<int>(phase);
  section.title = document["title"].AsString();
  section.seconds = document["seconds"].AsNumber();
  MILLRACE_ASSIGN_OR_RETURN(section.checkpoint, CheckpointFromJson(document["checkpoint"]));
  for (const Json& item : document["blocks"].AsArray()) {
    MILLRACE_ASSIGN_OR_RETURN(Block block, BlockFromJson(item));
    section.blocks.push_back(std::move(block));
  }
  return section;
}

Json ToJson(const Document& document) {
  Json criteria = Json::MakeArray();
  for (const Criterion& criterion : document.criteria) criteria.Append(ToJson(criterion));
  Json sections = Json::MakeArray();
  for (const Section& section : document.sections) sections.Append(ToJson(section));
  return Json::Of({{"run", document.run_id},
                   {"project", document.project},
                   {"question", document.question},
                   {"answer", document.answer},
                   {"program", document.program},
                   {"created", document.created},
                   {"criteria", std::move(criteria)},
                   {"sections", std::move(sections)}});
}

Result<Document> DocumentFromJson(const Json& json_document) {
  Document document;
  MILLRACE_ASSIGN_OR_RETURN(document.run_id, json_document.RequireString("report", "run"));
  document.project = json_document["project"].AsString();
  document.question = json_document["question"].AsString();
  document.answer = json_document["answer"].AsString();
  document.program = json_document["program"].AsString();
  document.created = json_document["created"].AsString();
  for (const Json& item : json_document["criteria"].AsArray()) {
    MILLRACE_ASSIGN_OR_RETURN(Criterion criterion, CriterionFromJson(item));
    document.criteria.push_back(std::move(criterion));
  }
  for (const Json& item : json_document["sections"].AsArray()) {
    MILLRACE_ASSIGN_OR_RETURN(Section section, SectionFromJson(item));
    document.sections.push_back(std::move(section));
  }
  return document;
}

}  // namespace millrace::report
