#pragma once
// Limits how many bytes of a client OpenSSL reads. Within one call it continues to read while records contain no data
// (KeyUpdate, refused renegotiations, fragments of a handshake), and it allocates memory for a ClientHello of up to 128
// KiB as soon as its first bytes have arrived. So one call is limited to a few reads of the socket, and the handshake
// of an unauthenticated client to a few kilobytes. Owner: one socket.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "stream/socket_bio.hpp"

namespace nx::transport {

class TlsIntake final : public stream::ReadGate {
 public:
  /// A ClientHello with post-quantum keys and tickets has 2 to 4 KiB. The cost of a larger one grows with the square of
  /// its size, because OpenSSL looks up each key share among the groups.
  static constexpr std::size_t kMaxHello = 8U * 1024U;
  /// Enough for two ClientHellos (the server may ask for another key), the client's Finished, and the framing of
  /// records.
  static constexpr std::size_t kMaxHandshake = 20U * 1024U;
  static constexpr int kReadsOfACall = 8;  // a whole record takes two reads
  /// Limit of consecutive calls that were cut and brought no data; a correct client needs only a few.
  static constexpr int kMaxBarren = 64;

  /// Called before each call of OpenSSL.
  void begin(bool established);
  /// The call was stopped although more input may be available. No readiness is reported for what OpenSSL already
  /// holds.
  bool was_cut() const { return cut_; }
  /// Called after each call of OpenSSL. Returns false when too many consecutive calls were cut and brought no data.
  bool ended(bool brought_data);

  /// Why a read was refused here; empty when none was.
  const std::string& refusal() const { return refusal_; }

  bool may_read() override;
  bool pass(std::span<const char> bytes) override;

 private:
  bool look_at_hello(std::span<const char> bytes);

  bool established_ = false;
  bool cut_ = false;
  int reads_left_ = 0;
  int barren_ = 0;
  std::size_t handshake_bytes_ = 0;

  // The header of the first record, then the header of the handshake message in it, which may span several records.
  std::array<std::uint8_t, 5> record_{};
  std::size_t record_head_ = 0;  // how many bytes of it have arrived
  std::size_t record_left_ = 0;
  std::array<std::uint8_t, 4> message_{};
  std::size_t message_head_ = 0;

  std::string refusal_;
};

}  // namespace nx::transport
