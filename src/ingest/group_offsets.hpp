#pragma once
// The offsets of a member of the consumer group: storing, committing, and noticing that they belong to a topic that no
// longer exists. Used by the consumer's thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>

#include "ingest/commits.hpp"
#include "ingest/group_health.hpp"
#include "ingest/kafka_options.hpp"
#include "ingest/lag.hpp"
#include "ingest/rejoin.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

inline constexpr std::chrono::milliseconds kAskWithin{500};  // limit for one request of the group member to the brokers

class GroupOffsets {
 public:
  using OnRemade = std::function<void(const std::set<std::int32_t>& partitions)>;

  /// `on_remade`: see GroupMember::Listener. All references are borrowed.
  GroupOffsets(rd_kafka_t* client, const KafkaOptions& options, GroupHealth& health, Rejoin& rejoin, Lag& lag,
               OnRemade on_remade, const observe::Logger& log)
      : client_(client),
        options_(options),
        health_(health),
        rejoin_(rejoin),
        lag_(lag),
        on_remade_(std::move(on_remade)),
        log_(log) {}

  void assign(const rd_kafka_topic_partition_list_t& partitions) { commits_.assign(client_, partitions, kAskWithin); }
  void revoke(const rd_kafka_topic_partition_list_t& partitions) { commits_.revoke(partitions); }

  /// See GroupMember::store_offset().
  void store(std::int32_t partition, std::int64_t next);
  /// Commits the stored offsets when their time has come, and reads a topic that was made again from its start.
  void commit_in_time();
  /// The brokers' answer to a commit.
  void on_committed(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& offsets);

  /// Asks whether the committed offsets still exist.
  void note_vanished();
  /// librdkafka must not commit the stored offsets of these partitions.
  void void_stored(const rd_kafka_topic_partition_list_t& partitions);
  /// These partitions are given up (null: all, and librdkafka does not say which): the offsets of those whose topic was
  /// made again or is gone are void.
  void void_remade(const rd_kafka_topic_partition_list_t* partitions);

 private:
  void begin_again();
  void void_stored(const std::set<std::int32_t>& partitions);

  rd_kafka_t* client_;
  const KafkaOptions& options_;
  GroupHealth& health_;
  Rejoin& rejoin_;
  Lag& lag_;
  OnRemade on_remade_;
  const observe::Logger& log_;
  Commits commits_;
  std::set<std::int32_t> remade_;  // partitions of a topic that was made again, not read from its start yet
  std::chrono::steady_clock::time_point next_commit_{}, next_check_{};
  observe::LogGate commit_gate_;
};

}  // namespace nx::ingest
