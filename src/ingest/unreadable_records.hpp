#pragma once
// Skips records that librdkafka cannot decompress: it would fetch them again for ever, and never read the records
// after them. Used by the consumer's thread.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "kafka/handle.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class UnreadableRecords {
 public:
  /// `client` and `log` are borrowed.
  UnreadableRecords(rd_kafka_t* client, std::string topic, const observe::Logger& log)
      : client_(client), topic_(std::move(topic)), log_(log) {}

  /// A batch that is damaged, or that decompresses to more than librdkafka's receive.message.max.bytes (100 MB). A
  /// codec that this build lacks is not the record's fault.
  static bool is_unreadable(rd_kafka_resp_err_t code);

  /// An error message of the consumer says that its offset is unreadable. Skips one offset at a time, because the error
  /// does not say where the batch ends. Returns the position after it, once it was skipped. The skip itself is not
  /// committed: the next record that is stored commits it.
  std::optional<std::int64_t> pass_over(const rd_kafka_message_t& message, const std::string& reason);

  /// Partitions were revoked.
  void clear() { places_.clear(); }

 private:
  /// The offset at which a partition cannot be read.
  struct Place {
    std::int64_t at = -1;
    int tries = 0;
    std::chrono::steady_clock::time_point sought{};
  };

  rd_kafka_t* client_;
  std::string topic_;
  const observe::Logger& log_;
  std::map<std::int32_t, Place> places_;
};

}  // namespace nx::ingest
