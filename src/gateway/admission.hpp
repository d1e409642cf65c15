#pragma once
// Who may upgrade: bounds on WebSocket connections in all, from one address, and on handshakes under way (contract §3).
// One for the process; any thread; a lock per upgrade and per end, none per message.

#include <cstddef>
#include <map>
#include <mutex>

#include "transport/ip_address.hpp"

namespace nx::gateway {

/// Whether an address is held against the limit of one address: a balancer's own is not.
enum class AddressRule { counted, exempt };

class Admission {
 public:
  struct Limits {
    std::size_t connections = 0;  // 0: none, here and below
    std::size_t per_address = 0;
    std::size_t handshakes = 0;
  };
  explicit Admission(Limits limits) : limits_(limits) {}

  enum class Verdict { admitted, full, address_full, too_many_handshakes };
  /// Admitted: counts a connection and a handshake until handshake_ended() and leave().
  Verdict enter(const transport::IpAddress& address, AddressRule rule);
  void handshake_ended();
  void leave(const transport::IpAddress& address, AddressRule rule);

 private:
  const Limits limits_;
  std::mutex mutex_;  // guards all below
  std::size_t connections_ = 0;
  std::size_t handshakes_ = 0;
  std::map<transport::IpAddress, std::size_t> by_address_;
};

/// SIGNAL_WS_MAX_CONNECTIONS by descriptors: what RLIMIT_NOFILE leaves after the program's own files, health probes and
/// REST.
std::size_t connections_by_descriptors();

}  // namespace nx::gateway
