// EventLoop: one thread's sockets. Takes connections from a listening socket that several loops
// share, moves bytes between sockets and Connection, and ends clients that are too slow.
//
// Run, on its thread, until Stop; Stop and Drain from any thread.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "serve/connection.h"

namespace millrace::serve {

/// What the loops of a server share.
struct LoopShared {
  const Service& service;
  Limits limits;
  int listener = -1;
  std::atomic<bool> draining{false};
  std::atomic<bool> stopped{false};
  std::atomic<int64_t> num_connections{0};
};

/// A file descriptor that is closed with this object.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : value_(other.value_) { other.value_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return value_; }

 private:
  int value_;
};

class EventLoop {
  struct Parts {
    Worker worker;
    Descriptor poll;
    Descriptor wake;
  };

 public:
  /// `shared` is borrowed. kIoError when the system has no more descriptors.
  static Result<std::unique_ptr<EventLoop>> Make(LoopShared& shared, const Clock& clock);
  /// For Make only: nobody else can name the type.
  EventLoop(LoopShared& shared, const Clock& clock, Parts parts);
  ~EventLoop();

  /// Serves until `shared.stopped`.
  void Run();
  /// Makes the loop look at `shared.draining` and `shared.stopped` now.
  void Wake();

 private:
  struct Client;

  void Watch(int descriptor, uint32_t events, int operation);
  void Accept();
  void Handle(Client& client, uint32_t events);
  void Read(Client& client);
  void Serve(Client& client, std::string_view bytes);
  // Sends what waits; false when the client is gone.
  bool Flush(Client& client);
  void Linger(Client& client);
  void Close(Client& client);
  void CheckDeadlines();
  void LookAtState();

  LoopShared& shared_;
  const Clock& clock_;
  Parts parts_;
  std::unordered_map<int, std::unique_ptr<Client>> clients_;
  double accept_again_ = 0.0;  // 0: accepting; else when to try again after "too many files"
  double checked_ = 0.0;       // when deadlines were looked at
  bool ending_ = false;
};

}  // namespace millrace::serve
