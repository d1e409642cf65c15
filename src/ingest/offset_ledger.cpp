#include "ingest/offset_ledger.hpp"

#include <algorithm>

namespace nx::ingest {

bool OffsetLedger::read(std::int64_t offset) {
  if (offset < next_read_) return false;
  if (next_given_ == kNone) next_given_ = offset;
  open_.push_back({offset, false});
  next_read_ = offset + 1;
  return true;
}

void OffsetLedger::read_up_to(std::int64_t end) {
  if (next_given_ == kNone && end == 0) next_given_ = 0;  // an empty partition: there is nothing to commit
  next_read_ = std::max(next_read_, end);
}

void OffsetLedger::done(std::int64_t offset) {
  const auto found = std::lower_bound(open_.begin(), open_.end(), offset,
                                      [](const Entry& entry, std::int64_t wanted) { return entry.offset < wanted; });
  if (found != open_.end() && found->offset == offset) found->done = true;
}

std::optional<std::int64_t> OffsetLedger::advance() {
  while (!open_.empty() && open_.front().done) open_.pop_front();
  const std::int64_t next = open_.empty() ? next_read_ : open_.front().offset;
  if (next <= next_given_) return std::nullopt;
  next_given_ = next;
  return next;
}

}  // namespace nx::ingest
