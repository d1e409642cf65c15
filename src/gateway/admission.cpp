#include "gateway/admission.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace nx::gateway {

Admission::Verdict Admission::enter(const transport::IpAddress& address, AddressRule rule) {
  const std::lock_guard lock(mutex_);
  if (limits_.connections != 0 && connections_ >= limits_.connections) return Verdict::full;
  if (limits_.handshakes != 0 && handshakes_ >= limits_.handshakes) return Verdict::too_many_handshakes;
  if (rule == AddressRule::counted && limits_.per_address != 0) {
    const auto found = by_address_.find(address);
    if (found != by_address_.end() && found->second >= limits_.per_address) return Verdict::address_full;
    ++by_address_[address];
  }
  ++connections_;
  ++handshakes_;
  return Verdict::admitted;
}

void Admission::handshake_ended() {
  const std::lock_guard lock(mutex_);
  --handshakes_;
}

void Admission::leave(const transport::IpAddress& address, AddressRule rule) {
  const std::lock_guard lock(mutex_);
  --connections_;
  if (rule == AddressRule::exempt || limits_.per_address == 0) return;
  const auto found = by_address_.find(address);
  if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

std::size_t connections_by_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
  const std::size_t descriptors = limit.rlim_cur;
  const std::size_t reserve = std::max<std::size_t>(64, descriptors / 20);
  return descriptors > 2 * reserve ? descriptors - reserve : std::max<std::size_t>(descriptors / 2, 1);
}

}  // namespace nx::gateway
