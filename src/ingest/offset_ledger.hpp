#pragma once
// The offsets of one partition that are done. Records may be done in any order; only the contiguous prefix of done
// records is committed.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace nx::ingest {

class OffsetLedger {
 public:
  /// A record was read. False: it lies before records that were read already, and is ignored.
  bool read(std::int64_t offset);
  /// All records before `end` were read: after the last record there are only transaction markers.
  void read_up_to(std::int64_t end);
  void done(std::int64_t offset);

  /// The offset after the contiguous prefix of done records, if it moved since the last call.
  std::optional<std::int64_t> advance();

  /// The number of records from the first that is not done, including done ones after it.
  std::size_t open() const { return open_.size(); }

 private:
  struct Entry {
    std::int64_t offset;
    bool done;
  };
  std::deque<Entry> open_;           // ascending; the first is not done, except within advance()
  std::int64_t next_read_ = kNone;   // the offset after the last record read
  std::int64_t next_given_ = kNone;  // the last result of advance(), or where reading began
  static constexpr std::int64_t kNone = -1;
};

}  // namespace nx::ingest
