#include "test_client.hpp"

#include <algorithm>
#include <array>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "crypto/base64.hpp"
#include "json/value.hpp"

namespace nx::gateway {

TestClient::TestClient(std::uint16_t port, Tls tls, int receive_buffer) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int at_once = 1;  // what a test sends in pieces arrives in pieces, all of them soon
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(std::exchange(fd_, -1));
    return;
  }
  if (tls == Tls::off) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  tls_.reset(SSL_new(context_.get()));
  SSL_set_fd(tls_.get(), fd_);
  if (SSL_connect(tls_.get()) != 1) ::close(std::exchange(fd_, -1));
}

TestClient::TestClient(TestClient&& other) noexcept
    : patience(other.patience),
      fd_(std::exchange(other.fd_, -1)),
      context_(std::move(other.context_)),
      tls_(std::move(other.tls_)),
      input_(std::move(other.input_)),
      connected_(std::move(other.connected_)),
      inbound_(std::move(other.inbound_)),
      outbound_(std::move(other.outbound_)),
      sealer_(std::move(other.sealer_)) {}

TestClient::~TestClient() {
  tls_.reset();
  if (fd_ >= 0) ::close(fd_);
}

void TestClient::send_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool TestClient::fill() {
  std::array<char, 65'536> buffer;
  if (!tls_ || SSL_pending(tls_.get()) == 0) {
    pollfd poll_fd{fd_, POLLIN, 0};
    if (::poll(&poll_fd, 1, static_cast<int>(patience.count())) <= 0) return false;
  }
  const long got = tls_ ? SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()))
                        : ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got <= 0) {
    ended_ = true;
    return false;
  }
  input_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::string TestClient::read_raw(std::size_t count) {
  while (input_.size() < count && fill()) {
  }
  std::string out = input_.substr(0, count);
  input_.erase(0, out.size());
  return out;
}

std::string TestClient::read_response() {
  std::size_t end = std::string::npos;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  std::string head = read_raw(end + 4);
  std::string lower = head;
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::size_t length = lower.find("content-length: ");
  return length == std::string::npos ? head : head + read_raw(std::stoul(lower.substr(length + 16)));
}

int TestClient::upgrade(const std::string& more_headers, const std::string& path) {
  send_raw("GET " + path +
           " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + more_headers + "\r\n");
  const std::string response = read_response();
  return response.size() < 12 ? 0 : std::stoi(response.substr(9, 3));
}

std::uint16_t TestClient::Frame::close_code() const {
  if (opcode != 8 || payload.size() < 2) return 0;
  return static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8U |
                                    static_cast<unsigned char>(payload[1]));
}

TestClient::Frame TestClient::read_frame() {
  const auto byte = [this](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(input_[at])); };
  while (input_.size() < 2) {
    if (!fill()) return {};
  }
  std::size_t header = 2;
  std::size_t length = byte(1);
  if (length >= 126) {
    header = length == 126 ? 4 : 10;
    while (input_.size() < header) {
      if (!fill()) return {};
    }
    length = 0;
    for (std::size_t i = 2; i < header; ++i) length = length << 8U | byte(i);
  }
  while (input_.size() < header + length) {
    if (!fill()) return {};
  }
  Frame frame{static_cast<int>(byte(0) & 15U), input_.substr(header, length)};
  input_.erase(0, header + length);
  return frame;
}

void TestClient::send_frame(int opcode, std::string_view payload, bool final) {
  std::string frame(1, static_cast<char>((final ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    const bool wide = payload.size() >= 65'536;
    frame += static_cast<char>(0x80 | (wide ? 127 : 126));
    for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8)
      frame += static_cast<char>(payload.size() >> static_cast<unsigned>(shift));
  }
  constexpr std::array<char, 4> kMask{0x11, 0x22, 0x33, 0x44};
  frame.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  send_raw(frame);
}

bool TestClient::connect(const std::string& token, const std::string& more) {
  if (upgrade() != 101) return false;
  const crypto::KeyPair own = crypto::KeyPair::generate();
  say(R"({"event":"authenticate","data":{"type":"Bearer","token":")" + token + R"(","clientPublicKey":")" +
      own.public_base64() + "\"" + more + "}}");
  connected_ = read_frame().payload;
  const auto frame = json::parse(connected_);
  const json::Value* data = frame ? frame->find("data") : nullptr;
  const json::Value* key = data != nullptr ? data->find("serverPublicKey") : nullptr;
  if (key == nullptr) return false;
  const auto server = crypto::PeerKey::from_base64(key->text());
  const auto salt = crypto::base64_decode(data->find("salt")->text());
  auto keys = own.agree(*server, *salt);
  inbound_ = std::move(keys->server_to_client);
  outbound_ = std::move(keys->client_to_server);
  return true;
}

std::string TestClient::receive() {
  for (;;) {
    const Frame frame = read_frame();
    if (frame.opcode == -1) return "end";
    if (frame.opcode == 9 || frame.opcode == 10) continue;
    if (frame.opcode == 8) return "close " + std::to_string(frame.close_code()) + " " + frame.close_reason();
    const auto parsed = json::parse(frame.payload);
    const json::Value* data = parsed ? parsed->find("data") : nullptr;
    if (data == nullptr || data->find("ct") == nullptr) return "in clear: " + frame.payload;
    return crypto::open_envelope(inbound_, data->find("iv")->text(), data->find("ct")->text())
        .value_or("does not open");
  }
}

std::string TestClient::seal(const std::string& text) {
  if (!sealer_) sealer_.emplace(outbound_);
  std::string out;
  sealer_->append_envelope(out, text, {});
  return out;
}

std::string TestClient::id() const {
  const auto frame = json::parse(connected_);
  return frame->find("data")->find("id")->text();
}

bool TestClient::has_input() const {
  char byte = 0;
  return ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool TestClient::ended() {
  while (fill()) input_.clear();
  return ended_;
}

}  // namespace nx::gateway
