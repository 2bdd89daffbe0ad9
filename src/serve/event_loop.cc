#include "serve/event_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/format.h"
#include "base/logging.h"

namespace millrace::serve {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr int kMaxAccepts = 64;               // in a row, so that clients are not kept waiting
constexpr double kCheckSeconds = 0.1;         // between looks at deadlines
constexpr double kLingerSeconds = 2.0;        // for the client to read its last answer
constexpr double kAcceptPauseSeconds = 0.05;  // after the system ran out of descriptors

}  // namespace

Descriptor::~Descriptor() {
  if (value_ >= 0) close(value_);
}
Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(value_, other.value_);
  return *this;
}

struct EventLoop::Client {
  enum class State { kServing, kClosing, kLingering };

  Client(Descriptor opened, const Service& service, const Limits& limits)
      : socket(std::move(opened)), connection(service, limits) {}

  Descriptor socket;
  Connection connection;
  State state = State::kServing;
  bool writing = false;  // waits for room to send; nothing is read meanwhile
  bool reading_request = false;
  double deadline = 0.0;
};

EventLoop::EventLoop(LoopShared& shared, const Clock& clock, Parts parts)
    : shared_(shared), clock_(clock), parts_(std::move(parts)) {}
EventLoop::~EventLoop() = default;

Result<std::unique_ptr<EventLoop>> EventLoop::Make(LoopShared& shared, const Clock& clock) {
  MILLRACE_ASSIGN_OR_RETURN(Worker worker, shared.service.MakeWorker());
  Descriptor poll(epoll_create1(EPOLL_CLOEXEC));
  Descriptor wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (poll.get() < 0 || wake.get() < 0) {
    return IoError(Format("server: no event loop: {}", std::strerror(errno)));
  }
  auto loop = std::make_unique<EventLoop>(
      shared, clock, Parts{std::move(worker), std::move(poll), std::move(wake)});
  loop->Watch(loop->parts_.wake.get(), EPOLLIN, EPOLL_CTL_ADD);
  loop->Watch(shared.listener, EPOLLIN | EPOLLEXCLUSIVE, EPOLL_CTL_ADD);
  return loop;
}

void EventLoop::Watch(int descriptor, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  epoll_ctl(parts_.poll.get(), operation, descriptor, &event);
}

void EventLoop::Wake() {
  const uint64_t one = 1;
  // A full counter has woken the loop already.
  [[maybe_unused]] const ssize_t written = write(parts_.wake.get(), &one, sizeof one);
}

void EventLoop::Run() {
  std::array<epoll_event, 256> events;
  while (!shared_.stopped.load()) {
    const int count = epoll_wait(parts_.poll.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(kCheckSeconds * 1e3));
    // New clients come last: their descriptors may be those of clients that end in this round.
    bool accepts = false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      if (event.data.fd == shared_.listener) {
        accepts = true;
      } else if (event.data.fd == parts_.wake.get()) {
        uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t got = read(parts_.wake.get(), &ignored, sizeof ignored);
      } else if (const auto found = clients_.find(event.data.fd); found != clients_.end()) {
        Handle(*found->second, event.events);
      }
    }
    if (accepts) Accept();
    LookAtState();
    CheckDeadlines();
  }
  shared_.num_connections.fetch_sub(static_cast<int64_t>(clients_.size()));
  clients_.clear();
}

void EventLoop::LookAtState() {
  if (ending_ || !shared_.draining.load()) return;
  ending_ = true;
  epoll_ctl(parts_.poll.get(), EPOLL_CTL_DEL, shared_.listener, nullptr);
  std::vector<Client*> idle;
  for (const auto& [descriptor, client] : clients_) {
    if (client->connection.idle() && client->connection.out().empty()) idle.push_back(client.get());
  }
  for (Client* client : idle) Close(*client);
}

void EventLoop::Accept() {
  for (int i = 0; i < kMaxAccepts && !shared_.draining.load(); ++i) {
    Descriptor socket(accept4(shared_.listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        LogWarning(Format("accept: {}", std::strerror(errno)));
        epoll_ctl(parts_.poll.get(), EPOLL_CTL_DEL, shared_.listener, nullptr);
        accept_again_ = clock_.MonotonicSeconds() + kAcceptPauseSeconds;
      }
      return;
    }
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int descriptor = socket.get();
    auto client = std::make_unique<Client>(std::move(socket), shared_.service, shared_.limits);
    client->deadline = clock_.MonotonicSeconds() + shared_.limits.idle_seconds;
    Client& added = *clients_.emplace(descriptor, std::move(client)).first->second;
    Watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
    if (shared_.num_connections.fetch_add(1) >= shared_.limits.max_connections) {
      added.connection.Refuse(503, "unavailable", "connections: too many");
      added.state = Client::State::kClosing;
      if (Flush(added) && added.connection.out().empty()) Linger(added);
    }
  }
}

