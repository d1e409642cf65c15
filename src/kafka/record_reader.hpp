#pragma once
// Reads ranges of a topic's records without a consumer group: no offset is committed, and no member of a group notices
// it. Used by one thread, which it blocks, but for no longer than the given times.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kafka/boot_check.hpp"
#include "kafka/connection_options.hpp"
#include "kafka/deadline.hpp"
#include "kafka/record.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::kafka {

/// The offsets of a partition from `first` to before `end`. Some of them may have no record.
struct OffsetRange {
  std::int32_t partition = 0;
  std::int64_t first = 0;
  std::int64_t end = 0;
  friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

class RecordReader {
 public:
  /// Connects and checks brokers and topic within the boot time-out. Later answers may each take `patience`. From the
  /// deadline on everything is an error.
  static Result<RecordReader> open(const ConnectionOptions& options, const NamedTopic& topic,
                                   std::chrono::milliseconds patience, const Deadline& deadline = {});
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;
  ~RecordReader();

  const std::string& topic() const;
  std::int32_t partitions() const;

  /// All records that each partition has now.
  Result<std::vector<OffsetRange>> bounds();

  /// For each partition the offset of its first record with that timestamp or a later one; the end of the partition if
  /// it has none.
  Result<std::vector<std::int64_t>> offsets_at(EpochMs time);

  /// Passes the records of the range to `visit`, in order, until it returns false. Offsets without a record are
  /// skipped. The error says at which offset reading ended.
  using Visit = std::function<bool(StoredRecord&&)>;
  Result<void> read(const OffsetRange& range, const Visit& visit);

 private:
  struct State;
  explicit RecordReader(std::unique_ptr<State> state);
  Result<std::vector<std::int64_t>> ask_offsets(std::int64_t time);

  std::unique_ptr<State> state_;
};

}  // namespace nx::kafka
