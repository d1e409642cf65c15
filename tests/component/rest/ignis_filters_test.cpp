// What the filter builder of IGNIS found (tests/vectors/ignis_filters.json, recorded by tests/tools/ignis_filters), on
// both databases. Where it fails within the database, a client hears 400 or 422 here.

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "component/rest/filter_fixture.hpp"
#include "model/percent.hpp"

namespace nx::rest {
namespace {

/// Where Signal answers otherwise on purpose (docs/rest.md), with its status.
const std::map<std::string, int> kOtherwise{
    // A name that is no operator is refused, not compared with as text.
    {R"({"where":{"title":{"foo":1}}})", 400},
    {R"({"where":{"title":{"constructor":1}}})", 400},
    {R"({"where":{"title":{"__proto__":1}}})", 400},
    {R"({"where":{"title":{}}})", 400},
    {R"({"where":{"title":{"eq":["a"]}}})", 400},
    {R"({"where":{"data.nested":{"a":1}}})", 400},
    // Documents have no order.
    {R"({"where":{"extra":{"gt":{}}}})", 400},
    // Names of every JavaScript object are no columns.
    {R"({"where":{"constructor":1}})", 400},
    {R"({"where":{"toString":1}})", 400},
    {R"({"where":{"__proto__":1}})", 400},
    {R"({"order":["constructor"]})", 400},
    // PostgreSQL's words for times, and what only one of two regular expressions knows.
    {R"({"where":{"occurredAt":"yesterday"}})", 400},
    {R"x({"where":{"title":{"regexp":"(a)\\1"}}})x", 400},
    {R"x({"where":{"title":{"regexp":"(?=a)"}}})x", 400},
    // Times compare with milliseconds since 1970.
    {R"({"where":{"occurredAt":1767312000000}})", 200},
    // Never all rows, no unknown names, no relations, no number beyond range.
    {R"({"limit":-1})", 422},
    {R"({"fields":["title","nope"]})", 422},
    {R"({"foo":1})", 422},
    {R"({"include":[]})", 422},
    {R"({"include":[{"relation":"x"}]})", 422},
    {R"({"where":{"data.x":1e999}})", 422},
    {R"({"where":{"data.__proto__":null}})", 200},
};

json::Value vectors() {
  std::ifstream file(std::string{SIGNAL_SOURCE_DIR} + "/tests/vectors/ignis_filters.json");
  std::ostringstream text;
  text << file.rdbuf();
  auto parsed = json::parse(text.str());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? std::move(*parsed) : json::Value();
}

std::optional<std::string> text_of(const json::Value& row, const char* name) {
  const json::Value* value = row.find(name);
  return value == nullptr || value->is_null() ? std::nullopt : std::optional{value->text()};
}

class IgnisFiltersTest : public FilterRoutesTest {
 protected:
  void store_rows(const json::Value& rows) {
    for (const json::Value& row : rows.items()) {
      const auto occurred = text_of(row, "occurredAt");
      store_row({.key = text_of(row, "key"),
                 .body = text_of(row, "body"),
                 .data = text_of(row, "data"),
                 .extra = text_of(row, "extra"),
                 .title = *text_of(row, "title"),
                 .occurred_at = occurred ? parse_iso8601(*occurred) : std::nullopt});
    }
  }

  void expect_rows(const json::Value& recorded, const std::string& filter, const HttpResponse& response) {
    ASSERT_EQ(response.status, 200) << filter << "\n" << response.body;
    if (recorded.find("fields") != nullptr) return expect_fields(recorded, filter, response);
    std::vector<std::int64_t> wanted;
    for (const json::Value& seq : recorded.find("seqs")->items()) wanted.push_back(*seq.as_int64());
    std::vector<std::int64_t> found = seqs(response);
    const auto asked = json::parse(filter);
    const json::Value* order = asked ? asked->find("order") : nullptr;
    if (order == nullptr || order->items().empty()) {  // there rows come in the order of the table, here newest first
      if (asked && (asked->find("limit") != nullptr || asked->find("skip") != nullptr)) {
        EXPECT_EQ(found.size(), wanted.size()) << filter;
        return;
      }
      std::reverse(found.begin(), found.end());
    }
    EXPECT_EQ(found, wanted) << filter;
  }

  void expect_fields(const json::Value& recorded, const std::string& filter, const HttpResponse& response) {
    std::vector<std::string> wanted, found;
    for (const json::Value& name : recorded.find("fields")->items()) wanted.push_back(name.text());
    const auto body = json::parse(response.body);
    ASSERT_TRUE(body && body->find("data"));
    EXPECT_EQ(body->find("data")->items().size(), recorded.find("seqs")->items().size()) << filter;
    for (const json::Member& member : body->find("data")->items().at(0).members()) found.push_back(member.name);
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(wanted)) << filter;
  }

  void expect_recorded(const json::Value& recorded) {
    const std::string filter = recorded.find("filter")->text();
    const HttpResponse response = get("/v1/notifications?filter=" + percent_encode(filter));
    if (const auto otherwise = kOtherwise.find(filter); otherwise != kOtherwise.end()) {
      EXPECT_EQ(response.status, otherwise->second) << filter << "\n" << response.body;
      return;
    }
    if (recorded.find("failed") != nullptr) {
      EXPECT_TRUE(response.status == 400 || response.status == 422) << filter << " " << response.status;
      return;
    }
    const json::Value* status = recorded.find("status");
    if (status == nullptr) return expect_rows(recorded, filter, response);
    EXPECT_EQ(response.status, *status->as_int64()) << filter << "\n" << response.body;
    if (const json::Value* message = recorded.find("message")) {
      const auto body = json::parse(response.body);
      ASSERT_TRUE(body && body->find("message") != nullptr);
      std::string wanted = message->text();
      if (const auto table = wanted.find("Table: Note"); table != std::string::npos) {
        wanted.replace(table, 11, "Table: ActivityNotification");
      }
      if (wanted.starts_with("[FilterBuilder")) {
        EXPECT_THAT(body->find("message")->text(), testing::StartsWith(wanted)) << filter;
      }
    }
  }
};

TEST_P(IgnisFiltersTest, FindWhatIgnisFinds) {
  const json::Value all = vectors();
  ASSERT_NE(all.find("cases"), nullptr);
  store_rows(*all.find("rows"));
  EXPECT_GT(all.find("cases")->items().size(), 300u);
  for (const json::Value& recorded : all.find("cases")->items()) expect_recorded(recorded);
}

INSTANTIATE_TEST_SUITE_P(Filters, IgnisFiltersTest, testing::Values(DatabaseKind::sqlite, DatabaseKind::postgres),
                         name_of_database);

}  // namespace
}  // namespace nx::rest
