#include "model/keyed_hash.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace nx {
namespace {

template <class Table>
std::size_t fullest_bucket(const Table& table) {
  std::size_t most = 0;
  for (std::size_t i = 0; i < table.bucket_count(); ++i) most = std::max(most, table.bucket_size(i));
  return most;
}

TEST(KeyedHash, NamesThatMeetInOneBucketOfAKnownHashDoNotMeetHere) {
  constexpr std::size_t kNames = 400;
  KeyedSet<std::string> table;
  table.reserve(kNames);
  const std::size_t buckets = table.bucket_count();
  for (std::size_t i = 0; table.size() < kNames; ++i) {
    std::string name = "name" + std::to_string(i);
    if (std::hash<std::string>{}(name) % buckets == 0) table.insert(std::move(name));
  }
  EXPECT_LE(fullest_bucket(table), 20U);
}

TEST(KeyedHash, ATextHasOneHashInEveryForm) {
  const KeyedHash hash;
  EXPECT_EQ(hash(std::string_view("m1")), hash(Id<struct AnyTag>{"m1"}));
  EXPECT_EQ(hash(std::string_view("m1")), hash(HashedText("m1")));
  EXPECT_EQ(hash(std::string_view("m1")), hash(std::array<std::uint8_t, 2>{'m', '1'}));
  EXPECT_NE(hash(std::string_view("m1")), hash(std::string_view("m2")));
}

TEST(KeyedHash, TablesAreSearchedByViewsAndByTextHashedBefore) {
  KeyedMap<std::string, int> table{{"a", 1}, {"", 2}};
  EXPECT_EQ(table.find(std::string_view("a"))->second, 1);
  EXPECT_EQ(table.find(HashedText(""))->second, 2);
  EXPECT_EQ(table.find(HashedText("b")), table.end());
}

}  // namespace
}  // namespace nx
