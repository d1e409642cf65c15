#pragma once
// Claims of tokens that were verified before, by SHA-256 of the token: a client that reconnects costs a look-up instead
// of a signature. Any thread; bounded; sharded so that workers seldom meet at a lock.

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
  explicit TokenCache(std::size_t max_entries);  // 0 keeps nothing

  /// Empty for an unknown token, one verified under another generation of keys, or one that has expired.
  std::optional<Claims> find(const TokenDigest& token, std::uint64_t generation, EpochMs now);
  void keep(const TokenDigest& token, std::uint64_t generation, const Claims& claims);
  void clear();

 private:
  struct Entry {
    std::uint64_t generation;
    Claims claims;
  };
  using Entries = KeyedMap<TokenDigest, Entry>;
  /// Two ages: when the young one is full it becomes the old one, and what was old is gone. Half the entries at least
  /// stay, in O(1).
  struct Shard {
    std::mutex mutex;  // guards both
    Entries young;
    Entries old;
  };
  Shard& shard_of(const TokenDigest& token) { return shards_[token.back() % kShards]; }

  static constexpr std::size_t kShards = 16;
  std::size_t max_young_;
  std::array<Shard, kShards> shards_;
};

}  // namespace nx::auth
