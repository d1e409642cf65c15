#pragma once
// Reads the PROXY v2 header in front of TLS and HTTP from the socket of a trusted proxy. Owned by one connection; home
// thread only.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "transport/ip_address.hpp"

namespace nx::gateway {

class ProxyHeaderReader {
 public:
  enum class Outcome : std::uint8_t {
    need_more,   // call read() again once the socket is readable
    done,        // the header was read, or the first bytes do not begin one
    invalid,     // the bytes are not a PROXY header of a known form
    incomplete,  // the proxy closed its half within the header
    lost         // the connection is closed or broken
  };
  struct Result {
    Outcome outcome;
    std::optional<transport::IpAddress> source;  // the client that the header names
  };

  /// `socket` is a connected descriptor. Bytes after the header stay in the kernel.
  Result read(int socket);

 private:
  std::size_t peeked_ = 0;  // bytes of an incomplete header
};

}  // namespace nx::gateway
