#pragma once
// Connections that we begin: a name's addresses, and a connect that does not wait.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "model/result.hpp"
#include "transport/socket.hpp"

namespace nx::transport {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

/// Addresses of a literal alone; empty for a name. Does not block.
std::vector<Endpoint> literal_endpoints(const std::string& host, std::uint16_t port);

/// Asks the system's resolver: blocks for as long as that takes.
Result<std::vector<Endpoint>> look_up(const std::string& host, std::uint16_t port);

/// Begins; the socket becomes writable when the outcome is known, then ask connect_error(). The error is the system's
/// reason.
Result<Socket> begin_connect(const Endpoint& to);

/// 0 when connected, else errno.
int connect_error(const Socket& socket);

}  // namespace nx::transport
