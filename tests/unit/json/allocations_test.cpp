// What reading costs, counted: a thread that has read before allocates nothing for what comes next, whatever it says.
#include <gtest/gtest.h>

#include "counted_allocations.hpp"
#include "json/document.hpp"

namespace nx::json {
namespace {

std::string object_of(const std::string& member) {
  std::string text = "{";
  while (text.size() < 131'000) text += member + ",";
  text.back() = '}';
  return text;
}

std::uint64_t allocations_of_reading(const std::string& text) {
  const std::uint64_t before = nx::testing::allocations();
  const auto document = Document::read(text);
  EXPECT_TRUE(document) << text.substr(0, 40);
  const View last = document->root().find("none");
  std::size_t members = 0;
  for (const auto& [name, value] : document->root().members()) members += value.is(last) ? 0 : 1;
  EXPECT_GE(members, 1U);
  return nx::testing::allocations() - before;
}

TEST(Allocations, ATextCostsNoneWhateverItSays) {
  for (const std::string member : {R"("a":0)", R"("\u0061":[[],{}])", R"("s":"long text, long text, long text")",
                                   R"("n":-12345678901234567890.5e-7)"}) {
    const std::string text = object_of(member);
    allocations_of_reading(text);
    EXPECT_EQ(allocations_of_reading(text), 0U) << member;
  }
}

}  // namespace
}  // namespace nx::json
