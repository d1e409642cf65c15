// The routes that take a filter, on both databases: shapes, headers, links, limits.

#include "component/rest/filter_fixture.hpp"
#include "model/percent.hpp"

namespace nx::rest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class FilterRoutes : public FilterRoutesTest {
 protected:
  HttpResponse list(const std::string& filter, const std::string& more = {}) {
    return get("/v1/notifications?filter=" + percent_encode(filter) + more);
  }
  HttpResponse count(const std::string& where) { return get("/v1/notifications/count?where=" + percent_encode(where)); }
  HttpResponse first(const std::string& filter) {
    return get("/v1/notifications/find-one?filter=" + percent_encode(filter));
  }
  void set(std::int64_t seq, const std::string& change) {
    ASSERT_EQ(patch(ids_.at(static_cast<std::size_t>(seq - 1)), change).status, 200);
  }
  void fill(int rows) {
    for (int i = 1; i <= rows; ++i) {
      Row row;
      row.title = "t" + std::to_string(i % 3);
      row.data = R"({"level":)" + std::to_string(i) + "}";
      ids_.push_back(store_row(row));
    }
  }

  std::vector<std::string> ids_;
};

TEST_P(FilterRoutes, APageOfAFilterSaysWhereItStandsAmongAllThatMatch) {
  fill(9);
  const auto page = list(R"({"where":{"data.level":{"gte":3}},"order":["data.level"],"limit":2,"skip":3})");

  EXPECT_THAT(seqs(page), ElementsAre(6, 7));
  EXPECT_EQ(header(page, "Content-Range"), "records 3-4/7");
  EXPECT_EQ(header(page, "x-response-count"), "2");
  EXPECT_EQ(header(page, "x-response-format"), "array");
  EXPECT_EQ(header(page, "Link"), "");
  EXPECT_EQ(header(list(R"({"where":{"seq":77}})"), "Content-Range"), "records */0");
  EXPECT_EQ(header(list(R"({"where":{"title":"t1"},"skip":50})"), "Content-Range"), "records */3");
  EXPECT_EQ(header(list(R"({"limit":0})"), "Content-Range"), "records */9");
  EXPECT_EQ(header(list(R"({"skip":8})"), "Content-Range"), "records 8-8/9");
}

TEST_P(FilterRoutes, TheDataAloneIsShownWhereNoCountIsWanted) {
  fill(1);
  HttpRequest asked = request("GET", "/v1/notifications?fields=seq,title");
  asked.headers.push_back({"x-request-count", "false"});
  EXPECT_EQ(send(asked).body, R"([{"seq":1,"title":"t1"}])");
}

TEST_P(FilterRoutes, FieldsAreChosenEverywhere) {
  fill(2);
  EXPECT_EQ(list(R"({"fields":["title","seq"]})").body,
            R"({"count":2,"data":[{"seq":2,"title":"t2"},{"seq":1,"title":"t1"}]})");
  EXPECT_EQ(first(R"({"fields":{"seq":true,"title":false}})").body, R"({"count":1,"data":{"seq":2}})");
  EXPECT_EQ(
      get("/v1/notifications/" + ids_[0] + "?filter=" + percent_encode(R"({"fields":["seq"],"where":{"nope":1}})"))
          .body,
      R"({"count":1,"data":{"seq":1}})");
  EXPECT_EQ(get("/v1/notifications/" + ids_[0] + "?fields=seq,data").body,
            R"({"count":1,"data":{"seq":1,"data":{"level":1}}})");
  EXPECT_EQ(field_of_422(get("/v1/notifications/" + ids_[0] + "?fields=nope")), "fields");
}

TEST_P(FilterRoutes, CountAndFindOneAnswerAsIgnisDoes) {
  fill(5);
  EXPECT_EQ(count("{}").body, R"({"count":5})");
  EXPECT_EQ(count(R"({"title":"t1"})").body, R"({"count":2})");
  EXPECT_EQ(field_of_422(get("/v1/notifications/count")), "where");
  EXPECT_EQ(header(count("{}"), "x-response-count"), "");

  const auto none = first(R"({"where":{"seq":99}})");
  EXPECT_EQ(none.status, 200);
  EXPECT_EQ(none.body, R"({"count":0,"data":null})");
  EXPECT_EQ(header(none, "x-response-format"), "object");
  EXPECT_THAT(first(R"({"where":{"title":"t1"}})").body, HasSubstr(R"("seq":4,)"));
  EXPECT_THAT(first(R"({"where":{"title":"t1"},"order":["seq ASC"]})").body, HasSubstr(R"("seq":1,)"));
  EXPECT_THAT(first("").body, HasSubstr(R"("seq":5,)"));
}

