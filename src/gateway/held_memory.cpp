#include "gateway/held_memory.hpp"

#include <utility>

namespace nx::gateway {

bool HeldMemory::is_short() {
  if (!releasing_ && (holders_.empty() || !context_.ledger.is_over())) return false;
  release_later();
  return true;
}

void HeldMemory::release_later() {
  if (std::exchange(releasing_, true)) return;
  loop_.post([this] { release(); });
}

void HeldMemory::release() {
  releasing_ = false;
  const Holders::Outcome outcome = holders_.make_room();
  if (outcome == Holders::Outcome::more) return release_later();
  if (outcome == Holders::Outcome::enough) return;
  context_.release_memory_of(context_.ledger.shard_with_fullest());
}

void HeldMemory::watch_backlogs() {
  if (holders_.watch_backlogs()) loop_.post([this] { holders_.watch_backlogs(); });
}

}  // namespace nx::gateway
