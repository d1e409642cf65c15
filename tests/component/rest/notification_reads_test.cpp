#include "component/rest/routes_fixture.hpp"

namespace nx::rest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using NotificationReadsTest = NotificationRoutesTest;

TEST_F(NotificationReadsTest, ListsNewestFirstTenAtATimeWithTheTotal) {
  store_for({"u1", "u2"}, 12);

  const auto first = get("/v1/notifications");

  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(seqs(first), ElementsAre(12, 11, 10, 9, 8, 7, 6, 5, 4, 3));
  EXPECT_EQ(header(first, "Content-Range"), "records 0-9/12");
  EXPECT_EQ(header(first, "x-response-count"), "10");
  EXPECT_EQ(header(first, "x-response-format"), "array");
  EXPECT_EQ(header(first, "x-request-id"), "r");
  EXPECT_EQ(header(first, "Content-Type"), "application/json");

  const auto second = get(next(first));
  EXPECT_THAT(seqs(second), ElementsAre(2, 1));
  EXPECT_EQ(header(second, "Content-Range"), "records 0-1/*");
  EXPECT_EQ(header(second, "Link"), "");
}

TEST_F(NotificationReadsTest, AnEmptyInboxSaysSo) {
  const auto empty = get("/v1/notifications");

  EXPECT_EQ(empty.body, R"({"count":0,"data":[]})");
  EXPECT_EQ(header(empty, "Content-Range"), "records */0");
}

TEST_F(NotificationReadsTest, PagesStayExactWhileNewRowsArrive) {
  store_for({"u1"}, 5);
  const auto first = get("/v1/notifications?limit=2");
  store_for({"u1"}, 3);
  const auto second = get(next(first));
  const auto third = get(next(second));

  EXPECT_THAT(seqs(first), ElementsAre(5, 4));
  EXPECT_THAT(seqs(second), ElementsAre(3, 2));
  EXPECT_THAT(seqs(third), ElementsAre(1));
  EXPECT_EQ(next(third), "");
}

TEST_F(NotificationReadsTest, SinceWalksUpwards) {
  store_for({"u1"}, 5);

  const auto first = get("/v1/notifications?since=1&limit=3");
  EXPECT_THAT(seqs(first), ElementsAre(2, 3, 4));
  EXPECT_EQ(header(first, "Content-Range"), "records 0-2/*");
  EXPECT_EQ(next(first), "/v1/notifications?limit=3&since=4");
  EXPECT_THAT(seqs(get(next(first))), ElementsAre(5));
}

TEST_F(NotificationReadsTest, UnreadAndArchivedRowsHaveListsOfTheirOwn) {
  const auto ids = store_for({"u1"}, 5);
  patch(ids[4], R"({"read":true})");
  patch(ids[3], R"({"archived":true})");

  EXPECT_THAT(seqs(get("/v1/notifications")), ElementsAre(5, 3, 2, 1));
  const auto unread = get("/v1/notifications?unread=true&limit=2");
  EXPECT_THAT(seqs(unread), ElementsAre(3, 2));
  EXPECT_EQ(header(unread, "Content-Range"), "records 0-1/3");
  EXPECT_THAT(next(unread), HasSubstr("unread=true"));
  EXPECT_THAT(seqs(get(next(unread))), ElementsAre(1));
  const auto archived = get("/v1/notifications?archived=true");
  EXPECT_THAT(seqs(archived), ElementsAre(4));
  EXPECT_EQ(header(archived, "Content-Range"), "records 0-0/1");
}

TEST_F(NotificationReadsTest, ACursorOfAnotherFilterIsRefused) {
  store_for({"u1"}, 3);
  const std::string link = next(get("/v1/notifications?limit=1"));

  EXPECT_EQ(field_of_422(get(link + "&unread=true")), "cursor");
}

TEST_F(NotificationReadsTest, AForeignCursorShowsOnlyOnesOwnRows) {
  store_for({"u1"}, 3);
  store_for({"u2"}, 1);

  EXPECT_THAT(seqs(get(next(get("/v1/notifications?limit=1")), "u2")), ElementsAre(1));
}

