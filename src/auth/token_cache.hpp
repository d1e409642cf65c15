#pragma once
// Claims of tokens that were verified before, by SHA-256 of the token: a reconnecting client costs a look-up instead of
// a signature check. Any thread; bounded; in parts with a lock each, so that threads rarely wait.

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "auth/claims.hpp"
#include "model/keyed_hash.hpp"

namespace nx::auth {

using TokenDigest = std::array<std::uint8_t, 32>;

class TokenCache {
 public:
  explicit TokenCache(std::size_t max_entries);  // 0: nothing is cached

  /// std::nullopt for a token that is unknown, was verified with another generation of keys, or has expired.
  std::optional<Claims> find(const TokenDigest& token, std::uint64_t generation, EpochMs now);
  void keep(const TokenDigest& token, std::uint64_t generation, const Claims& claims);
  void clear();

 private:
  struct Entry {
    std::uint64_t generation;
    Claims claims;
  };
  using Entries = KeyedMap<TokenDigest, Entry>;
  /// Two maps of entries: when the young one is full it becomes the old one, and the previous old one is
  /// dropped. At least half of the entries are kept, in O(1).
  struct Part {
    std::mutex mutex;  // guards both maps
    Entries young;
    Entries old;
  };
  Part& part_of(const TokenDigest& token) { return parts_[token.back() % kParts]; }

  static constexpr std::size_t kParts = 16;
  std::size_t max_young_;
  std::array<Part, kParts> parts_;
};

}  // namespace nx::auth
