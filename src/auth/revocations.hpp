#pragma once
// Whose tokens were taken back, and until when they must have been issued for that. Any thread; while nobody's were, a
// look costs one atomic read.

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
  /// Tokens of this user that were issued until then are refused from now on; of two moments the later counts. 5 and
  /// "5" are one user here, as they are one inbox.
  Added add(const UserId& user, EpochMs until);

  /// Whoever is not added between the two, known or not, is forgotten by the second; not at once, but when it was so
  /// the time before, too: who was told of it may be ahead of who is asked. A round that is begun again before its end
  /// goes on. One thread at a time.
  void begin_round();
  void end_round();

  /// A token that does not say when it was issued is covered by any moment.
  bool cover(const Claims& claims) const;

  std::size_t users() const { return users_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    EpochMs until;
    std::uint32_t round = 0;  // of the last time that it was added
  };
  bool is_forgotten(const Entry& entry) const { return entry.round + 1 < round_; }
  std::vector<std::string> not_added() const;

  mutable std::shared_mutex mutex_;  // guards what follows
  KeyedMap<std::string, Entry> entries_;
  std::uint32_t round_ = 0;
  bool round_is_open_ = false;
  std::atomic<std::size_t> users_{0};
};

}  // namespace nx::auth
