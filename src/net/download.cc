#include "net/download.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "net/http_client.h"
#include "net/url.h"

namespace millrace::net {
namespace {

/// What a server said of a file: enough to ask whether it has changed.
struct Validators {
  std::string etag;
  std::string last_modified;

  bool any() const { return !etag.empty() || !last_modified.empty(); }
  /// For If-Range: a weak tag may stand for other bytes (RFC 9110, section 13.1.5).
  std::string Strong() const {
    if (!etag.empty()) return etag.starts_with("W/") ? "" : etag;
    return last_modified;
  }
};

std::string WriteValidators(const Validators& validators) {
  return json::Write(json::Json::Of(
             {{"etag", validators.etag}, {"last_modified", validators.last_modified}})) +
         "\n";
}

// A note that is gone or damaged is none: the file is fetched anew.
Validators ReadValidators(const std::string& path) {
  const Result<std::string> text = ReadFile(path);
  if (!text.ok()) return {};
  const auto document = json::Parse(*text, path);
  if (!document.ok()) return {};
  return {(*document)["etag"].AsString(), (*document)["last_modified"].AsString()};
}

std::string DecodePercent(std::string_view text) {
  std::string decoded;
  const auto digit = [](char c) {
    const size_t value = std::string_view("0123456789abcdef")
                             .find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    return value == std::string_view::npos ? -1 : static_cast<int>(value);
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (!escape) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return decoded;
}

// Without user, password and query, which may be secrets.
std::string Shown(const Url& url) {
  return url.Origin() + url.target.substr(0, url.target.find('?'));
}

class Transfer {
 public:
  Transfer(Url url, const DownloadOptions& options, const std::string& folder)
      : url_(std::move(url)),
        options_(options),
        content_(JoinPath(folder, "content")),
        content_note_(JoinPath(folder, "content.json")),
        part_(JoinPath(folder, "part")),
        part_note_(JoinPath(folder, "part.json")) {}

  Result<std::string> Run() {
    Status last;
    for (int attempt = 0; attempt < options_.max_attempts; ++attempt) {
      const Status tried = Attempt();
      if (tried.ok()) return content_;
      last = tried;
      // Only a transfer that had begun is worth another try at once.
      if (tried.code() != Code::kUnavailable || !receiving_) break;
    }
    return last;
  }

 private:
  Status Attempt() {
    Url url = url_;
    for (int hop = 0; hop <= options_.max_redirects; ++hop) {
      location_.clear();
      receiving_ = false;
      HttpClient client(url, options_.timeout_seconds);
      const Status status = client.Stream(
          url.target, RequestHeaders(url),
          [&](const HttpHead& head) { return TakeHead(head, url); },
          [this](std::string_view piece) { return TakePiece(piece); });
      if (done_) return {};
      if (!location_.empty()) {
        MILLRACE_ASSIGN_OR_RETURN(url, FollowRedirect(url, location_));
        continue;
      }
      if (restart_) {
        restart_ = false;
        MILLRACE_RETURN_IF_ERROR(DropPart());
        continue;
      }
      MILLRACE_RETURN_IF_ERROR(status);
      return Keep();
    }
    return Unavailable(Format("{}: more than {} redirects", Shown(url_), options_.max_redirects));
  }

  HttpClient::Headers RequestHeaders(const Url& url) {
    HttpClient::Headers headers = {{"accept-encoding", "identity, gzip"}};
    if (!url.user_info.empty()) {
      headers.emplace_back("authorization", "Basic " + Base64(DecodePercent(url.user_info)));
    }
    const auto part_bytes = FileSize(part_);
    const std::string same = ReadValidators(part_note_).Strong();
    resumed_ = part_bytes.ok() && *part_bytes > 0 && !same.empty();
    received_ = resumed_ ? *part_bytes : 0;
    if (resumed_) {
      headers.emplace_back("range", Format("bytes={}-", received_));
      headers.emplace_back("if-range", same);
      return headers;
    }
    if (!FileExists(content_)) return headers;
    const Validators kept = ReadValidators(content_note_);
    if (!kept.etag.empty()) headers.emplace_back("if-none-match", kept.etag);
    if (!kept.last_modified.empty()) {
      headers.emplace_back("if-modified-since", kept.last_modified);
    }
    return headers;
  }

  Status TakeHead(const HttpHead& head, const Url& url) {
    const std::string shown = Shown(url);
    switch (head.status) {
      case 200:
        return BeginBody(head, 0, shown);
      case 206:
        return BeginBody(head, received_, shown);
      case 304:
        done_ = true;
        return Cancelled("nothing to read");
      case 416:
        restart_ = true;
        return Cancelled("nothing to read");
      case 301:
      case 302:
      case 303:
      case 307:
      case 308:
        location_ = head.Field("location");
        if (location_.empty()) {
          return Unavailable(Format("{}: a redirect that leads nowhere", shown));
        }
        return Cancelled("elsewhere");
      case 404:
      case 410:
        return NotFound(Format("{}: the server has no such file ({})", shown, head.status));
      case 401:
      case 403:
        return Unavailable(Format("{}: the server does not let us in ({})", shown, head.status))
            .WithHint("https://user:${PASSWORD}@host/... takes the password from a variable");
      default:
        return Unavailable(Format("{}: the server answered {}", shown, head.status));
    }
  }

  Status BeginBody(const HttpHead& head, int64_t from, const std::string& shown) {
    if (from > 0 && !head.Field("content-range").starts_with(Format("bytes {}-", from))) {
      restart_ = true;
      return Cancelled("another part than asked for");
    }
    const int64_t total = from + head.length.value_or(0);
    if (total > options_.max_bytes) {
      return ResourceExhausted(Format("{}: larger than {}: {}", shown,
                                      FormatBytes(options_.max_bytes), FormatBytes(total)));
    }
    shown_ = shown;
    received_ = from;
    receiving_ = true;
    validators_ = {std::string(head.Field("etag")), std::string(head.Field("last-modified"))};
    if (from > 0) return {};
    MILLRACE_RETURN_IF_ERROR(WriteFile(part_, ""));
    return WriteFile(part_note_, WriteValidators(validators_));
  }

  Status TakePiece(std::string_view piece) {
    received_ += static_cast<int64_t>(piece.size());
    if (received_ > options_.max_bytes) {
      return ResourceExhausted(
          Format("{}: larger than {}", shown_, FormatBytes(options_.max_bytes)));
    }
    return AppendFile(part_, piece);
  }

  // The note goes first: a content without its note would be asked for as if it were current.
  Status Keep() {
    MILLRACE_RETURN_IF_ERROR(SyncFile(part_));
    MILLRACE_RETURN_IF_ERROR(RemoveAll(content_note_));
    MILLRACE_RETURN_IF_ERROR(RenameFile(part_, content_));
    if (validators_.any()) MILLRACE_RETURN_IF_ERROR(RenameFile(part_note_, content_note_));
    return RemoveAll(part_note_);
  }

  Status DropPart() {
    MILLRACE_RETURN_IF_ERROR(RemoveAll(part_));
    return RemoveAll(part_note_);
  }

  const Url url_;
  const DownloadOptions& options_;
  const std::string content_;
  const std::string content_note_;
  const std::string part_;
  const std::string part_note_;
  Validators validators_;
  std::string location_;
  std::string shown_;
  int64_t received_ = 0;
  bool resumed_ = false;
  bool receiving_ = false;
  bool restart_ = false;
  bool done_ = false;
};

}  // namespace

Result<std::string> Download(std::string_view url, const DownloadOptions& options) {
  MILLRACE_ASSIGN_OR_RETURN(Url parsed, ParseUrl(url));
  const std::string folder = JoinPath(options.folder, DigestOf(url).Short(24));
  MILLRACE_RETURN_IF_ERROR(MakeFolders(folder));
  MILLRACE_ASSIGN_OR_RETURN(const FileLock lock,
                            FileLock::Wait(JoinPath(folder, "lock"), LockKind::kExclusive));
  return Transfer(std::move(parsed), options, folder).Run();
}

}  // namespace millrace::net
