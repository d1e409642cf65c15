// Writes the acknowledgements of clients to the database in batches: one at a time, at most one every 300 ms, and less
// often while the database is unavailable.

#include <utility>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kBetweenBatches{300};
constexpr std::chrono::milliseconds kWhileAway{1'000};

}  // namespace

bool Shard::acknowledge(Acknowledgement what) {
  counters_.acks.add();
  if (!context_.lookups.acknowledge || !acks_.add(std::move(what))) {
    counters_.acks_dropped.add();
    return false;
  }
  account_acks();
  return true;
}

/// Called at every tick.
void Shard::write_acks() {
  if (acks_.empty() || writing_acks_) return;
  const auto now = loop_.now();
  if (!stopping_ && write_acks_at_ == runtime::SteadyTime{}) {
    write_acks_at_ = now + kBetweenBatches;  // other acknowledgements may follow the first one of a batch
    return;
  }
  if (!stopping_ && now < write_acks_at_ && !(acks_.has_batch() && acks_in_time_)) return;
  std::vector<Acknowledgement> batch = acks_.take();
  account_acks();
  writing_acks_ = true;
  ++unanswered_;
  auto kept = std::make_shared<std::vector<Acknowledgement>>(batch);
  context_.lookups.acknowledge(std::move(batch), loop_, [this, kept](const Result<void>& done) {
    --unanswered_;
    acks_written(std::move(*kept), done);
  });
}

void Shard::acks_written(std::vector<Acknowledgement> batch, const Result<void>& done) {
  writing_acks_ = false;
  acks_in_time_ = true;
  write_acks_at_ = acks_.empty() ? runtime::SteadyTime{} : loop_.now() + kBetweenBatches;
  if (done) {
    if (stopping_) write_acks();
    return;
  }
  if (done.error().kind == ErrorKind::unavailable && !stopping_) {
    acks_.put_back(std::move(batch));
    account_acks();
    acks_in_time_ = false;
    write_acks_at_ = loop_.now() + kWhileAway;
    return;
  }
  counters_.acks_dropped.add(batch.size());
  std::int64_t suppressed = 0;
  if (!context_.acks_gate.pass(suppressed)) return;
  context_.log.warn("acks not written", {{"reason", done.error().message}, {"suppressed", suppressed}});
}

void Shard::account_acks() {
  context_.ledger.set_held(index_, HeldKind::acks, acks_.bytes());
}

}  // namespace nx::gateway
