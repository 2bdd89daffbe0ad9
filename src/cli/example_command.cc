#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "design/example_churn.h"

namespace millrace::cli {

Status RunExample(CommandContext& context) {
  design::ChurnExampleOptions options;
  MILLRACE_ASSIGN_OR_RETURN(const auto seed,
                            context.arguments.Integer("--seed", 0, int64_t{1} << 53));
  MILLRACE_ASSIGN_OR_RETURN(const auto customers,
                            context.arguments.Integer("--customers", 50, 10'000'000));
  if (seed) options.seed = static_cast<uint64_t>(*seed);
  if (customers) options.customers_per_month = *customers;
  const std::string folder = context.Resolve(context.arguments.Text("DIR"));
  MILLRACE_ASSIGN_OR_RETURN(const design::ChurnExample example,
                            design::WriteChurnExample(folder, options));
  context.output.Text(
      Format("{} files in {}, all synthetic (seed {}): customers.csv holds {} rows, truth.json "
             "says what is planted where\n"
             "Next: cd {} && millrace new \"predict which customers will churn\" --data "
             "customers.csv && millrace run\n",
             example.files.size(), folder, options.seed, FormatCount(example.num_rows), folder));
  context.output.Document(json::Json::Of({{"folder", folder},
                                          {"files", json::Json::ArrayOf(example.files)},
                                          {"rows", example.num_rows},
                                          {"seed", static_cast<int64_t>(options.seed)},
                                          {"synthetic", true}}));
  return {};
}

}  // namespace millrace::cli
