// The poller: keeps the records in hand, gives batches to workers, pauses partitions, and serves rebalances.

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "contract/activity_message.hpp"
#include "ingest/consumer_state.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kUnread = 4'096;                    // records of a partition that are not decoded
constexpr std::size_t kBytesInHand = 64UL * 1024 * 1024;  // bytes of values, shared by the partitions
constexpr std::size_t kLeastBytes = 1024 * 1024;          // the least share of a partition
constexpr std::size_t kTakenATurn = 4'096;                // records
constexpr std::size_t kDecodedATurn = 4UL * 1024 * 1024;  // bytes of values
constexpr milliseconds kIdlePoll{100};                    // stop() is noticed within this time
constexpr milliseconds kRevokeWithin{2'000};  // wait for the batches of revoked partitions that are being stored
constexpr milliseconds kFinishWithin{6'000};  // long enough for one database statement (5 s)
constexpr milliseconds kLeaveWithin{4'000};   // together with kFinishWithin it keeps stop() within 10 s

}  // namespace

/// A defect, or running out of memory, must end the instance with its reason and not with a bare std::terminate. No
/// record in hand is committed: all are redelivered.
void KafkaConsumer::State::run() {
  try {
    consume();
  } catch (const std::exception& error) {
    broken = std::string("the ingest thread ended with an exception: ") + error.what();
    log.error("consuming has ended", {{"reason", broken}});
    is_broken.store(true, std::memory_order_release);
    running.store(false, std::memory_order_relaxed);
  }
}

void KafkaConsumer::State::consume() {
  while (!stopping.load(std::memory_order_relaxed) && !member->failure()) turn();
  finish_up();
  member->leave(kLeaveWithin);
  running.store(false, std::memory_order_relaxed);
}

void KafkaConsumer::State::turn() {
  receive(member->poll(until_due()));
  settle_done();
  // Thrown here and not where it is found, which may be within a callback of librdkafka.
  if (!worker_fault.empty()) throw std::runtime_error(worker_fault);
  hand_out();
  decode_ahead();
  note_state();
}

/// Waits for the batches that are being stored and stores their offsets. Messages must be destroyed before their
/// client.
void KafkaConsumer::State::finish_up() {
  const auto until = Clock::now() + kFinishWithin;
  for (auto& [partition, lane] : lanes) lane->revoking = true;
  for (auto& lane : orphans) lane->revoking = true;
  if (dead_letters) dead_letters->stop_soon();
  while (!at_work.empty() && Clock::now() < until) settle_done(until);
  workers->finish();
  letter_worker->finish();
  settle_done();
  lanes.clear();
  orphans.clear();
  note_state();
}

/// How long the next poll may wait for a message.
milliseconds KafkaConsumer::State::until_due() {
  const auto now = Clock::now();
  milliseconds wait = kIdlePoll;
  const auto look = [&](const Lane& lane) {
    if (lane.at_work && lane.takes_more() && !lane.unread.empty())
      wait = milliseconds{0};  // records are left to decode
    const auto due = lane.due();
    if (!due || *due <= now) return;  // a worker that becomes free wakes the poll
    wait = std::min(wait, std::chrono::ceil<milliseconds>(*due - now));
  };
  for (const auto& [partition, lane] : lanes) look(*lane);
  for (const auto& lane : orphans) look(*lane);
  return wait;
}

/// Also takes all messages that have already arrived, so that they are stored together.
void KafkaConsumer::State::receive(kafka::MessageHandle message) {
  for (std::size_t taken = 0; message && ++taken < kTakenATurn; message = member->poll(milliseconds{0})) {
    take(std::move(message));
  }
  if (message) take(std::move(message));
}

void KafkaConsumer::State::take(kafka::MessageHandle message) {
  records.add();
  if (message->len == 0) empty.add();
  Lane* lane = &lane_of(message->partition);
  if (!lane->offsets.read(message->offset)) {
    // The position went back: the records that follow may belong to another topic of that name.
    orphan({message->partition});
    lane = &lane_of(message->partition);
    lane->offsets.read(message->offset);
  }
  lane->bytes += message->len;
  lane->unread.push_back(std::move(message));
}

/// Decodes as much as fits into one batch.
void KafkaConsumer::State::decode(Lane& lane) {
  const bool may_be_too_old = !options.clock_is_right || options.clock_is_right();
  while (lane.takes_more() && !lane.unread.empty()) {
    lane.ahead_bytes += lane.unread.front()->len;
    lane.ahead.push_back(read_record(std::move(lane.unread.front()), options.extra_fields,
                                     may_be_too_old ? options.retention : milliseconds{0}));
    lane.unread.pop_front();
    const Record& record = lane.ahead.back();
    note_time(record);
    if (contract::extra_was_dropped(record.activity)) extra_dropped.add();
    if (record.activity.replaced > 0) replaced_surrogates.add(record.activity.replaced);
  }
}

/// Decodes the next batches of lanes whose current batch is being stored.
void KafkaConsumer::State::decode_ahead() {
  std::size_t bytes = 0;
  const auto decode_one = [&](Lane& lane) {
    if (!lane.at_work || bytes > kDecodedATurn) return;
    const std::size_t before = lane.ahead_bytes;
    decode(lane);
    bytes += lane.ahead_bytes - before;
  };
  for (auto& [partition, lane] : lanes) decode_one(*lane);
  for (auto& lane : orphans) decode_one(*lane);
}

/// Gives loads to the workers that are free.
void KafkaConsumer::State::hand_out() {
  while (storing < notifies.size() && worker_fault.empty()) {
    Load load = next_load();
    if (load.empty()) return;
    for (auto& batch : load) batch->shared = load.size() > 1;
    ++storing;
    workers->give(std::move(load));
  }
}

/// The batch of the lane whose last turn is the longest ago. The last free worker also gets small batches of other
/// lanes, because a commit costs the same for one batch as for several.
Load KafkaConsumer::State::next_load() {
  const auto now = Clock::now();
  Load load;
  std::size_t taken = 0, bytes = 0;
  while (Lane* lane = next_lane(now)) {
    if (!lane->held) decode(*lane);
    const bool shares = lane->may_share() && storing + 1 == notifies.size();
    const std::size_t records_too = taken + lane->ahead.size(), bytes_too = bytes + lane->ahead_bytes;
    if (!load.empty() && (!shares || records_too > kBatchRecords || bytes_too > kBatchBytes)) break;
    auto batch = next_batch(*lane, now);
    if (batch->activities.empty()) {
      settle(std::move(batch));  // it has only dead letters, or nothing left to do
      continue;
    }
    load.push_back(std::move(batch));
    if (!shares) break;
    taken = records_too;
    bytes = bytes_too;
  }
  return load;
}

std::unique_ptr<Batch> KafkaConsumer::State::next_batch(Lane& lane, Clock::time_point now) {
  auto batch = lane.next(now);
  batch->stage = Batch::Stage::storing;
  lane.at_work = true;
  lane.work_from = batch->records.front().time;
  lane.last_turn = next_turn++;
  at_work.insert(lane.partition);
  return batch;
}

/// The lane whose last turn is the longest ago. A batch that was held back may time out again, so such batches leave
/// one worker to the others.
Lane* KafkaConsumer::State::next_lane(Clock::time_point now) {
  std::size_t trying_again = 0;
  for (const auto& [partition, lane] : lanes) trying_again += lane->at_work && lane->holding ? 1 : 0;
  const bool may_try_again = trying_again + 1 < std::max<std::size_t>(notifies.size(), 2);
  Lane* next = nullptr;
  const auto look = [&](Lane& lane) {
    const auto due = lane.due();
    if (!due || *due > now || at_work.contains(lane.partition) || (lane.holding && !may_try_again)) return;
    if (next == nullptr || lane.last_turn < next->last_turn) next = &lane;
  };
  for (auto& lane : orphans) look(*lane);
  for (auto& [partition, lane] : lanes) look(*lane);
  return next;
}

void KafkaConsumer::State::note_time(const Record& record) {
  if (!record.expired && !record.odd_timestamp) return;
  (record.expired ? expired : odd_timestamps).add();
  std::int64_t suppressed = 0;
  if (!(record.expired ? expired_gate : odd_gate).pass(suppressed)) return;
  rd_kafka_timestamp_type_t type{};
  const std::int64_t timestamp = rd_kafka_message_timestamp(record.message.get(), &type);
  log.warn(record.expired ? "record older than SIGNAL_RETENTION_DAYS: committed, not stored"
                          : "record's timestamp is not in milliseconds: converted",
           {{"topic", rd_kafka_topic_name(record.message->rkt)},
            {"partition", record.message->partition},
            {"offset", record.message->offset},
            {"timestamp", timestamp},
            {"time", iso8601(record.time)},
            {"suppressed", suppressed}});
}

Lane& KafkaConsumer::State::lane_of(std::int32_t partition) {
  auto& lane = lanes[partition];
  if (!lane) lane = std::make_unique<Lane>(partition, next_lane_id++);
  return *lane;
}

Lane* KafkaConsumer::State::lane_with(std::uint64_t id) {
  for (auto& [partition, lane] : lanes) {
    if (lane->id == id) return lane.get();
  }
  for (auto& lane : orphans) {
    if (lane->id == id) return lane.get();
  }
  return nullptr;
}

/// The batches of these partitions that are being stored normally end soon; their offsets are stored before the
/// partitions are given up.
void KafkaConsumer::State::revoking(const rd_kafka_topic_partition_list_t& partitions) {
  const auto until = Clock::now() + std::min<milliseconds>(kRevokeWithin, options.max_poll_interval / 4);
  std::vector<const Lane*> leaving;
  for (int i = 0; i < partitions.cnt; ++i) {
    const auto found = lanes.find(partitions.elems[i].partition);
    if (found == lanes.end()) continue;
    found->second->revoking = true;
    leaving.push_back(found->second.get());
  }
  const auto busy = [&leaving] { return std::ranges::any_of(leaving, &Lane::at_work); };
  while (busy() && Clock::now() < until) {
    settle_done(until);
    hand_out();
  }
}

void KafkaConsumer::State::revoked(const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) lanes.erase(partitions.elems[i].partition);
  note_state();
}

/// No other consumer can read the records in hand any more, because their topic is gone: they are stored, but their
/// offsets are not.
void KafkaConsumer::State::orphan(const std::set<std::int32_t>& partitions) {
  for (const std::int32_t partition : partitions) {
    const auto found = lanes.find(partition);
    if (found == lanes.end()) continue;
    auto old = std::exchange(found->second, std::make_unique<Lane>(partition, next_lane_id++));
    found->second->paused = old->paused;
    old->orphaned = true;
    old->revoking = false;
    orphans.push_back(std::move(old));
  }
}

void KafkaConsumer::State::read_up_to(std::int32_t partition, std::int64_t end) {
  Lane& lane = lane_of(partition);
  lane.offsets.read_up_to(end);
  if (const auto next = lane.offsets.advance()) member->store_offset(partition, *next);
}

void KafkaConsumer::State::pause_or_resume(Lane& lane) {
  const std::size_t share = std::clamp(kBytesInHand / std::max<std::size_t>(lanes.size(), 1), kLeastBytes, kBatchBytes);
  const bool full = lane.unread.size() >= kUnread || lane.bytes >= share;
  const bool has_room = lane.unread.size() < kUnread / 2 && lane.bytes < share / 2;
  const bool pauses = lane.holding || full || (lane.paused && !has_room);
  if (pauses == lane.paused) return;
  lane.paused = pauses;
  if (pauses) {
    member->pause(lane.partition);
  } else {
    member->resume(lane.partition);
  }
}

void KafkaConsumer::State::note_state() {
  std::erase_if(orphans, [](const auto& lane) { return !lane->has_records(); });
  std::int64_t held = 0, waiting = 0, oldest = 0;
  const auto add = [&](const Lane& lane) {
    held += lane.holding ? 1 : 0;
    waiting += static_cast<std::int64_t>(lane.waiting.size());
    const std::int64_t time = lane.oldest();
    if (time != 0 && (oldest == 0 || time < oldest)) oldest = time;
  };
  for (auto& [partition, lane] : lanes) {
    pause_or_resume(*lane);
    add(*lane);
  }
  for (const auto& lane : orphans) add(*lane);
  oldest_held_ms.store(oldest, std::memory_order_relaxed);
  waiting_messages.store(waiting, std::memory_order_relaxed);
  const bool held_before = held_partitions.exchange(held) > 0;
  if (held_before && held == 0 && running.load(std::memory_order_relaxed)) log.info("consuming again");
}

}  // namespace nx::ingest
