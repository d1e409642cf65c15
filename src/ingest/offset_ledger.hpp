#pragma once
// Which offsets of one partition are done. Records may be done in any order; committed is what is done from the
// beginning on.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace nx::ingest {

class OffsetLedger {
 public:
  /// A record was read. False: it lies before what was read already, and is not entered.
  bool read(std::int64_t offset);
  /// Whatever lies before `end` was read: behind the last record there are only the marks of transactions.
  void read_up_to(std::int64_t end);
  void done(std::int64_t offset);

  /// The offset behind all that is done from the beginning on, when it moved since the last time.
  std::optional<std::int64_t> advance();

  /// Records since the first that is not done, done ones too.
  std::size_t open() const { return open_.size(); }

 private:
  struct Entry {
    std::int64_t offset;
    bool done;
  };
  std::deque<Entry> open_;           // ascending; the first is not done, but within advance()
  std::int64_t next_read_ = kNone;   // behind what was read
  std::int64_t next_given_ = kNone;  // what advance() said, or where reading began
  static constexpr std::int64_t kNone = -1;
};

}  // namespace nx::ingest
