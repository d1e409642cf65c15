#include "scripted_server.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "client/base64.hpp"
#include "json/value.hpp"
#include "patience.hpp"

namespace nx::client {

bool Peer::read_exactly(char* into, std::size_t size) {
  while (size > 0) {
    const auto got =
        tls_ != nullptr ? SSL_read(static_cast<SSL*>(tls_), into, static_cast<int>(size)) : ::recv(fd_, into, size, 0);
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void Peer::write(const std::string& bytes) {
  if (tls_ != nullptr) {
    SSL_write(static_cast<SSL*>(tls_), bytes.data(), static_cast<int>(bytes.size()));
  } else {
    ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
}

std::string Peer::read_head() {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n") && read_exactly(&byte, 1)) head += byte;
  return head;
}

bool Peer::read_byte() {
  char byte = 0;
  return read_exactly(&byte, 1);
}

void Peer::reset_at_end() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::string Peer::upgrade(const std::string& more) {
  std::string head = read_head();
  const std::string name = "Sec-WebSocket-Key: ";
  const std::size_t at = head.find(name);
  if (at == std::string::npos) return head;
  const std::string text =
      head.substr(at + name.size(), head.find("\r\n", at) - at - name.size()) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        to_base64(digest) + "\r\n\r\n" + more);
  return head;
}

Peer::Frame Peer::read() {
  const Frame kEnded{.opcode = 0xff, .payload = {}};
  std::array<unsigned char, 2> head{};
  if (!read_exactly(reinterpret_cast<char*>(head.data()), 2)) return kEnded;
  std::size_t length = head[1] & 0x7fU;
  const std::size_t width = length == 126 ? 2 : length == 127 ? 8 : 0;
  std::array<unsigned char, 8> wide{};
  if (!read_exactly(reinterpret_cast<char*>(wide.data()), width)) return kEnded;
  if (width > 0) length = 0;
  for (std::size_t i = 0; i < width; ++i) length = length << 8U | wide[i];
  const bool masked = (head[1] & 0x80U) != 0;
  std::array<unsigned char, 4> mask{};
  if (masked && !read_exactly(reinterpret_cast<char*>(mask.data()), 4)) return kEnded;
  Frame frame{head[0] & 0x0fU, head[0], masked, std::string(length, '\0')};
  if (!read_exactly(frame.payload.data(), length)) return kEnded;
  for (std::size_t i = 0; i < length; ++i)
    frame.payload[i] = static_cast<char>(static_cast<unsigned char>(frame.payload[i]) ^ mask[i % 4]);
  return frame;
}

void Peer::frame(unsigned first_byte, const std::string& payload) {
  std::string bytes(1, static_cast<char>(first_byte));
  if (payload.size() < 126) {
    bytes += static_cast<char>(payload.size());
  } else {
    const unsigned width = payload.size() <= 0xffff ? 2 : 8;
    bytes += static_cast<char>(width == 2 ? 126 : 127);
    for (unsigned shift = width * 8; shift > 0; shift -= 8)
      bytes += static_cast<char>(payload.size() >> (shift - 8) & 0xffU);
  }
  write(bytes + payload);
}

void Peer::close(unsigned code, const std::string& reason) {
  frame(0x88, std::string{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)} + reason);
}

std::string Peer::shake_hands() {
  upgrade();
  const std::string message = read().payload;
  const auto parsed = json::parse(message);
  const std::string client_key = parsed ? parsed->find("data")->find("clientPublicKey")->text() : "";
  const auto keys = ClientKeys::generate();
  const std::string salt = to_base64(std::vector<std::uint8_t>(32, 9));
  key_ = std::make_unique<FrameKey>(keys->derive(client_key, salt, kServerToClientInfo).value());
  text(R"({"event":"connected","data":{"id":"c1","userId":"u1","time":"2026-01-01T00:00:00.000Z","serverPublicKey":")" +
       keys->public_base64() + R"(","salt":")" + salt + R"("}})");
  return message;
}

void Peer::sealed(const std::string& plaintext) {
  const auto envelope = key_->seal(plaintext);
  text(R"({"event":"encrypted","data":{"iv":")" + envelope->iv_base64 + R"(","ct":")" + envelope->ct_base64 + R"("}})");
}

ScriptedServer::ScriptedServer(Script script, void* tls_context)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 1) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no listener for a test");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, script = std::move(script), tls_context] {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const timeval patience{20L * kPatience, 0};  // a test that hangs fails by this, not by the time-out of the run
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(
        tls_context != nullptr ? SSL_new(static_cast<SSL_CTX*>(tls_context)) : nullptr, SSL_free);
    if (tls) SSL_set_fd(tls.get(), fd);
    if (!tls || SSL_accept(tls.get()) == 1) {
      Peer peer(fd, tls.get());
      script(peer);
    }
    ::close(fd);
  });
}

void ScriptedServer::join() {
  ::shutdown(listener_, SHUT_RDWR);  // wakes an accept that nobody came for
  if (thread_.joinable()) thread_.join();
}

ScriptedServer::~ScriptedServer() {
  join();
  ::close(listener_);
}

struct Certificate {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  std::filesystem::path folder;
  std::string file;

  explicit Certificate(const char* alternative_names) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_set_pubkey(made.get(), key.get());
    const std::array<unsigned char, 10> name{"localhost"};
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, name.data(), -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_names);
    X509_add_ext(made.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(made.get(), key.get(), EVP_sha256());
    SSL_CTX_use_certificate(context.get(), made.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-listen-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for a test");
    folder = pattern;
    file = (folder / "ca.pem").string();
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new_file(file.c_str(), "w"), BIO_free_all);
    PEM_write_bio_X509(out.get(), made.get());
  }
  ~Certificate() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
};

SecureScriptedServer::SecureScriptedServer(Script script, const char* names)
    : std::unique_ptr<Certificate>(std::make_unique<Certificate>(names)),
      ScriptedServer(std::move(script), get()->context.get()) {}
SecureScriptedServer::~SecureScriptedServer() {
  join();
}
const std::string& SecureScriptedServer::ca_file() const {
  return get()->file;
}

}  // namespace nx::client
