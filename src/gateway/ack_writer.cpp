#include "gateway/ack_writer.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kBetweenBatches{300};
constexpr std::chrono::milliseconds kWhileAway{1'000};

}  // namespace

bool AckWriter::add(Acknowledgement what) {
  counters_.acks.add();
  if (!context_.lookups.acknowledge || !waiting_.add(std::move(what))) {
    counters_.acks_dropped.add();
    return false;
  }
  account();
  return true;
}

void AckWriter::write() {
  if (waiting_.empty() || writing_) return;
  const auto now = loop_.now();
  if (!hurries_ && write_at_ == runtime::SteadyTime{}) {
    write_at_ = now + kBetweenBatches;  // other acknowledgements may follow the first one of a batch
    return;
  }
  if (!hurries_ && now < write_at_ && !(waiting_.has_batch() && in_time_)) return;
  std::vector<Acknowledgement> batch = waiting_.take();
  account();
  writing_ = true;
  questions_.ask();
  auto kept = std::make_shared<std::vector<Acknowledgement>>(batch);
  context_.lookups.acknowledge(std::move(batch), loop_, [this, kept](const Result<void>& done) {
    questions_.answer();
    written(std::move(*kept), done);
  });
}

void AckWriter::written(std::vector<Acknowledgement> batch, const Result<void>& done) {
  writing_ = false;
  in_time_ = true;
  write_at_ = waiting_.empty() ? runtime::SteadyTime{} : loop_.now() + kBetweenBatches;
  if (done) {
    if (hurries_) write();
    return;
  }
  if (done.error().kind == ErrorKind::unavailable && !hurries_) {
    waiting_.put_back(std::move(batch));
    account();
    in_time_ = false;
    write_at_ = loop_.now() + kWhileAway;
    return;
  }
  counters_.acks_dropped.add(batch.size());
  std::int64_t suppressed = 0;
  if (!context_.acks_gate.pass(suppressed)) return;
  context_.log.warn("acks not written", {{"reason", done.error().message}, {"suppressed", suppressed}});
}

void AckWriter::account() {
  context_.ledger.set_held(shard_, HeldKind::acks, waiting_.bytes());
}

}  // namespace nx::gateway
