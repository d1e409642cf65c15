#include "component/ingest/hanging_resolver.hpp"

#include <atomic>
#include <chrono>
#include <dlfcn.h>
#include <netdb.h>
#include <thread>

namespace nx::ingest::testing {
namespace {

std::atomic<bool> hanging{false};

}  // namespace

HangingResolver::HangingResolver() {
  hanging = true;
}

HangingResolver::~HangingResolver() {
  hanging = false;
}

}  // namespace nx::ingest::testing

/// Takes the place of the C library's for the libraries of this program too.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
  while (nx::ingest::testing::hanging) std::this_thread::sleep_for(std::chrono::milliseconds{50});
  return real(node, service, hints, found);
}