TEST_F(NotificationReadsTest, BadQueriesNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {"limit=0", "limit"},
      {"limit=101", "limit"},
      {"limit=x", "limit"},
      {"since=-1", "since"},
      {"since=", "since"},
      {"since=1&cursor=AAAA", "since"},
      {"cursor=nonsense", "cursor"},
      {"unread=1", "unread"},
      {"archived=maybe", "archived"},
      {"unread=true&archived=true", "archived"},
      {"limit=1&limit=2", "limit"},
      {"filter={}&where={}", "where"},
      {"filter={}&limit=1", "limit"},
      {"where=", "where"},
  };
  for (const auto& [query, field] : cases) {
    EXPECT_EQ(field_of_422(get(std::string{"/v1/notifications?"} + query)), field) << query;
  }
  EXPECT_EQ(get("/v1/notifications?limit=%zz").status, 400);
}

TEST_F(NotificationReadsTest, AValidationErrorHasTheShapeOfIgnis) {
  EXPECT_EQ(
      get("/v1/notifications?limit=0").body,
      R"({"message":"ValidationError","statusCode":422,"requestId":"r","details":{"url":"http://localhost:3000/v1/notifications?limit=0",)"
      R"("path":"/v1/notifications","cause":[{"path":"limit","message":"expected an integer from 1 to 100","code":"invalid_value"}]}})");
}

TEST_F(NotificationReadsTest, OneRowIsFoundById) {
  const auto ids = store_for({"u1"}, 1);

  const auto found = get("/v1/notifications/" + ids[0]);

  EXPECT_EQ(found.status, 200);
  EXPECT_TRUE(found.body.starts_with(R"({"count":1,"data":{"id":")" + ids[0] +
                                     R"(","key":null,"seq":1,"type":"payment.success")"))
      << found.body;
  EXPECT_EQ(header(found, "x-response-format"), "object");
}

TEST_F(NotificationReadsTest, AMissingAndAForeignIdAreTheSame200) {
  const auto foreign = store_for({"u2"}, 1);

  for (const std::string& id :
       {foreign[0], std::string{"0190c2a4-8e3b-7cde-8f01-23456789abcd"}, std::string{"7"}, std::string{"no%20id"}}) {
    const auto answer = get("/v1/notifications/" + id);
    EXPECT_EQ(answer.status, 200) << id;
    EXPECT_EQ(answer.body, R"({"count":0,"data":null})") << id;
    EXPECT_EQ(patch(id, R"({"read":true})").body, R"({"count":0,"data":null})") << id;
  }
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(get("/v1/notifications/unread-count", "u2").body, testing::StartsWith(R"({"count":1,"seq":1,)"));
}

TEST_F(NotificationReadsTest, RequestCountFalseLeavesTheDataAlone) {
  const auto ids = store_for({"u1"}, 1);
  for (const char* wish : {"false", "0"}) {
    HttpRequest list = request("GET", "/v1/notifications");
    list.headers.push_back({"X-Request-Count", wish});
    const auto answer = send(list);
    EXPECT_TRUE(answer.body.starts_with(R"([{"id":")")) << answer.body;
    EXPECT_EQ(header(answer, "x-response-count"), "1");
  }
  HttpRequest none = request("GET", "/v1/notifications/7");
  none.headers.push_back({"x-request-count", "false"});
  EXPECT_EQ(send(none).body, "null");
}

TEST_F(NotificationReadsTest, UnreadCountComesWithTheNewestSeq) {
  const std::string epoch = writer_->unread_count({"u1"})->epoch;
  EXPECT_EQ(epoch.size(), 16U);
  const std::string tail = R"(,"epoch":")" + epoch + "\"}";
  EXPECT_EQ(get("/v1/notifications/unread-count").body, R"({"count":0,"seq":0)" + tail);
  EXPECT_EQ(header(get("/v1/notifications"), "x-inbox-epoch"), epoch);
  const auto ids = store_for({"u1"}, 3);
  patch(ids[1], R"({"read":true})");
  EXPECT_EQ(get("/v1/notifications/unread-count").body, R"({"count":2,"seq":3)" + tail);
}

}  // namespace
}  // namespace nx::rest
