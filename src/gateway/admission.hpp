#pragma once
// Who may hold a connection: one for the process, for every accepted socket of every listener, from accept to close
// (docs/security.md#bounds-against-overload). Bounds connections in all, those of one address, those that are not
// upgraded, and WebSocket handshakes in all and of one address. Where a bound is reached, the address that holds most
// gives up the connection that has shown nothing useful for the longest. Any thread; a lock per accept, request,
// upgrade and end, none per message.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "fanout/connection_location.hpp"
#include "transport/ip_address.hpp"

namespace nx::gateway {

/// Whether an address is held against the limit of one address: a balancer's own is not.
enum class AddressRule : std::uint8_t { counted, exempt };

/// Why a connection is closed for another.
enum class Yield : std::uint8_t { for_connection, for_request, for_handshake, for_guest };

class Admission {
 public:
  struct Limits {
    std::size_t connections = 0;  // 0: none, here and below
    bool by_descriptors = false;  // `connections` is what they allow: silent upgrades make room too
    std::size_t requests = 0;     // of them not upgraded
    std::size_t guests = 0;       // above `connections`, for health routes alone
    std::size_t per_address = 0;
    std::size_t handshakes = 0;  // and a tenth of them for one address
  };
  enum class Verdict : std::uint8_t { admitted, full, address_full, too_many_handshakes, address_handshakes };

  struct Stats {
    std::size_t requests = 0, streams = 0, handshakes = 0, guests = 0;  // now; guests are requests too
    std::uint64_t full = 0, address_full = 0, too_many_handshakes = 0, address_handshakes = 0;  // refused, by Verdict
    std::uint64_t for_connection = 0, for_request = 0, for_handshake = 0, for_guest = 0;        // closed, by Yield
  };

  /// The thread that a connection lives on. Called from any thread, under the admission's lock: posts and returns.
  class Home {
   public:
    virtual ~Home() = default;
    virtual void yield_later(fanout::SlotKey key, bool upgraded, Yield why) = 0;
  };

  /// An acceptor that takes no more until there is room. Called like Home.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void room_later() = 0;
  };

  class Place;

  explicit Admission(Limits limits) : limits_(limits) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// A socket that was accepted. Never refused here: one that is over a limit is a guest.
  Place enter(const transport::IpAddress& peer, AddressRule rule, Home& home);

  /// True when so many connections were told to close and have not yet, that accepting more now would cost descriptors
  /// that are kept for others: `waiter` is told once when it is no longer so.
  bool wait_if_pressed(Waiter& waiter);
  void forget(Waiter& waiter);

  /// Descriptors have run out all the same: up to `count` useless ones are closed. Returns how many.
  std::size_t make_room(std::size_t count);

  const Limits& limits() const { return limits_; }
  Stats stats() const;

 private:
  /// In which list it is.
  enum class Standing : std::uint8_t {
    useful,   // answered, authenticating, authenticated: never closed for another
    waiting,  // HTTP: for a request, or for an answer to be read
    silent,   // upgraded, and `authenticate` has not come, or names a key that is still being fetched
    closing   // upgraded, and at its end
  };
  static constexpr std::size_t kStandings = 4;

  struct Entry;
  using Entries = std::list<Entry>;
  using OfAddress = std::list<Entries::iterator>;
  struct Address {
    std::array<OfAddress, kStandings> lists;  // each in the order of `since`, as the lists of all are
    std::size_t connections = 0;
    std::size_t handshakes = 0;
  };
  using Addresses = std::map<transport::IpAddress, Address>;

  struct Entry {
    Home* home = nullptr;
    Addresses::iterator address;  // end(): exempt
    OfAddress::iterator place;    // in the list of its address; meaningful with `address`
    std::uint64_t since = 0;      // when it was last useful, as a sequence over all
    fanout::SlotKey key;          // with has_key
    Standing standing = Standing::useful;
    bool upgraded = false;
    bool handshake = false;
    bool guest = false;
    bool has_key = false;   // its home finds it under `key`
    bool yielding = false;  // told to close, or will be when it has a key: counts nowhere but in yielding_
    Yield why{};            // of yielding
  };

