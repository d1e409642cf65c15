#include "component/rest/routes_fixture.hpp"

namespace nx::rest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using NotificationChangesTest = NotificationRoutesTest;

TEST_F(NotificationChangesTest, PatchAnswersTheRowAndTellsTheUsersSessions) {
  const auto ids = store_for({"u1"}, 2);

  const auto answer = patch(ids[0], R"({"read":true})");

  const auto body = json::parse(answer.body);
  ASSERT_TRUE(body && body->find("data")) << answer.body;
  const std::string read_at = body->find("data")->find("readAt")->text();
  EXPECT_EQ(read_at.size(), 24U);
  EXPECT_THAT(told(), ElementsAre(R"(u1 {"event":"observation/signal/notification/updated","data":{"ids":[")" + ids[0] +
                                  R"("],"readAt":")" + read_at + R"("},"unread":1})"));
}

TEST_F(NotificationChangesTest, PatchThatChangesNothingTellsNobody) {
  const auto ids = store_for({"u1"}, 1);
  patch(ids[0], R"({"read":true})");
  const auto again = patch(ids[0], R"({"read":true,"archived":false})");

  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(told().size(), 1U);
}

TEST_F(NotificationChangesTest, UnreadAndArchivedChangesMoveTheBadgeToo) {
  const auto ids = store_for({"u1"}, 1);
  patch(ids[0], R"({"read":true})");
  patch(ids[0], R"({"read":false})");
  patch(ids[0], R"({"archived":true})");

  const auto frames = told();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_THAT(frames[1], testing::EndsWith(R"("],"readAt":null},"unread":1})"));
  EXPECT_THAT(frames[2],
              testing::AllOf(HasSubstr(R"("readAt":null,"archivedAt":")"), testing::EndsWith(R"(Z"},"unread":0})")));
}

TEST_F(NotificationChangesTest, ReadByIdsCountsAndTellsWhatReallyChanged) {
  const auto ids = store_for({"u1"}, 3);
  const auto foreign = store_for({"u2"}, 1);
  const std::string body = R"({"ids":[")" + ids[0] + R"(",")" + ids[2] + R"(",")" + foreign[0] + R"("]})";

  EXPECT_EQ(post_read(body).body, R"({"count":2})");
  EXPECT_EQ(post_read(body).body, R"({"count":0})");

  const auto frames = told();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_THAT(frames[0], HasSubstr(R"("data":{"ids":[")" + ids[0] + R"(",")" + ids[2] + R"("],"readAt":")"));
  EXPECT_THAT(frames[0], testing::EndsWith(R"("unread":1})"));
}

TEST_F(NotificationChangesTest, ReadAllTellsHowFar) {
  store_for({"u1"}, 4);

  EXPECT_EQ(post_read(R"({"all":true,"upTo":3})").body, R"({"count":3})");
  EXPECT_EQ(post_read(R"({"all":true})").body, R"({"count":1})");
  EXPECT_EQ(post_read(R"({"all":true})").body, R"({"count":0})");

  const auto frames = told();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_THAT(frames[0], testing::AllOf(HasSubstr(R"("data":{"all":true,"upTo":3,"readAt":")"),
                                        testing::EndsWith(R"(Z"},"unread":1})")));
  EXPECT_THAT(frames[1], testing::AllOf(HasSubstr(R"("data":{"all":true,"upTo":4,"readAt":")"),
                                        testing::EndsWith(R"(Z"},"unread":0})")));
}

TEST_F(NotificationChangesTest, BadBodiesAreNamed) {
  const auto ids = store_for({"u1"}, 1);
  EXPECT_EQ(field_of_422(patch(ids[0], R"({"read":"yes"})")), "read");
  EXPECT_EQ(field_of_422(post_read(R"({"ids":[]})")), "ids");
  const auto malformed = post_read("{");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_THAT(malformed.body, HasSubstr(R"("message":"Malformed Body Payload")"));
  HttpRequest form = request("POST", "/v1/notifications/read");
  form.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  form.body = "all=true";
  EXPECT_EQ(send(form).status, 415);
}

}  // namespace
}  // namespace nx::rest
