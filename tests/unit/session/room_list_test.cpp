#include "session/room_list.hpp"

#include <gtest/gtest.h>

#include "session/session_options.hpp"

namespace nx::session {
namespace {

std::vector<RoomName> rooms(std::size_t count, std::size_t bytes) {
  std::vector<RoomName> out;
  for (std::size_t i = 0; i < count; ++i) {
    RoomName room{"org:" + std::to_string(i)};
    room.value.resize(bytes, 'x');
    out.push_back(std::move(room));
  }
  return out;
}

TEST(RoomListTest, AQuestionIsBoundedInBytesTooAndNothingIsLeftOut) {
  RoomList list;
  const std::vector<RoomName> wanted = rooms(300, 768);
  list.want(wanted);
  std::size_t asked = 0;
  for (auto question = list.next_question(); !question.empty(); question = list.next_question()) {
    std::size_t bytes = 0;
    for (const RoomName& room : question) bytes += room.value.size();
    EXPECT_LE(bytes, kMaxAskedBytes);
    asked += question.size();
    EXPECT_TRUE(list.admit(question, {}).empty());
  }
  EXPECT_EQ(asked, wanted.size());
}

}  // namespace
}  // namespace nx::session
