// What becomes of the records in hand: rows, dead letters, or held back.

#include <map>

#include "ingest/consumer_state.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kPartsOfPollInterval = 4;  // of max.poll.interval.ms a batch takes one before it polls

}  // namespace

/// Held back: infrastructure is away. What is done stays done.
KafkaConsumer::State::Settled KafkaConsumer::State::settle() {
  const Settled stored = store();
  return bury() ? stored : Settled::held_back;
}

KafkaConsumer::State::Settled KafkaConsumer::State::store() {
  const auto until = Clock::now() + options.max_poll_interval / kPartsOfPollInterval;
  std::vector<Activity> activities;
  std::vector<Record*> origins;
  const auto flush = [&] {
    if (activities.empty()) return Settled::all;
    auto result = notify.some(activities, until);
    if (!result) {
      std::int64_t suppressed = 0;
      if (hold_gate.pass(suppressed)) {
        log.warn("batch held back",
                 {{"reason", result.error().message}, {"messages", activities.size()}, {"suppressed", suppressed}});
      }
      return Settled::held_back;
    }
    const bool all = result->handled == origins.size();
    origins.resize(result->handled);
    for (Record* record : origins) record->step = Record::Step::done;
    for (auto& bad : result->poison) {
      origins[bad.index]->step = Record::Step::dead_letter;
      origins[bad.index]->reason = std::move(bad.reason);
    }
    note_stored(origins);
    activities.clear();
    origins.clear();
    return all ? Settled::all : Settled::a_part;
  };
  for (Record& record : held) {
    if (record.step != Record::Step::store) continue;
    activities.push_back(record.activity);
    origins.push_back(&record);
    if (activities.size() < kBatchRecords) continue;
    if (const Settled settled = flush(); settled != Settled::all) return settled;
  }
  return flush();
}

bool KafkaConsumer::State::bury() {
  std::vector<Record*> dead;
  std::vector<DeadLetter> letters;
  for (Record& record : held) {
    if (record.step != Record::Step::dead_letter) continue;
    dead.push_back(&record);
    letters.push_back({record.message.get(), record.reason});
  }
  if (dead.empty()) return true;
  std::vector<DeadLetterFate> fates(dead.size(), DeadLetterFate::sent);
  if (dead_letters) fates = dead_letters->send(letters);
  bool all = true;
  for (std::size_t i = 0; i < dead.size(); ++i) {
    if (fates[i] == DeadLetterFate::retry) {
      all = false;
      continue;
    }
    dead[i]->step = Record::Step::done;
    poison.add();
    if (dead_letters) (fates[i] == DeadLetterFate::sent ? dlq : dlq_lost).add();
    log.warn("message can never be handled", {{"topic", options.topic},
                                              {"partition", dead[i]->message->partition},
                                              {"offset", dead[i]->message->offset},
                                              {"reason", dead[i]->reason}});
  }
  return all;
}

void KafkaConsumer::State::note_stored(std::span<Record* const> given) {
  struct Stored {
    std::int64_t first = 0, last = 0, messages = 0;
  };
  std::map<std::int32_t, Stored> by_partition;
  const std::int64_t now = now_wall().value;
  for (const Record* record : given) {
    if (record->step != Record::Step::done) continue;  // poison that the database found
    record_to_commit.record(milliseconds{now - record->time.value});
    auto& stored = by_partition[record->message->partition];
    if (stored.messages++ == 0) stored.first = record->message->offset;
    stored.last = record->message->offset;
  }
  for (const auto& [partition, stored] : by_partition) {
    log.debug("batch stored", {{"partition", partition},
                               {"first_offset", stored.first},
                               {"last_offset", stored.last},
                               {"messages", stored.messages}});
  }
}

}  // namespace nx::ingest
