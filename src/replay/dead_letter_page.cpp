#include "replay/dead_letter_page.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "contract/dead_letter_headers.hpp"
#include "replay/repetition.hpp"

namespace nx::replay {
namespace {

constexpr std::size_t kValueBytes = 64UL * 1024, kKeyBytes = 1024, kHeaderBytes = 1024, kHeaders = 64;
constexpr std::size_t kPageBytes = 1UL << 20U;  // of all texts; a page has at least one letter

void cut(std::optional<std::string>& text, std::size_t limit) {
  if (text && text->size() > limit) text->resize(limit);
}

bool is_of_the_letter(const kafka::Header& header) {
  return std::ranges::find(contract::kDeadLetterHeaders, header.name) != contract::kDeadLetterHeaders.end();
}

std::size_t bytes_of(const DeadLetter& letter) {
  std::size_t bytes = letter.record.value.size() + letter.reason.size();
  if (letter.record.key) bytes += letter.record.key->size();
  for (const kafka::Header& one : letter.record.headers) bytes += one.name.size() + (one.value ? one.value->size() : 0);
  return bytes;
}

using Letters = std::deque<DeadLetter>;

/// The newest letters of a partition before `end`, newest first. Reads the last `limit` offsets; if they have too few
/// records, because of gaps, the next page continues before `reached`.
struct Tail {
  Letters letters;
  std::int64_t reached = 0;
};
Result<Tail> read_tail(kafka::RecordReader& reader, const kafka::OffsetRange& range, std::size_t limit,
                       const std::function<bool()>& goes_on) {
  Tail tail;
  tail.reached = std::max(range.first, range.end - static_cast<std::int64_t>(limit));
  const auto read = reader.read(
      {.partition = range.partition, .first = tail.reached, .end = range.end},
      [&tail](kafka::StoredRecord&& record) {
        tail.letters.push_front(shown_dead_letter(std::move(record)));
        return true;
      },
      goes_on);
  if (!read) return error_of(read);
  if (!goes_on()) return fail(ErrorKind::unavailable, "the dead letters were not read in time");
  return tail;
}

/// Takes the later one of the two heads, again and again, so that each side keeps its order.
Letters merge(Letters left, Letters right, std::size_t limit) {
  Letters merged;
  while (merged.size() < limit && !(left.empty() && right.empty())) {
    const bool takes_left = right.empty() || (!left.empty() && left.front().record.timestamp.value_or(0) >=
                                                                   right.front().record.timestamp.value_or(0));
    Letters& side = takes_left ? left : right;
    merged.push_back(std::move(side.front()));
    side.pop_front();
  }
  return merged;
}

}  // namespace

DeadLetter shown_dead_letter(kafka::StoredRecord record) {
  DeadLetter letter;
  letter.reason = std::string(header_of(record, contract::kReasonHeader).value_or(std::string_view()));
  if (letter.reason.size() > kHeaderBytes) letter.reason.resize(kHeaderBytes);
  letter.source = origin_of(record);
  letter.truncated = record.value.size() > kValueBytes;
  if (letter.truncated) record.value.resize(kValueBytes);
  cut(record.key, kKeyBytes);
  std::erase_if(record.headers, is_of_the_letter);
  if (record.headers.size() > kHeaders) record.headers.resize(kHeaders);
  for (kafka::Header& one : record.headers) {
    if (one.name.size() > kHeaderBytes) one.name.resize(kHeaderBytes);
    cut(one.value, kHeaderBytes);
  }
  letter.record = std::move(record);
  return letter;
}

Result<DeadLetterPage> newest_dead_letters(kafka::RecordReader& reader, std::size_t limit,
                                           const std::optional<DeadLetterCursor>& before,
                                           const std::function<bool()>& goes_on) {
  auto ranges = reader.bounds();
  if (!ranges) return error_of(ranges);
  Letters newest;
  DeadLetterCursor next;  // if no letter of the partition is on the page
  for (kafka::OffsetRange& range : *ranges) {
    if (before) {
      const auto place = before->find(range.partition);
      range.end = place == before->end() ? range.first : std::min(range.end, place->second);
    }
    if (range.first >= range.end) continue;
    auto tail = read_tail(reader, range, limit, goes_on);
    if (!tail) return error_of(tail);
    next[range.partition] = tail->letters.empty() ? tail->reached : range.end;
    newest = merge(std::move(newest), std::move(tail->letters), limit);
  }
  DeadLetterPage page;
  std::size_t bytes = 0;
  for (DeadLetter& letter : newest) {
    bytes += bytes_of(letter);
    if (!page.letters.empty() && bytes > kPageBytes) break;
    next[letter.record.at.partition] = letter.record.at.offset;
    page.letters.push_back(std::move(letter));
  }
  for (const kafka::OffsetRange& range : *ranges) {
    const auto place = next.find(range.partition);
    if (place != next.end() && place->second > range.first) page.next.emplace(*place);
  }
  return page;
}

}  // namespace nx::replay
