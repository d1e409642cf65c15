#include "rest/client_list.hpp"

#include <gtest/gtest.h>

#include "rest/operator_cursor.hpp"
#include "rest/operator_route.hpp"

namespace nx::rest {
namespace {

constexpr const char* kInstance = "4ce589d1-9505-4355-868e-405ab8ed0253";
constexpr const char* kClient = "7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001";

transport::HttpRequest request(const std::string& query) {
  transport::HttpRequest made;
  made.method = "GET";
  made.path = "/v1/socket/websocket/clients";
  made.query = query;
  made.target = made.path + (query.empty() ? "" : "?" + query);
  return made;
}

operators::LocatedClient located(const std::string& id) {
  contract::ClientRecord client;
  client.id = {id};
  client.user = {"5"};
  client.user_is_number = true;
  client.rooms = {{"ws-default"}};
  client.connected_at = {1};
  client.address = "192.0.2.7";
  client.last_activity_at = {2};
  return {kInstance, client};
}

TEST(ClientList, ReadsWhatIsSearchedFor) {
  const auto all = read_client_list(request(""));
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, contract::ListClients{});

  const auto some = read_client_list(request("userId=a%20b&room=org%3A1&address=10.0.0.0%2F8&limit=100"));
  ASSERT_TRUE(some);
  EXPECT_EQ(some->filter, (contract::ClientFilter{UserId{"a b"}, RoomName{"org:1"}, "10.0.0.0/8"}));
  EXPECT_EQ(some->limit, 100U);
}

TEST(ClientList, NamesTheParameterThatIsWrong) {
  const std::pair<std::string, const char*> wrong[] = {
      {"limit=0", "limit"},
      {"limit=101", "limit"},
      {"limit=x", "limit"},
      {"userId=", "userId"},
      {"userId=%00", "userId"},
      {"userId=" + std::string(129, 'u'), "userId"},
      {"room=", "room"},
      {"room=" + std::string(769, 'r'), "room"},
      {"address=nowhere", "address"},
      {"address=10.0.0.0/33", "address"},
      {"cursor=abc", "cursor"},
      {"userId=a&userId=b", "userId"},
  };
  for (const auto& [query, field] : wrong) {
    const auto list = read_client_list(request(query));
    ASSERT_FALSE(list) << query;
    EXPECT_EQ(list.error().status, 422) << query;
    EXPECT_EQ(list.error().field, field) << query;
  }
  EXPECT_EQ(read_client_list(request("userId=%zz")).error().status, 400);
}

TEST(ClientList, AnswersAsTheReferenceAndNamesTheInstance) {
  operators::Gathered gathered;
  gathered.count = 1;
  gathered.clients = {located(kClient)};
  const auto response = client_list_reply(request(""), {}, gathered);
  EXPECT_EQ(response.body,
            R"({"count":1,"clients":[{"id":"7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001","userId":5,"rooms":["ws-default"],)"
            R"("connectedAt":1,"address":"192.0.2.7","lastActivityAt":2,"queuedBytes":0,)"
            R"("instance":"4ce589d1-9505-4355-868e-405ab8ed0253"}]})");
  gathered.missing = {"a", "b"};
  EXPECT_TRUE(client_list_reply(request(""), {}, gathered).body.ends_with(R"(],"missing":["a","b"]})"));
}

TEST(ClientList, TheNextPageIsALinkThatIsRead) {
  const auto asked = read_client_list(request("limit=1&userId=a%26b"));
  operators::Gathered gathered;
  gathered.count = 2;
  gathered.clients = {located(kClient)};
  gathered.more = true;
  const auto response = client_list_reply(request("limit=1&userId=a%26b"), *asked, gathered);
  const auto link = std::find_if(response.headers.begin(), response.headers.end(),
                                 [](const auto& header) { return header.name == "Link"; });
  ASSERT_NE(link, response.headers.end());
  const std::string& value = link->value;
  ASSERT_TRUE(value.starts_with("</v1/socket/websocket/clients?") && value.ends_with(R"(>; rel="next")")) << value;
  const std::string query = value.substr(value.find('?') + 1, value.find('>') - value.find('?') - 1);
  const auto next = read_client_list(request(query));
  ASSERT_TRUE(next) << query;
  EXPECT_EQ(next->filter, asked->filter);
  EXPECT_EQ(next->after, (contract::ClientPlace{kInstance, kClient}));
  const auto foreign = read_client_list(request("userId=other" + query.substr(query.find("&cursor"))));
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().field, "cursor");
}

TEST(ClientListCursor, IsReadAsItWasWrittenForItsFilterAlone) {
  const contract::ClientPlace place{kInstance, kClient};
  const std::string text = operator_cursor_text(place, "f");
  EXPECT_EQ(*read_operator_cursor(text, "f"), place);
  EXPECT_FALSE(read_operator_cursor(text, "g"));
  EXPECT_FALSE(read_operator_cursor(text + "A", "f"));
  EXPECT_FALSE(read_operator_cursor("", "f"));
}

TEST(ClientListOperator, HasARoleOfTheSettingAndTheClaimWhereItIsWanted) {
  const std::vector<std::string> roles{"999_super-admin", "ops"};
  auth::Claims claims;
  EXPECT_FALSE(is_operator(claims, roles, false));
  claims.roles = {"cashier"};
  claims.admin_claim = true;
  EXPECT_FALSE(is_operator(claims, roles, true));
  claims.roles = {"cashier", "ops"};
  EXPECT_TRUE(is_operator(claims, roles, false));
  EXPECT_TRUE(is_operator(claims, roles, true));
  claims.admin_claim = false;
  EXPECT_TRUE(is_operator(claims, roles, false));
  EXPECT_FALSE(is_operator(claims, roles, true));
  claims.roles = {"OPS", "ops "};
  EXPECT_FALSE(is_operator(claims, roles, false));
  EXPECT_FALSE(is_operator(claims, {}, false));
}

}  // namespace
}  // namespace nx::rest
