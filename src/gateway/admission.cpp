#include "gateway/admission.hpp"

#include <algorithm>
#include <utility>

namespace nx::gateway {

namespace {

constexpr std::size_t kGuests = 16;
// connections told to close but not closed yet; their descriptors are not part of `connections`
constexpr std::size_t kYielding = 16;
// descriptors for files, loops, Redis, Kafka, PostgreSQL, the key set, guests and yielding connections
constexpr std::size_t kSmallestReserve = 128;
constexpr std::size_t kFewestRequests = 64;
constexpr int kFullestLookedAt = 16;            // addresses; bounds the search under the lock
constexpr std::size_t kShareOfOneAddress = 10;  // one address may hold a tenth of the handshakes

bool reached(std::size_t now, std::size_t limit) {
  return limit != 0 && now >= limit;
}

}  // namespace

Admission::Place Admission::enter(const transport::IpAddress& peer, AddressRule rule, Home& home) {
  const std::lock_guard lock(mutex_);
  const auto entry = list(Standing::useful).insert(list(Standing::useful).end(), Entry{});
  entry->home = &home;
  entry->address = addresses_.end();
  if (admit(entry, peer, rule) != Verdict::admitted) {
    while (has_all_guests()) close_a_guest();
    guests_.splice(guests_.end(), list(Standing::useful), entry);
    entry->guest = true;
  }
  return Place(*this, entry);
}

Admission::Verdict Admission::admit(Entries::iterator entry, const transport::IpAddress& address, AddressRule rule) {
  if (rule == AddressRule::counted && !count_for(entry, address)) return Verdict::address_full;
  const bool room = (!reached(connections_, limits_.connections) || close_most_useless(limits_.by_descriptors)) &&
                    (entry->upgraded || !reached(requests_, limits_.requests) || close_waiting());
  if (!room) {
    drop_address(*entry);
    return Verdict::full;
  }
  ++connections_;
  if (!entry->upgraded) ++requests_;
  return Verdict::admitted;
}

bool Admission::count_for(Entries::iterator entry, const transport::IpAddress& address) {
  const auto counted = addresses_.try_emplace(admission_key(address)).first;
  if (counted == entry->address) return true;
  Address& of = counted->second;
  if (reached(of.connections, limits_.per_address)) return false;
  drop_address(*entry);
  entry->address = counted;
  OfAddress& alike = of.lists[static_cast<std::size_t>(entry->standing)];
  // a connection whose address was named just now is the newest of that address
  entry->place = alike.insert(alike.end(), entry);
  ++of.connections;
  rank(of, of.connections - 1);
  return true;
}

void Admission::rank(const Address& address, std::size_t before) {
  if (before > 0) ranks_.erase({before, &address});
  if (address.connections > 0) ranks_.emplace(address.connections, &address);
}

void Admission::drop_address(Entry& entry) {
  if (entry.address == addresses_.end()) return;
  const auto counted = std::exchange(entry.address, addresses_.end());
  Address& of = counted->second;
  of.lists[static_cast<std::size_t>(entry.standing)].erase(entry.place);
  --of.connections;
  rank(of, of.connections + 1);
  if (of.connections == 0) addresses_.erase(counted);
}

Admission::Verdict Admission::begin_handshake(Entry& entry) {
  const std::size_t share = std::max<std::size_t>(limits_.handshakes / kShareOfOneAddress, 1);
  const bool counted = limits_.handshakes != 0 && entry.address != addresses_.end();
  if (counted && reached(entry.address->second.handshakes, share) && !close_silent(&entry.address))
    return Verdict::address_handshakes;
  if (reached(handshakes_, limits_.handshakes) && !close_silent(nullptr)) return Verdict::too_many_handshakes;
  entry.handshake = true;
  ++handshakes_;
  if (entry.address != addresses_.end()) ++entry.address->second.handshakes;
  return Verdict::admitted;
}

void Admission::end_handshake(Entry& entry) {
  if (!std::exchange(entry.handshake, false)) return;
  --handshakes_;
  if (entry.address != addresses_.end()) --entry.address->second.handshakes;
}

void Admission::stand(Entries::iterator entry, Standing standing) {
  if (entry->yielding) return;
  Entries& from = list_of(*entry);
  if (entry->address != addresses_.end()) {
    auto& lists = entry->address->second.lists;
    OfAddress& now = lists[static_cast<std::size_t>(standing)];
    now.splice(now.end(), lists[static_cast<std::size_t>(entry->standing)], entry->place);
  }
  entry->standing = standing;
  entry->since = ++clock_;
  if (!entry->guest) list(standing).splice(list(standing).end(), from, entry);
}

void Admission::uncount(Entry& entry) {
  if (entry.guest) return;
  end_handshake(entry);
  drop_address(entry);
  --connections_;
  if (!entry.upgraded) --requests_;
}

void Admission::close(Entries::iterator entry, Yield why) {
  uncount(*entry);
  Entries& from = list_of(*entry);
  entry->guest = false;
  entry->standing = Standing::useful;  // must not be chosen again
  entry->yielding = true;
  entry->why = why;
  ++yielding_;
  list(Standing::useful).splice(list(Standing::useful).end(), from, entry);
  std::uint64_t* const counters[] = {&counted_.for_connection, &counted_.for_request, &counted_.for_handshake,
                                     &counted_.for_guest};
  ++*counters[static_cast<std::size_t>(why)];
  if (entry->has_key) tell(*entry);
}

Admission::Entries::iterator Admission::oldest(Standings standings) {
  auto found = guests_.end();
  for (const Standing standing : standings) {
    Entries& candidates = list(standing);
    if (candidates.empty() || (found != guests_.end() && found->since < candidates.front().since)) continue;
    found = candidates.begin();
  }
  return found;
}

Admission::Entries::iterator Admission::oldest_of(const Address& address, Standings standings) {
  auto found = guests_.end();
  for (const Standing standing : standings) {
    const OfAddress& candidates = address.lists[static_cast<std::size_t>(standing)];
    if (candidates.empty() || (found != guests_.end() && found->since < candidates.front()->since)) continue;
    found = candidates.front();
  }
  return found;
}

/// Searches the addresses with the most connections. Returns guests_.end() when each of them holds only one connection
/// or only useful ones.
Admission::Entries::iterator Admission::oldest_of_fullest(Standings standings) {
  int looked = 0;
  for (auto at = ranks_.rbegin(); at != ranks_.rend() && at->first > 1 && looked < kFullestLookedAt; ++at, ++looked) {
    const auto found = oldest_of(*at->second, standings);
    if (found != guests_.end()) return found;
  }
  return guests_.end();
}

/// An address with many connections gives up one before an address with a single connection does. Connections of a
/// balancer itself (exempt) carry many clients and are chosen by age alone.
bool Admission::close_fairly(Standings standings, Yield why) {
  auto chosen = oldest_of_fullest(standings);
  if (chosen == guests_.end()) chosen = oldest(standings);
  if (chosen == guests_.end()) return false;
  close(chosen, why);
  return true;
}

// When a setting is the limit (and not the descriptors), silent upgrades keep their places until their time-out: the
// bound of handshakes limits them.
bool Admission::close_most_useless(bool silent_too) {
  if (!silent_too) return close_fairly({Standing::waiting, Standing::closing}, Yield::for_connection);
  return close_fairly({Standing::waiting, Standing::silent, Standing::closing}, Yield::for_connection);
}

bool Admission::close_waiting() {
  return close_fairly({Standing::waiting}, Yield::for_request);
}

bool Admission::close_silent(const Addresses::iterator* of) {
  if (of == nullptr) return close_fairly({Standing::silent}, Yield::for_handshake);
  const auto chosen = oldest_of((*of)->second, {Standing::silent});
  if (chosen == guests_.end()) return false;
  close(chosen, Yield::for_handshake);
  return true;
}

void Admission::close_a_guest() {
  const auto waiting =
      std::ranges::find_if(guests_, [](const Entry& entry) { return entry.standing == Standing::waiting; });
  close(waiting == guests_.end() ? guests_.begin() : waiting, Yield::for_guest);
}

void Admission::leave(Entries::iterator entry) {
  if (entry->yielding) {
    if (--yielding_ < kYielding)
      for (Waiter* waiter : std::exchange(waiters_, {})) waiter->room_later();
  } else {
    uncount(*entry);
  }
  list_of(*entry).erase(entry);
}

Admission::Verdict Admission::refused(Verdict verdict) {
  if (verdict == Verdict::full) ++counted_.full;
  if (verdict == Verdict::address_full) ++counted_.address_full;
  if (verdict == Verdict::too_many_handshakes) ++counted_.too_many_handshakes;
  if (verdict == Verdict::address_handshakes) ++counted_.address_handshakes;
  return verdict;
}

bool Admission::wait_if_pressed(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (yielding_ < kYielding) return false;
  waiters_.push_back(&waiter);
  return true;
}

void Admission::forget(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  std::erase(waiters_, &waiter);
}

std::size_t Admission::make_room(std::size_t count) {
  const std::lock_guard lock(mutex_);
  std::size_t closed = 0;
  while (closed < count && close_most_useless(true)) ++closed;
  return closed;
}

Admission::Stats Admission::stats() const {
  const std::lock_guard lock(mutex_);
  Stats out = counted_;
  out.requests = requests_ + guests_.size();
  out.streams = connections_ - requests_;
  out.handshakes = handshakes_;
  out.guests = guests_.size();
  return out;
}

transport::IpAddress admission_key(const transport::IpAddress& address) {
  if (address.is_v4()) return address;
  transport::IpAddress network = address;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
  return network;
}

Admission::Limits admission_limits(std::size_t descriptors, std::size_t asked) {
  Admission::Limits limits;
  limits.guests = kGuests;
  limits.connections = asked;
  if (descriptors != 0) {
    const std::size_t reserve = std::min(descriptors / 2, std::max(kSmallestReserve, descriptors / 20));
    const std::size_t most = std::max<std::size_t>(descriptors - reserve, 1);
    limits.by_descriptors = asked == 0 || most <= asked;
    limits.connections = limits.by_descriptors ? most : asked;
  }
  if (limits.connections != 0)
    limits.requests = std::min(limits.connections, std::max(kFewestRequests, limits.connections / 2));
  return limits;
}

}  // namespace nx::gateway
