#pragma once
// AddressList: what getaddrinfo() allocated, freed with its owner.

#include <memory>
#include <netdb.h>

namespace nx::transport {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

}  // namespace nx::transport
