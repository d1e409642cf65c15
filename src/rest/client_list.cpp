#include "rest/client_list.hpp"

#include <fmt/core.h>

#include "json/value.hpp"
#include "model/percent.hpp"
#include "rest/operator_cursor.hpp"
#include "rest/query_parameters.hpp"
#include "transport/cidr.hpp"

namespace nx::rest {
namespace {

using contract::ClientFilter;
using contract::kMaxRoomBytes;
using contract::ListClients;

std::string filter_text(const ClientFilter& filter) {
  json::Value text = json::Value::array();
  for (const auto& part : {filter.user ? std::optional{filter.user->value} : std::nullopt,
                           filter.room ? std::optional{filter.room->value} : std::nullopt, filter.address}) {
    text.items().push_back(part ? json::Value::string(*part) : json::Value());
  }
  return json::write(text);
}

std::string filter_query(const ClientFilter& filter) {
  std::string query;
  if (filter.user) query += "&userId=" + percent_encode(filter.user->value);
  if (filter.room) query += "&room=" + percent_encode(filter.room->value);
  if (filter.address) query += "&address=" + percent_encode(*filter.address);
  return query;
}

Input<ClientFilter> read_client_filter(const QueryParameters& query) {
  ClientFilter filter;
  auto user = read_user(query);
  if (!user) return error_of(user);
  filter.user = *std::move(user);
  if (auto room = query.text("room")) {
    if (room->empty() || room->size() > kMaxRoomBytes) return bad_field("room", "expected 1 to 768 bytes");
    filter.room = RoomName{*std::move(room)};
  }
  filter.address = query.text("address");
  if (filter.address && !transport::Cidr::parse(*filter.address)) {
    return bad_field("address", "expected an IP address or a range, for example 192.0.2.7 or 10.0.0.0/8");
  }
  return filter;
}

}  // namespace

Input<std::optional<UserId>> read_user(const QueryParameters& query) {
  auto user = query.text("userId");
  if (!user) return std::nullopt;
  if (user->empty() || user->size() > kMaxIdBytes || user->find('\0') != std::string::npos) {
    return bad_field("userId", "expected 1 to 128 bytes without U+0000");
  }
  return UserId{*std::move(user)};
}

Input<ListClients> read_client_list(const transport::HttpRequest& request) {
  const auto query = QueryParameters::parse(request.query);
  if (!query) return error_of(query);
  auto filter = read_client_filter(*query);
  if (!filter) return error_of(filter);
  const auto limit = query->integer("limit", 1, kMostRows);
  if (!limit) return error_of(limit);
  ListClients list{.filter = *std::move(filter), .after = std::nullopt};
  if (*limit) list.limit = static_cast<std::size_t>(**limit);
  if (const auto cursor = query->text("cursor")) {
    const auto place = read_operator_cursor(*cursor, filter_text(list.filter));
    if (!place) return error_of(place);
    list.after = *place;
  }
  return list;
}

std::string client_json(const operators::LocatedClient& located) {
  std::string out;
  contract::append_client_head(out, located.client);
  out += R"(,"instance":)";
  json::append_string(out, located.instance);
  return out + '}';
}

std::string missing_json(const std::vector<std::string>& missing) {
  if (missing.empty()) return {};
  std::string out = R"(,"missing":[)";
  for (const std::string& instance : missing) {
    if (out.back() != '[') out += ',';
    json::append_string(out, instance);
  }
  return out + ']';
}

transport::HttpResponse client_list_reply(const transport::HttpRequest& request, const ListClients& asked,
                                          const operators::Gathered& gathered) {
  std::string body = R"({"count":)" + std::to_string(gathered.count) + R"(,"clients":[)";
  for (const operators::LocatedClient& located : gathered.clients) {
    if (body.back() != '[') body += ',';
    body += client_json(located);
  }
  transport::HttpResponse response = json_reply(body + ']' + missing_json(gathered.missing) + '}');
  if (!gathered.more || gathered.clients.empty()) return response;
  const operators::LocatedClient& last = gathered.clients.back();
  const std::string cursor = operator_cursor_text({last.instance, last.client.id.value}, filter_text(asked.filter));
  response.headers.push_back({"Link", fmt::format(R"(<{}?limit={}{}&cursor={}>; rel="next")", request.path, asked.limit,
                                                  filter_query(asked.filter), cursor)});
  return response;
}

}  // namespace nx::rest
