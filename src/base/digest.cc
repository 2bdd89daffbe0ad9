#include "base/digest.h"

#include <openssl/evp.h>
#include <sys/random.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "base/format.h"

namespace millrace {
namespace {

std::string HexOf(const uint8_t* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Digest::ToHex() const { return HexOf(bytes.data(), bytes.size()); }

std::string Digest::Short(int digits) const {
  return ToHex().substr(0, static_cast<size_t>(digits < 0 ? 0 : digits));
}

Result<Digest> Digest::FromHex(std::string_view hex) {
  Digest digest;
  if (hex.size() != 2 * digest.bytes.size()) {
    return InvalidData(Format("digest: needs 64 hexadecimal digits: \"{}\"", hex.substr(0, 80)));
  }
  for (size_t i = 0; i < digest.bytes.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      return InvalidData(Format("digest: not a hexadecimal digit: \"{}\"", hex.substr(2 * i, 2)));
    }
    digest.bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return digest;
}

struct Sha256::Context {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> evp{EVP_MD_CTX_new()};

  void Start() {
    const bool started = evp && EVP_DigestInit_ex(evp.get(), EVP_sha256(), nullptr) == 1;
    MILLRACE_CHECK(started, "SHA-256 is part of every OpenSSL build");
  }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { context_->Start(); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(std::string_view bytes) {
  EVP_DigestUpdate(context_->evp.get(), bytes.data(), bytes.size());
}

void Sha256::UpdateField(std::string_view bytes) {
  std::array<char, 8> length;
  for (size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<char>((static_cast<uint64_t>(bytes.size()) >> (8 * i)) & 255);
  }
  Update(std::string_view(length.data(), length.size()));
  Update(bytes);
}

Digest Sha256::Finish() {
  Digest digest;
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_->evp.get(), digest.bytes.data(), &size);
  context_->Start();
  return digest;
}

Digest DigestOf(std::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes);
  return sha.Finish();
}

uint64_t Hash64(std::string_view bytes, uint64_t seed) {
  return XXH64(bytes.data(), bytes.size(), seed);
}

uint64_t MixHash(uint64_t a, uint64_t b) {
  // SplitMix64's finaliser over both, asymmetric in a and b.
  uint64_t z = (a ^ 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL;
  z = (z ^ (z >> 32)) + b;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

double UnitFromHash(uint64_t hash) { return static_cast<double>(hash >> 11) * 0x1.0p-53; }

Result<std::string> RandomHex(int64_t num_bytes) {
  std::vector<uint8_t> bytes(static_cast<size_t>(num_bytes < 0 ? 0 : num_bytes));
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return IoError(Format("random numbers: {}", std::strerror(errno)));
    filled += static_cast<size_t>(got);
  }
  return HexOf(bytes.data(), bytes.size());
}

}  // namespace millrace
