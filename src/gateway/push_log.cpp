#include "gateway/push_log.hpp"

#include <algorithm>

namespace nx::gateway {

namespace {

using contract::PushRecord;

PushRecord::Outcome outcome_of(PushLog::What what) {
  switch (what) {
    case PushLog::What::pushed:
      return PushRecord::Outcome::pushed;
    case PushLog::What::held:
      return PushRecord::Outcome::held;
    case PushLog::What::caught_up:
      return PushRecord::Outcome::caught_up;
    case PushLog::What::slow_closed:
      break;
  }
  return PushRecord::Outcome::slow_closed;
}

}  // namespace

std::vector<PushRecord> PushLog::of(std::size_t user, std::int64_t seq) const {
  struct Found {
    std::uint32_t slot, generation;
    PushRecord record;
  };
  std::vector<Found> found;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[(next_ + i) % entries_.size()];
    const auto what = static_cast<What>(entry.what_and_slot >> kSlotBits);
    if (entry.user != user || (what != What::slow_closed && entry.seq != seq)) continue;
    const std::uint32_t slot = entry.what_and_slot & (fanout::kMaxSlots - 1);
    const auto known = std::ranges::find_if(
        found, [&](const Found& one) { return one.slot == slot && one.generation == entry.generation; });
    if (what == What::slow_closed) {
      // recorded before the oldest frame that was dropped: the kernel had already taken the hint
      if (known == found.end() || known->record.at.value < entry.seq) continue;
      known->record = {.at = {entry.at}, .outcome = PushRecord::Outcome::slow_closed};
    } else if (known != found.end()) {
      known->record = {.at = {entry.at}, .outcome = outcome_of(what)};
    } else if (found.size() < contract::kMaxPushesAsked) {
      found.push_back({slot, entry.generation, {.at = {entry.at}, .outcome = outcome_of(what)}});
    }
  }
  std::vector<PushRecord> records;
  records.reserve(found.size());
  for (const Found& one : found) records.push_back(one.record);
  return records;
}

std::vector<std::int64_t> PushLog::seqs_of(std::size_t user, fanout::SlotKey connection) const {
  std::vector<std::int64_t> seqs;
  for (const Entry& entry : entries_) {
    if (entry.user != user || entry.generation != connection.generation ||
        (entry.what_and_slot & (fanout::kMaxSlots - 1)) != connection.slot)
      continue;
    if (static_cast<What>(entry.what_and_slot >> kSlotBits) != What::slow_closed) seqs.push_back(entry.seq);
  }
  return seqs;
}

}  // namespace nx::gateway
