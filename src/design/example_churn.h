// The example data set: twelve months of synthetic customers of a telecommunications company, with
// known faults planted in it and written down, so that every phase can be tried and checked.
//
// Deterministic: the same seed gives the same bytes on any machine.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace millrace::design {

struct ChurnExampleOptions {
  uint64_t seed = 7;
  int64_t customers_per_month = 700;  // before duplicates; at least 50
};

/// What was written, for the terminal.
struct ChurnExample {
  std::vector<std::string> files;  // names in the folder, in order of writing
  int64_t num_rows = 0;            // of customers.csv
};

/// Writes into `folder` (made when missing): `customers_2024-01.csv` to `-12.csv`, one month each;
/// `customers.csv`, months 1 to 8 together, for training; `truth.json`, what was planted where;
/// `README.md`, which says that the data is synthetic. kInvalidSpec when one of these files is
/// there already (nothing is overwritten) or an option is out of range; kIoError.
Result<ChurnExample> WriteChurnExample(const std::string& folder,
                                       const ChurnExampleOptions& options = {});

}  // namespace millrace::design
