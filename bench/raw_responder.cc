// The physical limit that serving is measured against: a bare epoll loop that answers every HTTP
// request with one fixed text, without reading what the request says.
// Usage: raw_responder PORT_FILE      Ends with SIGTERM.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::bench {
namespace {

// Bytes of the first request in `bytes` with its body; 0 when it is not complete.
size_t RequestSize(std::string_view bytes) {
  const size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLength = "Content-Length: ";
  const size_t at = bytes.substr(0, head).find(kLength);
  size_t length = 0;
  if (at != std::string_view::npos) {
    length = static_cast<size_t>(std::atoll(bytes.data() + at + kLength.size()));
  }
  const size_t size = head + 4 + length;
  return bytes.size() >= size ? size : 0;
}

int Listen() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 1024) != 0) {
    return -1;
  }
  return listener;
}

void Watch(int poll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

// Answers what is complete. Returns false when the peer is gone.
bool Answer(int descriptor, std::string& waiting, std::string_view answer) {
  std::array<char, 65536> buffer;
  const ssize_t got = recv(descriptor, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  waiting.append(buffer.data(), static_cast<size_t>(got));
  std::string out;
  size_t done = 0;
  while (const size_t size = RequestSize(std::string_view(waiting).substr(done))) {
    done += size;
    out += answer;
  }
  waiting.erase(0, done);
  return out.empty() ||
         send(descriptor, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
}

int Main(const std::string& port_file) {
  const std::string body =
      R"({"request_id":"0123456789abcdef-1","model":{"digest":"0123456789abcdef","route":"champion"},)"
      R"("predictions":[{"prediction":"yes","probabilities":{"no":0.25,"yes":0.75}}]})";
  const std::string answer =
      Format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
             body.size(), body);
  const int listener = Listen();
  const int poll = epoll_create1(0);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (listener < 0 || poll < 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    std::perror("raw_responder");
    return 4;
  }
  if (!WriteFileAtomic(port_file, Format("{}\n", ntohs(bound.sin_port))).ok()) return 4;
  Watch(poll, listener);
  std::unordered_map<int, std::string> waiting;
  std::array<epoll_event, 256> events;
  while (true) {
    const int count = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[static_cast<size_t>(i)].data.fd;
      if (descriptor == listener) {
        const int accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (accepted < 0) continue;
        const int on = 1;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        Watch(poll, accepted);
      } else if (!Answer(descriptor, waiting[descriptor], answer)) {
        waiting.erase(descriptor);
        close(descriptor);
      }
    }
  }
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: raw_responder PORT_FILE\n", stderr);
    return 2;
  }
  return millrace::bench::Main(argv[1]);
}
