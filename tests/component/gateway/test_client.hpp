#pragma once
// A blocking WebSocket and HTTP client for tests: own framing, real keys, every wait with a deadline.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/ssl.h>

#include "crypto/key_agreement.hpp"
#include "crypto/sealer.hpp"
#include "patience.hpp"

namespace nx::gateway {

class TestClient {
 public:
  enum class Tls { off, on };

  explicit TestClient(std::uint16_t port, Tls tls = Tls::off, int receive_buffer = 0);
  ~TestClient();
  TestClient(TestClient&& other) noexcept;
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool is_connected() const { return fd_ >= 0; }

  void send_raw(std::string_view bytes);
  /// Up to `count` bytes, or what came before the deadline or the end.
  std::string read_raw(std::size_t count);
  /// The response's head and, by Content-Length, its body; empty when the connection ended before.
  std::string read_response();

  /// The upgrade; returns the status line's code.
  int upgrade(const std::string& more_headers = {}, const std::string& path = "/stream");

  struct Frame {
    int opcode = -1;  // -1: the stream ended or the deadline passed
    std::string payload;
    std::uint16_t close_code() const;
    std::string close_reason() const { return payload.size() > 2 ? payload.substr(2) : std::string{}; }
  };
  Frame read_frame();
  void send_frame(int opcode, std::string_view payload, bool final = true);
  void say(std::string_view text) { send_frame(1, text); }

  /// upgrade(), authenticate, `connected`; `more` is appended to the data of authenticate.
  bool connect(const std::string& token, const std::string& more = {});
  /// The next message, opened. `close 4001 reason` for a close frame, `end` when nothing came.
  std::string receive();
  std::string seal(const std::string& text);

  const std::string& connected() const { return connected_; }
  std::string id() const;

  /// Whether bytes are there to be read now.
  bool has_input() const;

  /// True when the peer ends the stream before the deadline.
  bool ended();

  std::chrono::milliseconds patience{kPatience * 5'000};

 private:
  bool fill();

  int fd_ = -1;
  bool ended_ = false;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
  std::string input_;
  std::string connected_;
  crypto::AesKey inbound_, outbound_;
  std::optional<crypto::Sealer> sealer_;
};

}  // namespace nx::gateway
