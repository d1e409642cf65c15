#include "auth/token_cache.hpp"

#include "auth/claim_rules.hpp"

namespace nx::auth {

TokenCache::TokenCache(std::size_t max_entries) : max_young_((max_entries + 2 * kParts - 1) / (2 * kParts)) {}

std::optional<Claims> TokenCache::find(const TokenDigest& token, std::uint64_t generation, EpochMs now) {
  Part& part = part_of(token);
  const std::lock_guard lock(part.mutex);
  for (Entries* entries : {&part.young, &part.old}) {
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
  Part& part = part_of(token);
  const std::lock_guard lock(part.mutex);
  if (part.young.size() >= max_young_) part.old = std::exchange(part.young, {});
  part.young.insert_or_assign(token, Entry{generation, claims});
}

void TokenCache::clear() {
  for (Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    part.young.clear();
    part.old.clear();
  }
}

}  // namespace nx::auth
