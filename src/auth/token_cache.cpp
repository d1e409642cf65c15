#include "auth/token_cache.hpp"

#include "auth/claim_rules.hpp"

namespace nx::auth {

TokenCache::TokenCache(std::size_t max_entries) : max_young_((max_entries + 2 * kShards - 1) / (2 * kShards)) {}

std::optional<Claims> TokenCache::find(const TokenDigest& token, std::uint64_t generation, EpochMs now) {
  Shard& shard = shard_of(token);
  const std::lock_guard lock(shard.mutex);
  for (Entries* entries : {&shard.young, &shard.old}) {
    const auto found = entries->find(token);
    if (found == entries->end()) continue;
    if (found->second.generation == generation && !has_expired(found->second.claims.expires_at, now))
      return found->second.claims;
    entries->erase(found);
  }
  return std::nullopt;
}

void TokenCache::keep(const TokenDigest& token, std::uint64_t generation, const Claims& claims) {
  if (max_young_ == 0) return;
  Shard& shard = shard_of(token);
  const std::lock_guard lock(shard.mutex);
  if (shard.young.size() >= max_young_) shard.old = std::exchange(shard.young, {});
  shard.young.insert_or_assign(token, Entry{generation, claims});
}

void TokenCache::clear() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.young.clear();
    shard.old.clear();
  }
}

}  // namespace nx::auth
