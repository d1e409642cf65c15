#pragma once
// Outgoing connections: the addresses of a name, and a non-blocking connect.

#include <cstdint>
#include <string>
#include <vector>

#include "model/result.hpp"
#include "stream/socket_address.hpp"
#include "transport/socket.hpp"

namespace nx::transport {

using stream::SocketAddress;

/// The address of a literal; empty when `host` is a name. Does not block.
std::vector<SocketAddress> literal_addresses(const std::string& host, std::uint16_t port);

/// Asks the system's resolver and blocks until it answers.
Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port);

/// Starts a non-blocking connect. The socket becomes writable when the outcome is known; then call connect_error(). The
/// error of the result is the system's reason.
Result<Socket> begin_connect(const SocketAddress& to);

/// Returns 0 when connected, otherwise errno.
int connect_error(const Socket& socket);

}  // namespace nx::transport
