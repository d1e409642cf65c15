#include "transport/tls_intake.hpp"

#include <fmt/core.h>

namespace nx::transport {

void TlsIntake::begin(bool established) {
  established_ = established;
  cut_ = false;
  reads_left_ = kReadsOfACall;
}

bool TlsIntake::ended(bool brought_data) {
  if (brought_data || !established_) {
    barren_ = 0;
  } else if (cut_ && ++barren_ > kMaxBarren) {
    refusal_ = "too many TLS records without data";
    return false;
  }
  return true;
}

bool TlsIntake::may_read() {
  cut_ = reads_left_ == 0;
  if (cut_) return false;
  --reads_left_;
  return true;
}

bool TlsIntake::pass(std::span<const char> bytes) {
  if (established_) return true;
  handshake_bytes_ += bytes.size();
  if (handshake_bytes_ > kMaxHandshake) {
    refusal_ = fmt::format("TLS handshake of more than {} bytes", kMaxHandshake);
    return false;
  }
  return message_head_ == message_.size() || look_at_hello(bytes);
}

bool TlsIntake::look_at_hello(std::span<const char> bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (record_left_ == 0) {
      record_[record_head_++] = byte;
      if (record_head_ < record_.size()) continue;
      record_head_ = 0;
      record_left_ = std::size_t{record_[3]} << 8U | record_[4];
      continue;
    }
    --record_left_;
    message_[message_head_++] = byte;
    if (message_head_ == message_.size()) break;
  }
  if (message_head_ < message_.size()) return true;
  const std::size_t announced =
      std::size_t{message_[1]} << 16U | std::size_t{message_[2]} << 8U | std::size_t{message_[3]};
  if (announced <= kMaxHello) return true;
  // Only a ClientHello is checked here: the length fields of bytes that are not TLS mean nothing, and OpenSSL reports
  // those better.
  constexpr std::uint8_t kHandshakeRecord = 22, kClientHello = 1;
  if (record_[0] != kHandshakeRecord || message_[0] != kClientHello) return true;
  refusal_ = fmt::format("ClientHello of {} bytes, the limit is {}", announced, kMaxHello);
  return false;
}

}  // namespace nx::transport
