#include "stream/lookup.hpp"

#include <string>

namespace nx::stream {

Lookup look_up(const char* host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host, std::to_string(port).c_str(), &hints, &found);
  return {.found = AddressList(found), .error = error};
}

}  // namespace nx::stream
