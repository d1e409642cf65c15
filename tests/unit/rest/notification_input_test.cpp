#include "rest/notification_input.hpp"

#include <gtest/gtest.h>

namespace nx::rest {
namespace {

const std::string kId = "0190c2a4-8e3b-7cde-8f01-23456789abcd";

transport::HttpRequest with_body(std::string body, const std::string& type = "application/json") {
  transport::HttpRequest request;
  if (!type.empty()) request.headers.push_back({"Content-Type", type});
  request.body = std::move(body);
  return request;
}

TEST(NotificationInputChange, TakesReadAndArchived) {
  EXPECT_EQ(read_change(with_body(R"({"read":true})"))->read, true);
  EXPECT_EQ(read_change(with_body(R"({"read":true})"))->archived, std::nullopt);
  const auto both =
      read_change(with_body(R"({"archived":false,"read":false,"other":1})", "Application/JSON ; charset=utf-8"));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->read, false);
  EXPECT_EQ(both->archived, false);
}

TEST(NotificationInputChange, NamesTheFieldThatIsWrong) {
  const struct {
    const char* body;
    int status;
    const char* field;
  } cases[] = {
      {R"({"read":1})", 422, "read"},
      {R"({"read":null})", 422, "read"},
      {R"({"read":true,"archived":"yes"})", 422, "archived"},
      {"{}", 422, "read"},
      {"[]", 422, ""},
      {"null", 422, ""},
      {"{\"read\":true", 400, ""},
      {"", 400, ""},
      {"{\"read\":true}\xff", 400, ""},
  };
  for (const auto& [body, status, field] : cases) {
    const auto change = read_change(with_body(body));
    ASSERT_FALSE(change) << body;
    EXPECT_EQ(change.error().status, status) << body;
    EXPECT_EQ(change.error().field, field) << body;
  }
}

TEST(NotificationInputChange, AnotherMediaTypeIs415) {
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/json-patch+json"}) {
    EXPECT_EQ(read_change(with_body(R"({"read":true})", type)).error().status, 415) << type;
  }
}

TEST(NotificationInputRead, TakesIdsOrAll) {
  const auto ids = read_read_order(with_body(R"({"ids":[")" + kId + R"("]})"));
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->ids.size(), 1U);
  EXPECT_FALSE(ids->all);

  const auto all = read_read_order(with_body(R"({"all":true,"upTo":7})"));
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->all);
  EXPECT_EQ(all->up_to, 7);
  EXPECT_EQ(read_read_order(with_body(R"({"all":true})"))->up_to, std::nullopt);
}

TEST(NotificationInputRead, NamesTheFieldThatIsWrong) {
  const std::string id = '"' + kId + '"';
  const std::pair<std::string, const char*> cases[] = {
      {"{}", "ids"},
      {R"({"ids":[]})", "ids"},
      {R"({"ids":"x"})", "ids"},
      {R"({"ids":null})", "ids"},
      {"{\"ids\":[" + id + ",7]}", "ids.1"},
      {R"({"ids":["not-an-id"]})", "ids.0"},
      {"{\"ids\":[" + id + "],\"all\":true}", "all"},
      {"{\"ids\":[" + id + "],\"upTo\":1}", "upTo"},
      {R"({"all":false})", "all"},
      {R"({"all":"true"})", "all"},
      {R"({"all":true,"upTo":-1})", "upTo"},
      {R"({"all":true,"upTo":1.5})", "upTo"},
      {R"({"all":true,"upTo":"7"})", "upTo"},
      {R"({"all":true,"upTo":null})", "upTo"},
  };
  for (const auto& [body, field] : cases) {
    const auto order = read_read_order(with_body(body));
    ASSERT_FALSE(order) << body;
    EXPECT_EQ(order.error().status, 422) << body;
    EXPECT_EQ(order.error().field, field) << body;
  }
}

TEST(NotificationInputRead, BoundsTheList) {
  const auto list = [](int count) {
    std::string body = "{\"ids\":[";
    for (int i = 0; i < count; ++i) {
      if (i > 0) body += ',';
      body += '"';
      body += kId;
      body += '"';
    }
    body += "]}";
    return body;
  };
  EXPECT_TRUE(read_read_order(with_body(list(1'000))));
  EXPECT_EQ(read_read_order(with_body(list(1'001))).error().field, "ids");
}

}  // namespace
}  // namespace nx::rest
