#include <array>

#include <fmt/core.h>

#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"

namespace nx::client::conform {
namespace {

constexpr std::string_view kList = "/v1/notifications";
constexpr std::string_view kNoSuchId = "/v1/notifications/0190c2a4-8e3b-7cde-8f01-23456789abcd";
constexpr const char* kRowMembers =
    R"(id,key,seq,type,title,body,data,recipientScope,organizerId,merchantId,actorId,occurredAt,createdAt,modifiedAt,readAt,archivedAt,extra)";

void demand_status(int expected, const HttpAnswer& answer) {
  demand(answer.status == expected, std::to_string(expected),
         fmt::format("{} {}", answer.status, answer.body.substr(0, 200)));
}

std::string names_of(const json::Value* value) {
  std::string names;
  if (value == nullptr || !value->is_object()) return names;
  for (const json::Member& member : value->members()) names += (names.empty() ? "" : ",") + member.name;
  return names;
}

Headers bearer(const Bench& bench, Headers more = {}) {
  more.emplace_back("Authorization", "Bearer " + bench.tokens.good());
  return more;
}

HttpAnswer get(const Bench& bench, std::string_view resource, Headers more = {}) {
  return bench.target.ask("GET", resource, bearer(bench, std::move(more)));
}

void unauthorized(const Bench& bench) {
  for (const char* authorization : {"", "Bearer x", "Basic abc", "bearer x", "Bearer"}) {
    const HttpAnswer answer =
        bench.target.ask("GET", kList, *authorization == '\0' ? Headers{} : Headers{{"Authorization", authorization}});
    demand_status(401, answer);
    demand_shape(
        R"re(\{"message":"Authentication failed\. Tried strategies: jwt","statusCode":401,"requestId":"[^"]+","details":\{"url":"[^"]+","path":"/v1/notifications"\}\})re",
        answer.body);
  }
}

void not_found(const Bench& bench) {
  for (const auto& [method, path] :
       {std::pair{"GET", "/v1/nope"}, std::pair{"PUT", "/v1/notifications"}, std::pair{"GET", "/v1/notifications/"},
        std::pair{"DELETE", "/v1/notifications"}}) {
    const HttpAnswer answer = bench.target.ask(method, path, bearer(bench));
    demand_status(404, answer);
    demand_shape(
        R"re(\{"message":"URL NOT FOUND","statusCode":404,"requestId":"[^"]+","path":"[^"]+","url":"[^"]+"\})re",
        answer.body);
  }
}

void request_id(const Bench& bench) {
  demand_same("a-b_c=1", bench.target.ask("GET", "/health", {{"x-request-id", "a-b_c=1"}}).header("x-request-id"));
  const std::string made = bench.target.ask("GET", "/health", {{"x-request-id", "not valid!"}}).header("x-request-id");
  demand_shape("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made);
}

void list_shape(const Bench& bench) {
  const HttpAnswer answer = get(bench, std::string(kList).append("?limit=3"));
  demand_status(200, answer);
  const auto body = json::parse(answer.body);
  demand_same("count,data", names_of(body ? &*body : nullptr));
  const auto rows = body->find("data")->items();
  demand_same(std::to_string(rows.size()), body->find("count")->text());
  demand_same(std::to_string(rows.size()), answer.header("x-response-count"));
  demand_same("array", answer.header("x-response-format"));
  demand_shape(rows.empty() ? R"(records \*/\d+)" : fmt::format(R"(records 0-{}/\d+)", rows.size() - 1),
               answer.header("content-range"));
  for (const json::Value& row : rows) demand_same(kRowMembers, names_of(&row));
}

void bare_list(const Bench& bench) {
  for (const char* wish : {"false", "0"}) {
    const HttpAnswer answer = get(bench, kList, {{"x-request-count", wish}});
    demand_status(200, answer);
    demand(answer.body.starts_with("[") && answer.body.ends_with("]"), "the array alone", answer.body.substr(0, 200));
  }
}

void missing_row(const Bench& bench) {
  for (const std::string_view path : {kNoSuchId, std::string_view("/v1/notifications/not-an-id")}) {
    const HttpAnswer answer = get(bench, path);
    demand_status(200, answer);
    demand_same(R"({"count":0,"data":null})", answer.body);
    demand_same("object", answer.header("x-response-format"));
  }
}

void unread_count(const Bench& bench) {
  demand_shape(R"re(\{"count":\d+,"seq":\d+,"epoch":"[^"]+"\})re", get(bench, "/v1/notifications/unread-count").body);
}

void bad_value(const Bench& bench) {
  const HttpAnswer answer = get(bench, std::string(kList).append("?limit=ten"));
  demand_status(422, answer);
  demand_shape(
      R"re(\{"message":"ValidationError","statusCode":422,"requestId":"[^"]+","details":\{"url":"[^"]+","path":"/v1/notifications","cause":\[\{"path":"limit","message":"[^"]+".*\}\]\}\})re",
      answer.body);
}

void bad_body(const Bench& bench) {
  const HttpAnswer answer =
      bench.target.ask("PATCH", kNoSuchId, bearer(bench, {{"Content-Type", "application/json"}}), "{");
  demand_status(400, answer);
  demand(answer.body.starts_with(R"({"message":"Malformed Body Payload","statusCode":400,)"), "Malformed Body Payload",
         answer.body);
  demand_status(415, bench.target.ask("PATCH", kNoSuchId, bearer(bench, {{"Content-Type", "text/plain"}}), "{}"));
}

void head(const Bench& bench) {
  const HttpAnswer answer = bench.target.ask("HEAD", kList, bearer(bench));
  demand_status(200, answer);
  demand_same("array", answer.header("x-response-format"));
}

void health(const Bench& bench) {
  const HttpAnswer answer = bench.target.ask("GET", "/health");
  demand_status(200, answer);
  demand_same(R"({"status":"ok"})", answer.body);
  demand(answer.header("content-type").starts_with("application/json"), "application/json",
         answer.header("content-type"));
}

constexpr std::array kRestFacts{
    Fact{"REST: without a good token 401 `Authentication failed. Tried strategies: jwt`", unauthorized},
    Fact{"REST: an unknown path, method or a slash behind a path is 404 `URL NOT FOUND`, never 405", not_found},
    Fact{"REST: a valid x-request-id is repeated, another one replaced by a UUID", request_id},
    Fact{"REST: a list has count and data, its headers and the members of a row in their order", list_shape},
    Fact{"REST: x-request-count false or 0 leaves the data alone", bare_list},
    Fact{"REST: an unknown or invalid id is 200 with data null", missing_row},
    Fact{"REST: unread-count has count, seq and epoch", unread_count},
    Fact{"REST: a bad value is 422 `ValidationError` that names the field", bad_value},
    Fact{"REST: a body that is not JSON is 400 `Malformed Body Payload`, another type 415", bad_body},
    Fact{"REST: HEAD answers as GET", head},
    Fact{"REST: /health is {\"status\":\"ok\"}", health},
};

}  // namespace

std::span<const Fact> rest_facts() {
  return kRestFacts;
}

}  // namespace nx::client::conform
