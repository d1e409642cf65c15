#include "contract/record_source.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace nx::contract {
namespace {

TEST(RecordSource, IsReadAsItIsWritten) {
  for (const RecordSource& source :
       {RecordSource{"signal.activity-notification", 3, 1'284, 1'796'025'600'000}, RecordSource{"T_1", 0, 0, -1},
        RecordSource{std::string(249, 't'), INT32_MAX, INT64_MAX, INT64_MIN}}) {
    EXPECT_EQ(read_source(source_text(source)), source);
  }
  EXPECT_EQ(source_text({"t", 2, 7, -1}), "t/2/7/-1");
}

TEST(RecordSource, AnyOtherTextIsNone) {
  for (const char* text :
       {"", "t", "t/0/0", "t/0/0/1/2", "/0/0/1", "t//0/1", "t/-1/0/1", "t/0/-1/1", "t/0/0/", "t/00/0/1", "t/0/07/1",
        "t/0/0/+1", "t/0/0/1 ", "t/2147483648/0/1", "t/0/9223372036854775808/1", "a b/0/0/1", "\xff/0/0/1"}) {
    EXPECT_EQ(read_source(text), std::nullopt) << text;
  }
  EXPECT_EQ(read_source(std::string(250, 't').append("/0/0/1")), std::nullopt);
  EXPECT_EQ(read_source(std::string_view("t\0/0/0/1", 8)), std::nullopt);
}

}  // namespace
}  // namespace nx::contract