TEST_P(FilterRoutes, ArchivedRowsAreLeftOutUnlessTheWhereSpeaksOfThem) {
  fill(5);
  set(2, R"({"archived":true})");
  set(4, R"({"archived":true,"read":true})");

  EXPECT_THAT(seqs(list(R"({"where":{"seq":{"gt":0}}})")), ElementsAre(5, 3, 1));
  EXPECT_THAT(seqs(list(R"({"where":{"archivedAt":{"ne":null}}})")), ElementsAre(4, 2));
  EXPECT_THAT(seqs(list(R"({"where":{"archivedAt":null}})")), ElementsAre(5, 3, 1));
  EXPECT_THAT(seqs(list(R"({"where":{"or":[{"archivedAt":null},{"archivedAt":{"ne":null}}]}})")),
              ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(seqs(list(R"({"where":{"archivedAt":{"nin":[]}},"order":["seq"]})")), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(seqs(list(R"({"where":{"archivedAt":{"gt":"2020-01-01"},"readAt":null}})")), ElementsAre(2));
  EXPECT_THAT(seqs(list(R"({"where":{"title":"t2"}})", "&archived=true")), ElementsAre(2));
  EXPECT_EQ(count(R"({"seq":{"gt":0}})").body, R"({"count":3})");
  EXPECT_EQ(count(R"({"archivedAt":{"ne":null}})").body, R"({"count":2})");
  EXPECT_EQ(count(R"({"id":")" + ids_[1] + "\"}").body, R"({"count":0})");
  EXPECT_EQ(first(R"({"where":{"id":")" + ids_[1] + "\"}}").body, R"({"count":0,"data":null})");
}

TEST_P(FilterRoutes, WhatIsShownAsReadIsFoundAsRead) {
  fill(8);
  set(2, R"({"read":true})");
  post_read(R"({"all":true,"upTo":4})");
  set(3, R"({"read":false})");
  set(6, R"({"read":true})");

  EXPECT_THAT(seqs(list(R"({"where":{"readAt":null}})")), ElementsAre(8, 7, 5, 3));
  EXPECT_THAT(seqs(list(R"({"where":{"readAt":null,"seq":{"lt":8},"title":{"in":["t0","t1"]}}})")), ElementsAre(7, 3));
  EXPECT_THAT(seqs(list(R"({"where":{"readAt":{"ne":null}}})")), ElementsAre(6, 4, 2, 1));
  EXPECT_THAT(seqs(list(R"({"where":{"readAt":null},"order":["seq"]})")), ElementsAre(3, 5, 7, 8));
  EXPECT_THAT(seqs(list(R"({"where":{"title":"t1"}})", "&unread=true")), ElementsAre(7));
  EXPECT_EQ(count(R"({"readAt":null})").body, R"({"count":4})");
  EXPECT_EQ(header(list(R"({"where":{"readAt":null},"limit":1})"), "Content-Range"), "records 0-0/4");
  const auto marked = json::parse(get("/v1/notifications/" + ids_[0]).body);
  const std::string read_at = marked->find("data")->find("readAt")->text();
  EXPECT_THAT(seqs(list(R"({"where":{"readAt":")" + read_at + R"("},"order":["seq"]})")), testing::Contains(1));
}

TEST_P(FilterRoutes, TheNextPageIsLinkedAlongTheDefaultOrder) {
  fill(7);
  const auto page = list(R"({"where":{"data.level":{"lt":7}},"limit":4,"fields":["seq"]})");
  EXPECT_EQ(page.body, R"({"count":4,"data":[{"seq":6},{"seq":5},{"seq":4},{"seq":3}]})");
  ASSERT_NE(next(page), "");

  const auto second = get(next(page));
  EXPECT_EQ(second.body, R"({"count":2,"data":[{"seq":2},{"seq":1}]})");
  EXPECT_EQ(header(second, "Content-Range"), "records 0-1/*");
  EXPECT_EQ(next(second), "");
  EXPECT_NE(next(list(R"({"order":["seq DESC"],"limit":4})")), "");
  EXPECT_EQ(next(list(R"({"order":["seq ASC"],"limit":4})")), "");
  EXPECT_NE(next(list(R"({"where":{"seq":{"gt":1}},"limit":2,"skip":1})")), "");
}

