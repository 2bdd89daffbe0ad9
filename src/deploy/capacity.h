// Capacity: what one server process with one bundle needs and does, measured on this machine.

#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace millrace::deploy {

struct Capacity {
  int64_t peak_resident_bytes = 0;       // of the server after the load
  double cpu_seconds_per_request = 0.0;  // user and system, one row a request
  double requests_per_second = 0.0;      // of one thread, asked over one connection
  int64_t num_requests = 0;
  double start_seconds = 0.0;  // from start to listening
};

struct CapacityInputs {
  std::string server_program;
  std::string bundle_path;
  std::string folder;  // for the server's files; made where needed
  Clock& clock;
  double seconds = 2.0;  // of load
};

/// Starts a server of one thread on a free loopback port, asks it golden rows one by one for the
/// given time, reads its memory and processor time, stops it. Errors as of StartServer;
/// kUnavailable when it answers none.
Result<Capacity> MeasureCapacity(const CapacityInputs& inputs);

}  // namespace millrace::deploy
