#include "store/postgres/recipient_rows.hpp"

#include <cstring>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace nx::store::postgres {
namespace {

constexpr std::size_t kHeader = 19;  // bytes: signature, flags, length of the extension
constexpr std::size_t kRow = 46;     // the number of columns, and three columns with their lengths

NotificationId id_of(std::uint8_t number) {
  NotificationId id;
  id.bytes[15] = number;
  return id;
}

/// The (user_no, seq) of each row, in the order of the bytes.
std::vector<std::pair<std::int64_t, std::int64_t>> rows_in(const std::string& bytes) {
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;
  for (std::size_t at = kHeader; at + kRow <= bytes.size(); at += kRow) {
    rows.emplace_back(binary::get64(bytes.data() + at + 6), binary::get64(bytes.data() + at + 18));
  }
  return rows;
}

TEST(RecipientRows, AreWrittenByUserAndSeqWhateverTheOrderInWhichTheyWereAdded) {
  RecipientRows rows;
  rows.add(9, 1, id_of(1));
  rows.add(2, 7, id_of(1));
  rows.add(9, 2, id_of(2));
  rows.add(2, 8, id_of(3));
  EXPECT_EQ(rows.size(), 4U);
  const std::string bytes = rows.take();
  ASSERT_EQ(bytes.size(), kHeader + 4 * kRow + 2);
  EXPECT_EQ(bytes.substr(0, 11), (std::string{"PGCOPY\n\377\r\n\0", 11}));
  EXPECT_EQ(rows_in(bytes), (std::vector<std::pair<std::int64_t, std::int64_t>>{{2, 7}, {2, 8}, {9, 1}, {9, 2}}));
  const NotificationId third = id_of(3);
  EXPECT_EQ(std::memcmp(bytes.data() + kHeader + kRow + 30, third.bytes.data(), third.bytes.size()), 0)
      << "a row keeps its notification";
  EXPECT_EQ(bytes.substr(bytes.size() - 2), "\377\377") << "the trailer";
}

TEST(RecipientRows, AreEmptyOnceTheyWereTaken) {
  RecipientRows rows;
  rows.add(1, 1, id_of(1));
  rows.take();
  EXPECT_EQ(rows.size(), 0U);
  rows.add(3, 4, id_of(2));
  EXPECT_EQ(rows_in(rows.take()), (std::vector<std::pair<std::int64_t, std::int64_t>>{{3, 4}}));
}

}  // namespace
}  // namespace nx::store::postgres
