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
  AddressList found;  // null with an error
  int error = 0;      // EAI_…; of EAI_SYSTEM errno is still the reason
};

/// Blocks as long as the system's resolver does, unless `flags` has AI_NUMERICHOST. No host, a null pointer, is every
/// address of this machine with AI_PASSIVE in `flags`, else its loopback.
Lookup look_up(const char* host, std::uint16_t port, int flags);

}  // namespace nx::stream
