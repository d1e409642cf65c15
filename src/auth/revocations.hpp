#pragma once
// The users whose tokens were revoked, each with a time: tokens issued until then are refused. Any thread. While no
// user is revoked, a check costs one atomic read.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <vector>

#include "auth/claims.hpp"
#include "model/keyed_hash.hpp"

namespace nx::auth {

class Revocations {
 public:
  static constexpr std::size_t kMaxUsers = 1'000'000;  // about 100 MB

  enum class Added { news, known, full };
  /// From now on tokens of this user that were issued until `until` are refused. The later of two times counts. 5 and
  /// "5" are the same user here, because they have the same inbox.
  Added add(const UserId& user, EpochMs until);

  /// A round reads all revocations again from the database: begin_round(), add() for each user, end_round().
  /// end_round() removes the users that were added neither in this round nor in the previous one. Two rounds are
  /// needed: the bus may report a revocation before this instance can read it from the database. If begin_round() is
  /// called during a round, that round continues. One thread at a time.
  void begin_round();
  void end_round();

  /// Returns true when the token is revoked. A token without an issue time is covered by any revocation of its user.
  bool cover(const Claims& claims) const;

  std::size_t users() const { return users_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    EpochMs until;
    std::uint32_t round = 0;  // the last round in which it was added
  };
  bool is_forgotten(const Entry& entry) const { return entry.round + 1 < round_; }
  std::vector<std::string> not_added() const;

  mutable std::shared_mutex mutex_;  // guards all members below
  KeyedMap<std::string, Entry> entries_;
  std::uint32_t round_ = 0;
  bool round_is_open_ = false;
  std::atomic<std::size_t> users_{0};
};

}  // namespace nx::auth
