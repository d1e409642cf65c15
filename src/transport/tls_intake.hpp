#pragma once
// What OpenSSL may take of a client's bytes. It reads on within one call for as long as there are records without data
// (KeyUpdate, refused renegotiations, fragments of a handshake), and makes room for a ClientHello of 128 KiB whose
// first bytes have come. So one call gets a few reads of the socket, and a stranger's handshake a few kilobytes. Owner:
// one socket.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "stream/socket_bio.hpp"

namespace nx::transport {

class TlsIntake final : public stream::ReadGate {
 public:
  /// Those with post-quantum keys and tickets are 2 to 4 KiB. What a larger one costs grows with its square: OpenSSL
  /// looks each key share up among the groups.
  static constexpr std::size_t kMaxHello = 8U * 1024U;
  /// Two of them (the server may ask for another key), the client's Finished, and the frames of records.
  static constexpr std::size_t kMaxHandshake = 20U * 1024U;
  static constexpr int kReadsOfACall = 8;  // a whole record takes two
  /// Calls in a row that were cut and brought no data: nobody needs more than a few.
  static constexpr int kMaxBarren = 64;

  /// A call of OpenSSL begins.
  void begin(bool established);
  /// The call was told to come again though more may be there: no readiness announces what OpenSSL has.
  bool was_cut() const { return cut_; }
  /// How the call ended. False: too many in a row were cut and brought nothing.
  bool ended(bool brought_data);

  /// Why reading has failed here; empty when it did not.
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

  // The head of the first record, then the head of the handshake message in it, which may go over several records.
  std::array<std::uint8_t, 5> record_{};
  std::size_t record_head_ = 0;  // how much of it has come
  std::size_t record_left_ = 0;
  std::array<std::uint8_t, 4> message_{};
  std::size_t message_head_ = 0;

  std::string refusal_;
};

}  // namespace nx::transport