void EventLoop::Handle(Client& client, uint32_t events) {
  if ((events & EPOLLERR) != 0) return Close(client);
  if (client.writing) {
    if ((events & (EPOLLOUT | EPOLLHUP)) == 0 || !Flush(client)) return;
    if (client.writing) return;
    if (client.state == Client::State::kClosing) return Linger(client);
    // What had to wait behind the long answer.
    if (client.connection.has_more()) Serve(client, {});
    return;
  }
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) Read(client);
}

void EventLoop::Read(Client& client) {
  std::array<char, kReadBytes> buffer;
  const ssize_t got = recv(client.socket.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got <= 0) return Close(client);
  if (client.state == Client::State::kLingering) return;  // read to be forgotten
  Serve(client, {buffer.data(), static_cast<size_t>(got)});
}

void EventLoop::Serve(Client& client, std::string_view bytes) {
  const int64_t answered = client.connection.num_answered();
  do {
    const Connection::Next next = client.connection.Feed(
        bytes, shared_.draining.load() ? Connection::Serving::kEnding : Connection::Serving::kOn,
        parts_.worker);
    bytes = {};
    if (next == Connection::Next::kClose) client.state = Client::State::kClosing;
    if (!Flush(client)) return;
  } while (!client.writing && client.connection.has_more() &&
           client.state == Client::State::kServing);
  if (client.writing) return;
  if (client.state == Client::State::kClosing) return Linger(client);
  if (client.connection.idle()) {
    client.reading_request = false;
    client.deadline = clock_.MonotonicSeconds() + shared_.limits.idle_seconds;
  } else if (!client.reading_request || client.connection.num_answered() != answered) {
    // From the first byte of a request on; further bytes buy no more time.
    client.reading_request = true;
    client.deadline = clock_.MonotonicSeconds() + shared_.limits.request_seconds;
  }
}

bool EventLoop::Flush(Client& client) {
  std::string& out = client.connection.out();
  size_t sent = 0;
  while (sent < out.size()) {
    const ssize_t count =
        send(client.socket.get(), out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count <= 0) {
      Close(client);
      return false;
    }
    sent += static_cast<size_t>(count);
  }
  out.erase(0, sent);
  const bool waits = !out.empty();
  if (waits != client.writing) {
    client.writing = waits;
    client.deadline = clock_.MonotonicSeconds() + shared_.limits.request_seconds;
    Watch(client.socket.get(), waits ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }
  return true;
}

// A connection that is closed while bytes of the client are unread would be reset, and the last
// answer lost on its way.
void EventLoop::Linger(Client& client) {
  client.state = Client::State::kLingering;
  client.deadline = clock_.MonotonicSeconds() + kLingerSeconds;
  shutdown(client.socket.get(), SHUT_WR);
}

void EventLoop::Close(Client& client) {
  shared_.num_connections.fetch_sub(1);
  clients_.erase(client.socket.get());
}

void EventLoop::CheckDeadlines() {
  const double now = clock_.MonotonicSeconds();
  if (now < checked_ + kCheckSeconds) return;
  checked_ = now;
  if (accept_again_ > 0.0 && now >= accept_again_ && !ending_) {
    accept_again_ = 0.0;
    Watch(shared_.listener, EPOLLIN | EPOLLEXCLUSIVE, EPOLL_CTL_ADD);
  }
  std::vector<Client*> late;
  for (const auto& [descriptor, client] : clients_) {
    if (now > client->deadline) late.push_back(client.get());
  }
  for (Client* client : late) {
    if (client->state != Client::State::kServing || client->writing || !client->reading_request) {
      Close(*client);
      continue;
    }
    client->connection.Refuse(408, "timeout", "request: not complete in time");
    client->state = Client::State::kClosing;
    if (Flush(*client) && !client->writing) Linger(*client);
  }
}

}  // namespace millrace::serve
