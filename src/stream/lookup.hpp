#pragma once
// getaddrinfo() for TCP, and the list that it allocates. Any thread.

#include <cstdint>
#include <memory>
#include <netdb.h>

namespace nx::stream {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

struct Lookup {
  AddressList found;  // null after an error
  int error = 0;      // EAI_…; for EAI_SYSTEM errno has the reason
};

/// Blocks as long as the system's resolver does, unless `flags` has AI_NUMERICHOST. A null `host` means every address
/// of this machine with AI_PASSIVE in `flags`, otherwise the loopback address.
Lookup look_up(const char* host, std::uint16_t port, int flags);

}  // namespace nx::stream
