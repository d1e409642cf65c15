#include "replay/dead_letter_page.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "contract/dead_letter_headers.hpp"
#include "model/utf8.hpp"
#include "replay/repetition.hpp"

namespace nx::replay {
namespace {

constexpr std::size_t kValueBytes = 64UL * 1024, kKeyBytes = 1024, kHeaderBytes = 1024, kHeaders = 64;
constexpr std::size_t kPageBytes = 1UL << 20U;  // of all texts; a page has at least one letter

/// A copy, because a text that is made shorter keeps the memory of the longer one. UTF-8 is not cut inside a character.
std::string cut(std::string_view text, std::size_t limit) {
  return std::string(is_utf8(text) ? utf8_prefix(text, limit) : text.substr(0, limit));
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

std::vector<kafka::Header> shown_headers(const std::vector<kafka::Header>& headers) {
  std::vector<kafka::Header> shown;
  for (const kafka::Header& one : headers) {
    if (is_of_the_letter(one)) continue;
    if (shown.size() == kHeaders) break;
    kafka::Header& copy = shown.emplace_back();
    copy.name = cut(one.name, kHeaderBytes);
    if (one.value) copy.value = cut(*one.value, kHeaderBytes);
  }
  return shown;
}

using Letters = std::deque<DeadLetter>;

/// The newest letters of a partition before `end` that fit on a page, newest first. Reads the last `limit` offsets; if
/// they have too few records, because of gaps, the next page continues before `reached`.
struct Tail {
  Letters letters;
  std::int64_t reached = 0;
};
Result<Tail> read_tail(kafka::RecordReader& reader, const kafka::OffsetRange& range, std::size_t limit) {
  Tail tail;
  std::size_t bytes = 0;
  tail.reached = std::max(range.first, range.end - static_cast<std::int64_t>(limit));
  const auto read = reader.read({.partition = range.partition, .first = tail.reached, .end = range.end},
                                [&tail, &bytes](const kafka::StoredRecord& record) {
                                  bytes += bytes_of(tail.letters.emplace_front(shown_dead_letter(record)));
                                  for (; bytes > kPageBytes && tail.letters.size() > 1; tail.letters.pop_back()) {
                                    bytes -= bytes_of(tail.letters.back());
                                  }
                                  return true;
                                });
  if (!read) return error_of(read);
  return tail;
}

/// Takes the later one of the two heads, again and again, so that each side keeps its order, as far as a page goes.
Letters merge(Letters left, Letters right, std::size_t limit) {
  Letters merged;
  std::size_t bytes = 0;
  while (merged.size() < limit && !(left.empty() && right.empty())) {
    const bool takes_left = right.empty() || (!left.empty() && left.front().record.timestamp.value_or(0) >=
                                                                   right.front().record.timestamp.value_or(0));
    Letters& side = takes_left ? left : right;
    bytes += bytes_of(side.front());
    if (bytes > kPageBytes && !merged.empty()) break;
    merged.push_back(std::move(side.front()));
    side.pop_front();
  }
  return merged;
}

}  // namespace

DeadLetter shown_dead_letter(const kafka::StoredRecord& record) {
  DeadLetter letter;
  letter.reason = cut(header_of(record, contract::kReasonHeader).value_or(std::string_view()), kHeaderBytes);
  letter.source = origin_of(record);
  letter.truncated = record.value.size() > kValueBytes;
  letter.is_utf8 = is_utf8(record.value);
  kafka::StoredRecord& shown = letter.record;
  shown.at = record.at;
  shown.timestamp = record.timestamp;
  if (record.key) shown.key = cut(*record.key, kKeyBytes);
  shown.headers = shown_headers(record.headers);
  shown.value = cut(record.value, kValueBytes);
  return letter;
}

Result<DeadLetterPage> newest_dead_letters(kafka::RecordReader& reader, std::size_t limit,
                                           const std::optional<DeadLetterCursor>& before) {
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
    auto tail = read_tail(reader, range, limit);
    if (!tail) return error_of(tail);
    next[range.partition] = tail->letters.empty() ? tail->reached : range.end;
    newest = merge(std::move(newest), std::move(tail->letters), limit);
  }
  DeadLetterPage page;
  for (DeadLetter& letter : newest) {
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
