#pragma once
// A server that does exactly what a test says, to one client, on a thread of its own. Frames are written and read byte
// by byte here, so that the client is held against RFC 6455 and not against our server.

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "client/client_keys.hpp"

namespace nx::client {

class Peer {
 public:
  Peer(int fd, void* tls) : fd_(fd), tls_(tls) {}

  /// Reads the upgrade and answers 101 with the right Sec-WebSocket-Accept and `more` behind it. Returns the request's
  /// head.
  std::string upgrade(const std::string& more = "");
  std::string read_head();
  bool read_byte();  // false when the client ended the connection

  struct Frame {
    unsigned opcode = 0;
    unsigned first = 0;  // FIN, reserved bits, opcode
    bool masked = false;
    std::string payload;  // unmasked; empty with opcode 0xff when the client ended the connection
  };
  Frame read();
  void write(const std::string& bytes);
  void frame(unsigned first_byte, const std::string& payload);
  void text(const std::string& payload) { frame(0x81, payload); }
  void close(unsigned code, const std::string& reason);
  void reset_at_end();  // the connection ends with RST

  /// Plays the handshake: reads `authenticate`, sends `connected`. Returns the message that came.
  std::string shake_hands();
  void sealed(const std::string& plaintext);

 private:
  bool read_exactly(char* into, std::size_t size);
  int fd_;
  void* tls_;  // SSL*, or null
  std::unique_ptr<FrameKey> key_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;
  explicit ScriptedServer(Script script) : ScriptedServer(std::move(script), nullptr) {}
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }

 protected:
  ScriptedServer(Script script, void* tls_context);  // SSL_CTX*, borrowed
  void join();

 private:
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

/// Speaks TLS with a certificate for `names` that it signed itself; `ca_file()` is that certificate.
class SecureScriptedServer : private std::unique_ptr<struct Certificate>, public ScriptedServer {
 public:
  explicit SecureScriptedServer(Script script, const char* names = "DNS:localhost,IP:127.0.0.1");
  ~SecureScriptedServer();
  const std::string& ca_file() const;
};

}  // namespace nx::client