  // All with the lock held.
  Entries& list(Standing standing) { return lists_[static_cast<std::size_t>(standing)]; }
  Entries& list_of(const Entry& entry) { return entry.guest ? guests_ : list(entry.standing); }
  void stand(Entries::iterator entry, Standing standing);
  Verdict admit(Entries::iterator entry, const transport::IpAddress& address, AddressRule rule);
  Verdict begin_handshake(Entry& entry);
  void end_handshake(Entry& entry);
  bool count_for(Entries::iterator entry, const transport::IpAddress& address);
  void drop_address(Entry& entry);
  void uncount(Entry& entry);
  void leave(Entries::iterator entry);
  Verdict refused(Verdict verdict);

  void close(Entries::iterator entry, Yield why);
  void tell(const Entry& entry) { entry.home->yield_later(entry.key, entry.upgraded, entry.why); }
  bool close_most_useless(bool silent_too);
  bool close_waiting();
  bool close_silent(const Addresses::iterator* of);
  using Standings = std::initializer_list<Standing>;
  Entries::iterator oldest(Standings standings);  // end of guests_: none, here and below
  Entries::iterator oldest_of(const Address& address, Standings standings);
  Entries::iterator oldest_of_fullest(Standings standings);
  bool close_fairly(Standings standings, Yield why);
  void rank(const Address& address, std::size_t before);
  void close_a_guest();
  bool has_all_guests() const { return limits_.guests != 0 && guests_.size() >= limits_.guests; }

  const Limits limits_;
  mutable std::mutex mutex_;  // guards all below
  Addresses addresses_;
  std::set<std::pair<std::size_t, const Address*>> ranks_;  // by how many connections they have
  std::array<Entries, kStandings> lists_;
  Entries guests_;
  std::uint64_t clock_ = 0;
  std::size_t connections_ = 0, requests_ = 0, handshakes_ = 0, yielding_ = 0;
  std::vector<Waiter*> waiters_;
  Stats counted_;  // its counters
};

/// A connection's place, from accept to close: moves with it and leaves with it. Home thread of the connection.
class Admission::Place {
 public:
  Place() = default;
  ~Place();
  Place(Place&& other) noexcept;
  Place& operator=(Place&& other) noexcept;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// Its shard has it under that key: from here on it may be told to yield, and is at once if it was chosen before.
  void set_key(fanout::SlotKey key);

  /// Over a limit: only health routes are answered.
  bool is_guest() const { return guest_; }
  /// A guest tries again to become one like all others.
  Verdict promote(const transport::IpAddress& peer, AddressRule rule);

  /// A trusted proxy says whose connection it is: it counts for that address. Over its limit it becomes a guest.
  void name(const transport::IpAddress& address);

  /// Something works for it; nothing does, and it waits for its peer.
  void busy();
  void waits();

  /// Admitted: a handshake is under way, of the named address where one is given. set_key() follows, then
  /// authenticating() or waits_for_key(), then opened() or closing().
  Verdict upgrade(const transport::IpAddress* named);
  void authenticating();  // `authenticate` has come, or the key that its token names
  void
  waits_for_key();  // its token names a key that is being fetched: until then it is worth no more than a silent one
  void opened();
  void closing();

 private:
  friend class Admission;
  Place(Admission& admission, Entries::iterator entry) : admission_(&admission), entry_(entry), guest_(entry->guest) {}

  Admission* admission_ = nullptr;
  Entries::iterator entry_;
  bool guest_ = false;
};

/// An IPv4 address, or an IPv6 network of 64 bits: what one customer gets.
transport::IpAddress admission_key(const transport::IpAddress& address);

/// What the descriptors of the process leave for connections after the program's own files and links; `asked` (0: as
/// many as there can be) bounds it further.
Admission::Limits admission_limits(std::size_t descriptors, std::size_t asked);

}  // namespace nx::gateway
