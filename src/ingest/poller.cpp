#include "ingest/poller.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace nx::ingest {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kUnread = 4'096;                    // records of a partition that are not decoded
constexpr std::size_t kBytesInHand = 64UL * 1024 * 1024;  // bytes of values, shared by the partitions
constexpr std::size_t kLeastBytes = 1024 * 1024;          // the least share of a partition
constexpr std::size_t kTakenATurn = 4'096;                // records
constexpr milliseconds kIdlePoll{100};                    // stop() is noticed within this time
constexpr milliseconds kRevokeWithin{2'000};  // wait for the batches of revoked partitions that are being stored
constexpr milliseconds kFinishWithin{6'000};  // long enough for one database statement (5 s)
constexpr milliseconds kLeaveWithin{4'000};   // together with kFinishWithin it keeps stop() within 10 s

}  // namespace

Result<std::unique_ptr<Poller>> Poller::open(const KafkaOptions& options,
                                             const std::vector<delivery::Notify*>& notifies,
                                             const std::atomic<bool>& stopping, ConsumerCounters& counters,
                                             const observe::Logger& log) {
  auto member = GroupMember::join(options, log);
  if (!member) return error_of(member);
  std::optional<DeadLetters> letters;
  if (!options.dlq_topic.empty()) {
    auto opened = DeadLetters::open(options, log);
    if (!opened) return error_of(opened);
    letters.emplace(std::move(*opened));
  }
  return std::unique_ptr<Poller>{
      new Poller(options, notifies, std::move(*member), std::move(letters), stopping, counters, log)};
}

Poller::Poller(const KafkaOptions& options, const std::vector<delivery::Notify*>& notifies,
               std::unique_ptr<GroupMember> member, std::optional<DeadLetters> letters,
               const std::atomic<bool>& stopping, ConsumerCounters& counters, const observe::Logger& log)
    : options_(options),
      stopping_(stopping),
      counters_(counters),
      log_(log),
      member_(std::move(member)),
      decoder_(options, counters, log),
      settlement_({.topic = options.topic,
                   .lanes = lanes_,
                   .done = done_,
                   .stopping = stopping,
                   .counters = counters,
                   .spans = options.spans,
                   .log = log},
                  std::move(letters),
                  [this](std::int32_t partition, std::int64_t next) { member_->store_offset(partition, next); }),
      dispatch_(notifies, lanes_, decoder_, settlement_, done_) {
  member_->listen({.on_revoking = [this](const rd_kafka_topic_partition_list_t& partitions) { revoking(partitions); },
                   .on_revoked = [this](const rd_kafka_topic_partition_list_t& partitions) { revoked(partitions); },
                   .on_remade = [this](const std::set<std::int32_t>& partitions) { lanes_.orphan(partitions); },
                   .on_end = [this](std::int32_t partition, std::int64_t end) { read_up_to(partition, end); },
                   .on_unreadable = [this] { note_unreadable(); }});
}

void Poller::run() {
  while (!stopping_.load(std::memory_order_relaxed) && !member_->failure()) turn();
  finish_up();
  member_->leave(kLeaveWithin);
}

void Poller::turn() {
  auto message = member_->poll(until_due());
  settle_done();
  dispatch_.hand_out();  // first, because thousands of messages may have arrived and a worker waits
  receive(std::move(message));
  settle_done();  // again, because the polls of receive() may have consumed a worker's wake
  // The exception is thrown here, because the fault may have been found within a callback of librdkafka.
  if (!settlement_.fault().empty()) throw std::runtime_error(settlement_.fault());
  dispatch_.hand_out();
  decoder_.decode_ahead(lanes_);
  note_state();
}

/// Waits for the batches that are being stored and stores their offsets. Messages must be destroyed before their
/// client.
void Poller::finish_up() {
  const auto until = Clock::now() + kFinishWithin;
  lanes_.each([](Lane& lane) { lane.revoking = true; });
  settlement_.stop_letters_soon();
  while (lanes_.any_at_work() && Clock::now() < until) settle_done(until);
  dispatch_.finish();
  settlement_.finish_letters();
  settle_done();
  lanes_.clear();
  note_state();
}

void Poller::settle_done(Clock::time_point until) {
  auto news = done_.take(until);
  for (const Followed& followed : news.followed) {
    Lane* lane = lanes_.with(followed.lane);
    if (lane == nullptr) continue;
    lane->storing = false;
    lane->costly = followed.costly;
    lane->go_on();
  }
  for (Load& load : news.loads) {
    if (load.front()->stage == Batch::Stage::storing) dispatch_.take_back();
    for (auto& batch : load) settlement_.settle(std::move(batch));
  }
}

/// How long the next poll may wait for a message.
milliseconds Poller::until_due() {
  const auto now = Clock::now();
  milliseconds wait = kIdlePoll;
  lanes_.each([&](const Lane& lane) {
    if (lane.with_workers > 0 && lane.takes_more() && !lane.unread.empty())
      wait = milliseconds{0};  // records are left to decode
    const auto due = lane.due();
    if (!due || *due <= now) return;  // a worker that becomes free wakes the poll
    wait = std::min(wait, std::chrono::ceil<milliseconds>(*due - now));
  });
  return wait;
}

/// Also takes all messages that have already arrived, so that they are stored together.
void Poller::receive(kafka::MessageHandle message) {
  for (std::size_t taken = 0; message && ++taken < kTakenATurn; message = member_->poll(milliseconds{0})) {
    take(std::move(message));
  }
  if (message) take(std::move(message));
}

void Poller::take(kafka::MessageHandle message) {
  counters_.records.add();
  if (message->len == 0) counters_.empty.add();
  Lane* lane = &lanes_.of(message->partition);
  if (!lane->offsets.read(message->offset)) {
    // The position went back: the records that follow may belong to another topic of that name.
    lanes_.orphan({message->partition});
    lane = &lanes_.of(message->partition);
    lane->offsets.read(message->offset);
  }
  lane->bytes += message->len;
  lane->unread.push_back(std::move(message));
}

/// The batches of these partitions that are being stored normally end soon; their offsets are stored before the
/// partitions are given up.
void Poller::revoking(const rd_kafka_topic_partition_list_t& partitions) {
  const auto until = Clock::now() + std::min<milliseconds>(kRevokeWithin, options_.max_poll_interval / 4);
  std::vector<const Lane*> leaving;
  for (int i = 0; i < partitions.cnt; ++i) {
    Lane* lane = lanes_.find(partitions.elems[i].partition);
    if (lane == nullptr) continue;
    lane->revoking = true;
    leaving.push_back(lane);
  }
  const auto busy = [&leaving] {
    return std::ranges::any_of(leaving, [](const Lane* lane) { return lane->with_workers > 0; });
  };
  while (busy() && Clock::now() < until) {
    settle_done(until);
    dispatch_.hand_out();
  }
}

void Poller::revoked(const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) lanes_.erase(partitions.elems[i].partition);
  note_state();
}

void Poller::read_up_to(std::int32_t partition, std::int64_t end) {
  Lane& lane = lanes_.of(partition);
  lane.offsets.read_up_to(end);
  settlement_.store_done(lane);
}

void Poller::note_unreadable() {
  counters_.poison.add();
  if (settlement_.has_dlq()) counters_.dlq_lost.add();
}

void Poller::pause_or_resume(Lane& lane) {
  const std::size_t share =
      std::clamp(kBytesInHand / std::max<std::size_t>(lanes_.partitions(), 1), kLeastBytes, kBatchBytes);
  const bool full = lane.unread.size() >= kUnread || lane.bytes >= share;
  const bool has_room = lane.unread.size() < kUnread / 2 && lane.bytes < share / 2;
  const bool pauses = lane.holding || full || (lane.paused && !has_room);
  if (pauses == lane.paused) return;
  lane.paused = pauses;
  if (pauses) {
    member_->pause(lane.partition);
  } else {
    member_->resume(lane.partition);
  }
}

void Poller::note_state() {
  lanes_.drop_empty_orphans();
  lanes_.each_of_partition([this](Lane& lane) { pause_or_resume(lane); });
  std::int64_t held = 0, waiting = 0, oldest = 0;
  lanes_.each([&](const Lane& lane) {
    held += lane.holding ? 1 : 0;
    waiting += static_cast<std::int64_t>(lane.waiting.size());
    const std::int64_t time = lane.oldest();
    if (time != 0 && (oldest == 0 || time < oldest)) oldest = time;
  });
  counters_.oldest_unstored_ms.store(oldest, std::memory_order_relaxed);
  counters_.waiting_messages.store(waiting, std::memory_order_relaxed);
  const bool held_before = counters_.held_partitions.exchange(held) > 0;
  if (held_before && held == 0) log_.info("consuming again");
}

}  // namespace nx::ingest
