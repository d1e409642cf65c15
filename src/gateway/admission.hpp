#pragma once
// Decides who may hold a connection. There is one object for the process, and it counts every accepted socket of every
// listener from accept to close (docs/security.md#bounds-against-overload). It bounds connections in total, connections
// of one address, connections that are not upgraded, and WebSocket handshakes in total and of one address. When a bound
// is reached, one connection of the address with the most connections is closed: the one that has not been useful for
// the longest time. Any thread; takes a lock per accept, request, upgrade and close, but none per message.

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

/// Whether a connection counts against the limit of its address. A balancer's own address is exempt.
enum class AddressRule : std::uint8_t { counted, exempt };

/// Says for what kind of new connection or request a connection is closed to make room.
enum class Yield : std::uint8_t { for_connection, for_request, for_handshake, for_guest };

class Admission {
 public:
  struct Limits {
    std::size_t connections = 0;  // 0: no limit; the same for the fields below
    // `connections` is derived from the descriptor limit: silent upgrades may be closed too
    bool by_descriptors = false;
    std::size_t requests = 0;  // connections that are not upgraded
    std::size_t guests = 0;    // in addition to `connections`; only health routes are answered
    std::size_t per_address = 0;
    std::size_t handshakes = 0;  // one address may hold a tenth of these
  };
  enum class Verdict : std::uint8_t { admitted, full, address_full, too_many_handshakes, address_handshakes };

  struct Stats {
    std::size_t requests = 0, streams = 0, handshakes = 0, guests = 0;  // current numbers; guests are also requests
    // connections refused, by Verdict
    std::uint64_t full = 0, address_full = 0, too_many_handshakes = 0, address_handshakes = 0;
    // connections closed, by Yield
    std::uint64_t for_connection = 0, for_request = 0, for_handshake = 0, for_guest = 0;
  };

  /// The shard that owns a connection. Called from any thread under the lock of the admission: must only post and
  /// return.
  class Home {
   public:
    virtual ~Home() = default;
    virtual void yield_later(fanout::SlotKey key, bool upgraded, Yield why) = 0;
  };

  /// An acceptor that accepts nothing more until there is room. Called like Home.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void room_later() = 0;
  };

  class Place;

  explicit Admission(Limits limits) : limits_(limits) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// Registers an accepted socket. It is never refused here: a connection over a limit becomes a guest.
  Place enter(const transport::IpAddress& peer, AddressRule rule, Home& home);

  /// Returns true when many connections were told to close and are still open, so that more connections would use
  /// descriptors reserved for other purposes. `waiter` is then notified once, when there is room again.
  bool wait_if_pressed(Waiter& waiter);
  void forget(Waiter& waiter);

  /// For the case that descriptors are exhausted nevertheless: closes up to `count` connections that are not useful.
  /// Returns how many.
  std::size_t make_room(std::size_t count);

  const Limits& limits() const { return limits_; }
  Stats stats() const;

 private:
  /// Which list the connection is in.
  enum class Standing : std::uint8_t {
    useful,   // its request is being answered, or it is authenticating or authenticated: never closed to make room
    waiting,  // HTTP: waits for a request, or for the peer to read an answer
    silent,   // upgraded, but `authenticate` has not arrived or the key that its token names is still being fetched
    closing   // upgraded, and the session is closing
  };
  static constexpr std::size_t kStandings = 4;

  struct Entry;
  using Entries = std::list<Entry>;
  using OfAddress = std::list<Entries::iterator>;
  struct Address {
    std::array<OfAddress, kStandings> lists;  // each in the order of `since`, like lists_
    std::size_t connections = 0;
    std::size_t handshakes = 0;
  };
  using Addresses = std::map<transport::IpAddress, Address>;

  struct Entry {
    Home* home = nullptr;
    Addresses::iterator address;  // addresses_.end() when exempt
    OfAddress::iterator place;    // position in the list of its address; valid only with `address`
    std::uint64_t since = 0;      // time of its last use, as a sequence number of the whole process
    fanout::SlotKey key;          // valid only when has_key
    Standing standing = Standing::useful;
    bool upgraded = false;
    bool handshake = false;
    bool guest = false;
    bool has_key = false;   // its home can find it under `key`
    bool yielding = false;  // told to close, or will be told once it has a key; counted only in yielding_
    Yield why{};            // valid only when yielding
  };

  // All of these are called with the lock held.
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
  // returns guests_.end() when there is no such entry, as do the next two
  Entries::iterator oldest(Standings standings);
  Entries::iterator oldest_of(const Address& address, Standings standings);
  Entries::iterator oldest_of_fullest(Standings standings);
  bool close_fairly(Standings standings, Yield why);
  void rank(const Address& address, std::size_t before);
  void close_a_guest();
  bool has_all_guests() const { return limits_.guests != 0 && guests_.size() >= limits_.guests; }

  const Limits limits_;
  mutable std::mutex mutex_;  // guards all members below
  Addresses addresses_;
  std::set<std::pair<std::size_t, const Address*>> ranks_;  // ordered by number of connections
  std::array<Entries, kStandings> lists_;
  Entries guests_;
  std::uint64_t clock_ = 0;
  std::size_t connections_ = 0, requests_ = 0, handshakes_ = 0, yielding_ = 0;
  std::vector<Waiter*> waiters_;
  Stats counted_;  // only its counters are used
};

/// The place of one connection, from accept to close. It moves with the connection and is released in its destructor.
/// Home thread of the connection.
class Admission::Place {
 public:
  Place() = default;
  ~Place();
  Place(Place&& other) noexcept;
  Place& operator=(Place&& other) noexcept;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// The shard can find the connection under this key. From now on it may be told to yield; if it was chosen before, it
  /// is told at once.
  void set_key(fanout::SlotKey key);

  /// The connection is over a limit: only health routes are answered.
  bool is_guest() const { return guest_; }
  /// Tries to turn a guest into a regular connection.
  Verdict promote(const transport::IpAddress& peer, AddressRule rule);

  /// A trusted proxy has named the client's address: the connection counts for that address. Over the limit of that
  /// address it becomes a guest.
  void name(const transport::IpAddress& address);

  /// busy(): the server works on a request. waits(): the connection waits for its peer.
  void busy();
  void waits();

  /// Admits a WebSocket handshake, of the address `named` when one is given. Then the caller must call set_key(), then
  /// authenticating() or waits_for_key(), then opened() or closing().
  Verdict upgrade(const transport::IpAddress* named);
  void authenticating();  // `authenticate` has arrived, or the key that its token names has been fetched
  /// The key that its token names is being fetched. Until authenticating() or closing() the connection may be closed
  /// like a silent one.
  void waits_for_key();
  void opened();
  void closing();

 private:
  friend class Admission;
  Place(Admission& admission, Entries::iterator entry) : admission_(&admission), entry_(entry), guest_(entry->guest) {}

  Admission* admission_ = nullptr;
  Entries::iterator entry_;
  bool guest_ = false;
};

/// The address that a limit counts: an IPv4 address, or a /64 network of IPv6, which is what one customer usually gets.
transport::IpAddress admission_key(const transport::IpAddress& address);

/// Limits derived from the descriptor limit of the process, minus the descriptors for the program's own files and
/// connections. `asked` bounds the connections further; 0: no further bound.
Admission::Limits admission_limits(std::size_t descriptors, std::size_t asked);

}  // namespace nx::gateway
