#pragma once
// The dead letters, newest first, in pages of a bounded size.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contract/record_source.hpp"
#include "kafka/record_reader.hpp"

namespace nx::replay {

/// A dead letter for a person to look at: long texts are cut.
struct DeadLetter {
  kafka::StoredRecord record;  // without the headers that the letter has in addition to its message
  std::string reason;
  std::optional<contract::RecordSource> source;  // the position of the message, if the letter's headers have it
  bool truncated = false;                        // the value is longer
  bool is_utf8 = true;                           // the whole value
};

/// For each partition with older letters: an offset; the older letters are before it.
using DeadLetterCursor = std::map<std::int32_t, std::int64_t>;

struct DeadLetterPage {
  std::vector<DeadLetter> letters;
  DeadLetterCursor next;  // empty: there are no older ones
};

/// At most `limit` letters before the cursor; without one, before the end. Letters of one partition are in descending
/// order of their offsets; between partitions the later timestamp is first. A page has fewer letters if they are large,
/// or if there are gaps between the offsets.
Result<DeadLetterPage> newest_dead_letters(kafka::RecordReader& reader, std::size_t limit,
                                           const std::optional<DeadLetterCursor>& before);

/// The letter with its texts cut: 64 KiB of the value, 1 KiB of the key, 1 KiB of each of 64 headers. It holds only
/// their memory.
DeadLetter shown_dead_letter(const kafka::StoredRecord& record);

}  // namespace nx::replay
