#pragma once
// What librdkafka itself has to say, as lines of our log instead of on stderr. Outlives the client that it was given
// to. Called on librdkafka's threads.

#include "observe/log.hpp"

namespace nx::ingest {

class KafkaLog {
 public:
  explicit KafkaLog(const observe::Logger& log) : log_(log) {}
  KafkaLog(const KafkaLog&) = delete;
  KafkaLog& operator=(const KafkaLog&) = delete;

  /// At most once a second, but for the level debug.
  void write(const char* facility, const char* text) {
    std::int64_t suppressed = 0;
    if (!log_.enabled(observe::Level::debug) && !gate_.pass(suppressed)) return;
    log_.warn("kafka client", {{"facility", facility}, {"text", text}, {"suppressed", suppressed}});
  }

 private:
  const observe::Logger& log_;
  observe::LogGate gate_;
};

}  // namespace nx::ingest
