#pragma once
// Sends the records of ranges again, in slices: a slice is read, then sent, and is done when the brokers have
// acknowledged it. Used by one thread, which it blocks.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kafka/producer.hpp"
#include "kafka/record_reader.hpp"
#include "replay/repetition.hpp"
#include "replay/selection.hpp"

namespace nx::replay {

/// The result for one record.
struct Fate {
  enum class Outcome {
    sent,
    would_be_sent,  // without a producer
    refused,        // it would go to the DLQ topic (again); `reason` says why
    copy,           // is_copy()
  };
  Outcome outcome = Outcome::sent;
  kafka::Position at;    // in the topic that is read
  std::string source{};  // the identity of the message
  std::string reason{};
  std::optional<kafka::Position> sent_as{};  // in the notification topic
};

/// The progress so far, reported between two slices.
struct Step {
  std::int64_t records = 0;
  double share = 0;  // of the offsets of all ranges, 0 to 1
};

struct RangeReplayPlan {
  From from = From::dlq;
  Destination to;
  std::vector<kafka::OffsetRange> ranges;        // by partition
  std::optional<kafka::Position> continue_at{};  // what is before it was sent by an earlier run
  std::optional<TimeSelection> times;            // records with other timestamps are left out
  std::optional<std::string> value;              // sent instead of the value of the only record
  bool with_copies = false;                      // also sends records for which is_copy() is true
  std::function<void(const Fate&)> on_record;
  /// Between two slices. False: ends there.
  std::function<bool(const Step&)> on_slice;
};

class RangeReplay {
 public:
  struct Totals {
    std::int64_t sent = 0, refused = 0, copies = 0;
  };

  /// `reader` and `producer` are borrowed; without a producer nothing is sent.
  RangeReplay(RangeReplayPlan plan, kafka::RecordReader& reader, kafka::Producer* producer);

  /// Returns when everything is done, or on_slice has ended it. The error says why a record was not read or not sent.
  Result<void> run();

  const Totals& totals() const { return totals_; }
  /// Whether on_slice ended it before everything was done.
  bool stopped() const { return stopped_; }
  /// Where the rest begins, also after an error; nullopt when everything is done.
  std::optional<kafka::Position> rest() const { return rest_; }

 private:
  Result<void> replay(const kafka::OffsetRange& range);
  /// Where the range begins, or began in the run that this one continues.
  std::int64_t first_of(const kafka::OffsetRange& range) const;
  void take(const kafka::StoredRecord& record, std::int64_t first);
  bool slice_is_full() const;
  Result<void> end_slice();
  bool may_go_on();

  RangeReplayPlan plan_;
  std::optional<kafka::Position> begun_;  // of the range of continue_at
  kafka::RecordReader& reader_;
  kafka::Producer* producer_;
  Totals totals_;
  std::optional<kafka::Position> rest_;
  bool stopped_ = false;
  std::int64_t offsets_ = 0;       // of all ranges
  std::int64_t offsets_done_ = 0;  // read, or in ranges that are done
  std::int64_t records_ = 0;       // read
  struct Slice {
    std::vector<Fate> fates;
    std::vector<kafka::OutgoingRecord> outgoing;  // of the fates `sent`, in order
    std::size_t records = 0, bytes = 0;
    kafka::Position end;  // after its last record
  };
  Slice slice_;
};

}  // namespace nx::replay
