// Task: what kind of answer a model gives. Stored by name in specifications, bundles and reports.

#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace millrace::table {

/// The kinds of problem. Do not rename: names are part of file formats.
enum class Task {
  kBinary,      // one of two classes
  kMulticlass,  // one of three or more classes
  kRegression,  // a number
  kForecast,    // a number at future times
  kText,        // a class of a free text
  kImage,       // a class of an image
  kRanking,     // an order of items within a group
};

/// Returns the name as written in millrace.yaml: "binary", "multiclass", "regression", "forecast",
/// "text", "image", "ranking".
std::string_view TaskName(Task task);
/// Returns the task of a name (exact), or nothing.
std::optional<Task> TaskFromName(std::string_view name);
/// Returns every task, in the order of the enumeration.
std::span<const Task> AllTasks();

}  // namespace millrace::table