TEST_P(FilterRoutes, ACursorBelongsToItsWhere) {
  fill(7);
  const std::string link = next(list(R"({"where":{"title":"t1"},"limit":1})"));
  const std::string cursor = link.substr(link.find("cursor="));
  EXPECT_THAT(seqs(list(R"({"where":{"title":"t1"}})", "&" + cursor)), ElementsAre(4, 1));
  EXPECT_EQ(field_of_422(list(R"({"where":{"title":"t2"}})", "&" + cursor)), "cursor");
  EXPECT_EQ(field_of_422(get("/v1/notifications?" + cursor)), "cursor");
  EXPECT_EQ(field_of_422(list(R"({"where":{"title":"t1"},"order":["title"]})", "&" + cursor)), "cursor");
  EXPECT_EQ(field_of_422(list(R"({"where":{"title":"t1"},"skip":1})", "&" + cursor)), "cursor");
  EXPECT_EQ(field_of_422(list("{}", "&cursor=AAAA")), "cursor");
  EXPECT_EQ(field_of_422(list(R"({"order":["seq DESC"]})", "&since=1")), "since");
}

TEST_P(FilterRoutes, SinceWalksUpwardsWithinAWhere) {
  fill(7);
  const auto page = list(R"({"where":{"title":{"in":["t1","t2"]}},"limit":2})", "&since=2");
  EXPECT_THAT(seqs(page), ElementsAre(4, 5));
  EXPECT_EQ(header(page, "Content-Range"), "records 0-1/*");
  EXPECT_THAT(seqs(get(next(page))), ElementsAre(7));
}

TEST_P(FilterRoutes, ForeignRowsAreAsGoodAsNone) {
  const auto foreign = store_for({"u2"}, 3);
  fill(1);
  EXPECT_EQ(list(R"({"where":{"id":")" + foreign[0] + "\"}}").body, R"({"count":0,"data":[]})");
  EXPECT_EQ(list(R"({"where":{"id":{"inq":[")" + foreign[0] + R"(","00000000-0000-4000-8000-000000000000"]}}})").body,
            R"({"count":0,"data":[]})");
  EXPECT_THAT(seqs(list(R"({"where":{"or":[{"seq":{"gt":0}},{"id":")" + foreign[0] + R"("}]}})")), ElementsAre(1));
  EXPECT_EQ(count(R"({"type":"payment.success"})").body, R"({"count":1})");
  EXPECT_EQ(get("/v1/notifications?filter=" + percent_encode(R"({"where":{"title":"t1"}})"), "nobody").body,
            R"({"count":0,"data":[]})");
}

TEST_P(FilterRoutes, IdsAreLookedUpInAnyOrder) {
  fill(6);
  const std::string some =
      R"({"where":{"id":{"inq":[")" + ids_[4] + R"(",")" + ids_[1] + R"(",")" + ids_[2] + R"("]},"title":{"ne":"t0"}})";
  EXPECT_THAT(seqs(list(some + "}")), ElementsAre(5, 2));
  EXPECT_THAT(seqs(list(some + R"(,"order":["title DESC","seq"]})")), ElementsAre(2, 5));
  EXPECT_EQ(header(list(some + "}"), "Content-Range"), "records 0-1/2");
}

TEST_P(FilterRoutes, CreatedAtNarrowsExactly) {
  fill(3);
  const auto row = json::parse(get("/v1/notifications/" + ids_[1]).body);
  const std::string created = row->find("data")->find("createdAt")->text();
  const std::int64_t ms = parse_iso8601(created)->value;
  const auto has_second = [this](const std::string& condition) {
    const auto found = seqs(list(R"({"where":{"createdAt":)" + condition + "}}"));
    return std::find(found.begin(), found.end(), 2) != found.end();
  };
  EXPECT_TRUE(has_second('"' + created + '"'));
  EXPECT_TRUE(has_second(std::to_string(ms)));
  EXPECT_TRUE(has_second(R"({"gte":")" + created + "\"}"));
  EXPECT_FALSE(has_second(R"({"gt":")" + created + "\"}"));
  EXPECT_FALSE(has_second(R"({"lt":")" + created + "\"}"));
  EXPECT_TRUE(has_second(R"({"between":[)" + std::to_string(ms) + "," + std::to_string(ms) + "]}"));
  EXPECT_FALSE(has_second(R"({"notBetween":[)" + std::to_string(ms) + "," + std::to_string(ms) + "]}"));
  EXPECT_TRUE(has_second(R"({"inq":["1970-01-01",")" + created + "\"]}"));
  EXPECT_FALSE(has_second(R"({"lt":0})"));
}

