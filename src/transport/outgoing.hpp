#pragma once
// Connections that we begin: a name's addresses, and a connect that does not wait.

#include <cstdint>
#include <string>
#include <vector>

#include "model/result.hpp"
#include "stream/socket_address.hpp"
#include "transport/socket.hpp"

namespace nx::transport {

using stream::SocketAddress;

/// Addresses of a literal alone; empty for a name. Does not block.
std::vector<SocketAddress> literal_addresses(const std::string& host, std::uint16_t port);

/// Asks the system's resolver: blocks for as long as that takes.
Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port);

/// Begins; the socket becomes writable when the outcome is known, then ask connect_error(). The error is the system's
/// reason.
Result<Socket> begin_connect(const SocketAddress& to);

/// 0 when connected, else errno.
int connect_error(const Socket& socket);

}  // namespace nx::transport
