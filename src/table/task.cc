#include "table/task.h"

namespace millrace::table {
namespace {

constexpr Task kTasks[] = {Task::kBinary, Task::kMulticlass, Task::kRegression, Task::kForecast,
                           Task::kText,   Task::kImage,      Task::kRanking};

}  // namespace

std::string_view TaskName(Task task) {
  switch (task) {
    case Task::kBinary:
      return "binary";
    case Task::kMulticlass:
      return "multiclass";
    case Task::kRegression:
      return "regression";
    case Task::kForecast:
      return "forecast";
    case Task::kText:
      return "text";
    case Task::kImage:
      return "image";
    case Task::kRanking:
      return "ranking";
  }
  return "binary";
}

std::optional<Task> TaskFromName(std::string_view name) {
  for (const Task task : kTasks) {
    if (TaskName(task) == name) return task;
  }
  return std::nullopt;
}

std::span<const Task> AllTasks() { return kTasks; }

}  // namespace millrace::table