TEST_P(FilterRoutes, WhatIsBadNamesItselfAndCostsNoDatabaseThread) {
  fill(1);
  pool_->abandon();  // whoever needs a thread hears 503
  EXPECT_EQ(list("{}").status, 503);
  const std::pair<const char*, int> cases[] = {{R"({"where":{"nope":1}})", 400},
                                               {R"x({"where":{"title":{"regexp":"(?=a)"}}})x", 400},
                                               {"{", 400},
                                               {R"({"limit":101})", 422},
                                               {R"({"skip":10001})", 422},
                                               {R"({"where":[]})", 422}};
  for (const auto& [filter, status] : cases) {
    const auto response = list(filter);
    EXPECT_EQ(response.status, status) << filter;
    EXPECT_TRUE(json::parse(response.body)) << response.body;
  }
  EXPECT_EQ(
      list(R"({"where":{"nope":1}})").body,
      R"({"message":"[FilterBuilder][toWhere] Table: ActivityNotification | Column NOT FOUND | key: 'nope'","statusCode":400,"requestId":"r",)"
      R"("details":{"url":"http://localhost:3000/v1/notifications?filter=%7B%22where%22%3A%7B%22nope%22%3A1%7D%7D","path":"/v1/notifications"}})");
  EXPECT_EQ(count(R"({"x":1})").status, 400);
  EXPECT_EQ(first(R"({"order":["x"]})").status, 400);
}

TEST_P(FilterRoutes, EveryPatternIsLinear) {
  Row row;
  row.body = std::string(30'000, 't') + "x";
  row.title = std::string(2'000, 'a');
  store_row(row);
  for (const char* pattern : {"^(t+)+$", "(t*)*y", "(t|tt)+$", "t*t*t*t*t*t*y", "(.*t.*)(.*t.*)(.*t.*)y"}) {
    const auto response = list(R"({"where":{"body":{"regexp":")" + std::string{pattern} + "\"}}}");
    ASSERT_EQ(response.status, 200) << pattern << response.body;
    EXPECT_THAT(seqs(response), ElementsAre()) << pattern;
  }
  EXPECT_THAT(seqs(list(R"({"where":{"title":{"like":"%a%a%a%a%a%a%a%a%a%ab"}}})")), ElementsAre());
}

TEST_P(FilterRoutes, WhatTakesLongerThanAStatementMayIsTooBroadAndHoldsNobodyUp) {
  give_no_time();
  const auto broad = list(R"({"where":)" + std::string{kLong} + "}");
  EXPECT_EQ(field_of_422(broad), "");
  EXPECT_THAT(broad.body, HasSubstr(R"("message":"too broad")"));
  EXPECT_THAT(count(kLong).body, HasSubstr("too broad"));
  EXPECT_THAT(first(R"({"where":)" + std::string{kLong} + R"(,"order":["title"]})").body, HasSubstr("too broad"));
}

TEST_P(FilterRoutes, CostlyFiltersTakeHalfOfTheThreadsAndOthersAreServed) {
  fill(1);
  start_pool(2, 100);
  // Stands for a costly filter that runs.
  std::promise<void> go = occupy(runtime::JobKind::slow);
  std::promise<HttpResponse> costly;
  loop_.post([&] {
    router_(request("GET", "/v1/notifications?where=" + percent_encode(R"({"title":"t1"})")), loop_,
            [&](HttpResponse response) { costly.set_value(std::move(response)); });
  });
  EXPECT_EQ(list(R"({"where":{"seq":1}})").status, 200);
  EXPECT_EQ(list(R"({"where":{"id":")" + ids_[0] + R"(","title":"t1"}})").status, 200);
  EXPECT_EQ(get("/v1/notifications").status, 200);
  auto answer = costly.get_future();
  EXPECT_EQ(answer.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  go.set_value();
  EXPECT_EQ(answer.get().status, 200);
}

INSTANTIATE_TEST_SUITE_P(Filters, FilterRoutes, testing::Values(DatabaseKind::sqlite, DatabaseKind::postgres),
                         name_of_database);

}  // namespace
}  // namespace nx::rest
