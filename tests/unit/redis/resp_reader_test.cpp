#include "redis/resp_reader.hpp"

#include <chrono>
#include <cstring>
#include <ctime>

#include <gtest/gtest.h>

namespace nx::redis {
namespace {

/// A value as text, to compare: aggregates in brackets.
std::string shown(const RespValue& value) {
  std::string out;
  switch (value.type()) {
    case RespType::text:
      return "'" + std::string(value.text()) + "'";
    case RespType::error:
      return "error " + std::string(value.text());
    case RespType::integer:
      return std::to_string(value.number());
    case RespType::real:
      return "real " + std::string(value.text());
    case RespType::null:
      return "null";
    case RespType::too_large:
      return "too large " + std::to_string(value.number());
    case RespType::array:
      out = "[";
      break;
    case RespType::map:
      out = "{";
      break;
    case RespType::push:
      out = ">[";
      break;
  }
  for (std::uint32_t i = 0; i < value.size(); ++i) out += (i == 0 ? "" : " ") + shown(value.at(i));
  return out + "]";
}

/// Everything that the reader makes of the bytes, given in pieces that end at each of `cuts`.
std::vector<std::string> read(std::string_view bytes, const std::vector<std::size_t>& cuts, RespLimits limits = {}) {
  RespReader reader(limits);
  std::vector<std::string> values;
  std::size_t at = 0;
  const auto give = [&](std::size_t until) {
    const auto space = reader.space(until - at);
    std::memcpy(space.data(), bytes.data() + at, until - at);
    reader.took(until - at);
    at = until;
    for (;;) {
      const auto next = reader.next();
      if (!next) {
        values.push_back("broken: " + next.error().message);
        return false;
      }
      if (!*next) return true;
      values.push_back(shown(**next));
    }
  };
  for (const std::size_t cut : cuts) {
    if (!give(cut)) return values;
  }
  if (at < bytes.size()) give(bytes.size());
  return values;
}

std::vector<std::string> read_whole(std::string_view bytes, RespLimits limits = {}) {
  return read(bytes, {}, limits);
}

struct Dialogue {
  std::string_view bytes;
  std::vector<std::string> values;
};

const std::vector<Dialogue> kDialogues{
    {"+OK\r\n-ERR no\r\n:-42\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n",
     {"'OK'", "error ERR no", "-42", "'hello'", "''", "null", "null", "[]"}},
    {"*3\r\n$9\r\nsubscribe\r\n$12\r\nws:broadcast\r\n:1\r\n*4\r\n$8\r\npmessage\r\n$9\r\nws:room:*\r\n$9\r\nws:room:"
     "r\r\n"
     "$4\r\n\r\n\r\n\r\n",
     {"['subscribe' 'ws:broadcast' 1]", "['pmessage' 'ws:room:*' 'ws:room:r' '\r\n\r\n']"}},
    {"_\r\n#t\r\n#f\r\n,3.25\r\n,inf\r\n(3492890328409238509324850943850943825024385\r\n!5\r\nERR "
     "x\r\n=8\r\ntxt:some\r\n",
     {"null", "1", "0", "real 3.25", "real inf", "'3492890328409238509324850943850943825024385'", "error ERR x",
      "'some'"}},
    {"%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:2\r\n:3\r\n~2\r\n+x\r\n+y\r\n>3\r\n+message\r\n+c\r\n$1\r\nm\r\n",
     {"{'a' 1 'b' [2 3]]", "['x' 'y']", ">['message' 'c' 'm']"}},
    {"|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|1\r\n+k\r\n*1\r\n:9\r\n:2\r\n|0\r\n+end\r\n", {"[1 2]", "'end'"}},
    {"*2\r\n*2\r\n*1\r\n:1\r\n*0\r\n*1\r\n*-1\r\n", {"[[[1] []] [null]]"}},
};

TEST(RespReader, ReadsEveryTypeOfBothVersions) {
  for (const Dialogue& dialogue : kDialogues) EXPECT_EQ(read_whole(dialogue.bytes), dialogue.values);
}

TEST(RespReader, EverySplitGivesTheSameValues) {
  for (const Dialogue& dialogue : kDialogues) {
    for (std::size_t cut = 1; cut < dialogue.bytes.size(); ++cut) {
      ASSERT_EQ(read(dialogue.bytes, {cut}), dialogue.values) << "cut at " << cut;
    }
    std::vector<std::size_t> each;
    for (std::size_t cut = 1; cut < dialogue.bytes.size(); ++cut) each.push_back(cut);
    ASSERT_EQ(read(dialogue.bytes, each), dialogue.values);
  }
}

TEST(RespReader, WhatIsTooLargeIsSkippedWhereverItStands) {
  const std::string large(100, 'x');
  const std::string bytes = "*3\r\n+message\r\n$100\r\n" + large + "\r\n+c\r\n$100\r\n" + large + "\r\n*1\r\n$100\r\n" +
                            large + "\r\n+next\r\n";
  const std::vector<std::string> values{"['message' too large 100 'c']", "too large 100", "[too large 100]", "'next'"};
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ASSERT_EQ(read(bytes, {cut}, RespLimits{.max_bulk_bytes = 99}), values) << "cut at " << cut;
  }
}

TEST(RespReader, WhatIsTooLargeIsNeverKept) {
  RespReader reader({.max_bulk_bytes = 1'000});
  const std::string head = "*3\r\n+message\r\n+c\r\n$536870912\r\n";
  std::memcpy(reader.space(head.size()).data(), head.data(), head.size());
  reader.took(head.size());
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_LE(reader.space(16'384).size(), 128U * 1024);
    reader.took(16'384);
    ASSERT_TRUE(reader.next());
    ASSERT_LE(reader.buffered(), head.size());
  }
}

/// CPU time of this thread for a bulk of `length` bytes that comes in reads of `piece` bytes.
std::chrono::nanoseconds cpu_of_bulk(std::size_t length, std::size_t piece) {
  RespReader reader({.max_bulk_bytes = 64U << 20U});
  const std::string head = "$" + std::to_string(length) + "\r\n";
  const auto cpu = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  };
  const auto begun = cpu();
  std::memcpy(reader.space(head.size()).data(), head.data(), head.size());
  reader.took(head.size());
  for (std::size_t given = 0; given < length; given += piece) {
    std::memset(reader.space(piece).data(), 'x', piece);
    reader.took(piece);
    EXPECT_FALSE(*reader.next());
  }
  std::memcpy(reader.space(2).data(), "\r\n", 2);
  reader.took(2);
  const auto value = reader.next();
  EXPECT_TRUE(value && *value);
  EXPECT_EQ(value && *value ? (*value)->text().size() : 0, length);
  return cpu() - begun;
}

TEST(RespReader, ALargeBulkInSmallReadsCostsOnePass) {
  constexpr std::size_t kLength = 32U << 20U;
  const auto at_once = cpu_of_bulk(kLength, kLength);
  const auto in_pieces = cpu_of_bulk(kLength, 4'096);
  EXPECT_LT(in_pieces, 100 * at_once) << "8,192 reads: a rescan at each would cost thousands of passes";
}

TEST(RespReader, WhatIsNoProtocolIsBroken) {
  for (const std::string_view bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "+OK\n", "\r\n", ":x\r\n", ":\r\n", "$-2\r\n", "$x\r\n", "$3\r\nabcd\r\n",
        "*-2\r\n", "*2000000000\r\n", "%-1\r\n", "#x\r\n", "_x\r\n", "=3\r\nabc\r\n", "=5\r\nabcde\r\n", "$?\r\n",
        "*?\r\n", ":9223372036854775808\r\n"}) {
    const auto values = read_whole(bytes);
    ASSERT_FALSE(values.empty()) << bytes;
    EXPECT_TRUE(values.back().starts_with("broken: ")) << bytes << " gave " << values.back();
  }
}

TEST(RespReader, AValueOfManyPartsIsBoundedAsAWhole) {
  std::string strings = "*9\r\n", attributes;
  for (int i = 0; i < 9; ++i) strings += "$8\r\n12345678\r\n";
  for (int i = 0; i < 50; ++i) attributes += "|0\r\n";

  for (const std::string& bytes : {strings, attributes}) {
    EXPECT_EQ(read_whole(bytes, {.max_bulk_bytes = 8, .max_value_bytes = 100}),
              (std::vector<std::string>{"broken: a value is too large"}));
  }
  EXPECT_FALSE(
      read_whole(strings, {.max_bulk_bytes = 8, .max_value_bytes = strings.size() - 8}).front().starts_with("broken"));
}

TEST(RespReader, LimitsHoldAgainstSizesFromTheNetwork) {
  EXPECT_TRUE(read_whole("+" + std::string(70'000, 'x')).back().starts_with("broken"));
  std::string deep;
  for (int i = 0; i < 9; ++i) deep += "*1\r\n";
  EXPECT_EQ(read_whole(deep), (std::vector<std::string>{"broken: nested too deep"}));
  EXPECT_EQ(read_whole("*4\r\n:1\r\n:2\r\n:3\r\n", {.max_nodes = 3}),
            (std::vector<std::string>{"broken: an invalid number of elements"}));
  EXPECT_EQ(read_whole("*2\r\n:1\r\n*2\r\n:2\r\n", {.max_nodes = 3}).back(), "broken: a value has too many elements");
}

}  // namespace
}  // namespace nx::redis
