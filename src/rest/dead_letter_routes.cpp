#include <utility>

#include <fmt/core.h>

#include "json/value.hpp"
#include "model/number.hpp"
#include "rest/dead_letter_cursor.hpp"
#include "rest/dead_letter_json.hpp"
#include "rest/json_body.hpp"
#include "rest/operator_routes.hpp"
#include "rest/query_parameters.hpp"
#include "rest/replies.hpp"

namespace nx::rest {
namespace {

using Call = std::shared_ptr<const OperatorCall>;
using replay::DeadLetterRequests;

constexpr std::size_t kDefaultLetters = 10;

void refuse_while_busy(const OperatorCall& call) {
  refuse_for_now(call, "Another request for dead letters is being served");
}

struct PageAsked {
  std::size_t limit = kDefaultLetters;
  std::optional<replay::DeadLetterCursor> before;
};

Input<PageAsked> read_page_asked(const transport::HttpRequest& request, std::string_view topic) {
  const auto query = QueryParameters::parse(request.query);
  if (!query) return error_of(query);
  const auto limit = query->integer("limit", 1, kMostRows);
  if (!limit) return error_of(limit);
  PageAsked asked;
  if (*limit) asked.limit = static_cast<std::size_t>(**limit);
  if (const auto text = query->text("cursor")) {
    auto before = read_dead_letter_cursor(*text, topic);
    if (!before) return error_of(before);
    asked.before = *std::move(before);
  }
  return asked;
}

void list(const Call& call, DeadLetterRequests& requests) {
  const std::string& topic = requests.topics().dlq_topic;
  auto asked = read_page_asked(call->request, topic);
  if (!asked) return call->respond(bad_input_reply(call->request, asked.error()));
  const auto done = [call, topic, limit = asked->limit](const Result<replay::DeadLetterPage>& page) {
    if (!page) return refuse_by_kafka(*call, page.error());
    transport::HttpResponse response = json_reply(dead_letters_json(*page));
    if (!page->next.empty()) {
      response.headers.push_back({"Link", fmt::format(R"(<{}?limit={}&cursor={}>; rel="next")", call->request.path,
                                                      limit, dead_letter_cursor_text(page->next, topic))});
    }
    call->respond(std::move(response));
  };
  if (!requests.list(asked->limit, std::move(asked->before), done)) refuse_while_busy(*call);
}

/// The position in the path; nullopt for text that cannot be one.
std::optional<kafka::Position> position_of(const OperatorCall& call) {
  const auto partition = whole_number<std::int32_t>(call.parameters.path.at("partition"));
  const auto offset = whole_number<std::int64_t>(call.parameters.path.at("offset"));
  if (!partition || *partition < 0 || !offset || *offset < 0) return std::nullopt;
  return kafka::Position{*partition, *offset};
}

/// Without a body there is no repaired value.
Input<std::optional<std::string>> read_repaired_value(const transport::HttpRequest& request) {
  if (request.body.empty()) return std::nullopt;
  const auto body = read_json_object(request);
  if (!body) return error_of(body);
  const json::View value = body->root().find("value");
  if (!value || !value.is_string()) return bad_field("value", "expected a text with the repaired JSON");
  return value.text();
}

/// One line for each letter: operator, address, letter, and what was sent where.
void audit(const OperatorCall& call, const kafka::Position& at, bool repaired, const replay::LetterSent& sent) {
  call.log.audit("dead letter sent again by operator", {{"operator", call.by.value},
                                                        {"peer", call.request.peer_address},
                                                        {"request_id", call.request.header(kRequestId)},
                                                        {"dlq_partition", at.partition},
                                                        {"dlq_offset", at.offset},
                                                        {"source", sent.source},
                                                        {"repaired", repaired},
                                                        {"partition", sent.at.partition},
                                                        {"offset", sent.at.offset}});
}

void refuse(const OperatorCall& call, const Error& error) {
  switch (error.kind) {
    case ErrorKind::not_found:
      return call.respond(error_reply(call.request, 404, "No such dead letter"));
    case ErrorKind::invalid:
      return call.respond(bad_input_reply(call.request, {422, "value", error.message}));
    case ErrorKind::unavailable:
    case ErrorKind::too_broad:
    case ErrorKind::conflict:
      return refuse_by_kafka(call, error);
  }
}

void replay_one(const Call& call, DeadLetterRequests& requests) {
  const auto at = position_of(*call);
  if (!at) return call->respond(error_reply(call->request, 404, "No such dead letter"));
  auto value = read_repaired_value(call->request);
  if (!value) return call->respond(bad_input_reply(call->request, value.error()));
  const bool repaired = value->has_value();
  const auto done = [call, at = *at, repaired,
                     topic = requests.topics().topic](const Result<replay::LetterSent>& sent) {
    if (!sent) return refuse(*call, sent.error());
    audit(*call, at, repaired, *sent);
    call->respond(json_reply(
        json::write(json::Value::object({{"topic", json::Value::string(topic)},
                                         {"partition", json::Value::number(std::int64_t{sent->at.partition})},
                                         {"offset", json::Value::number(sent->at.offset)}}))));
  };
  if (!requests.replay(*at, *std::move(value), done)) refuse_while_busy(*call);
}

using Serve = void (*)(const Call& call, DeadLetterRequests& requests);

RouteHandler route(const OperatorRoutes& routes, DeadLetterRequests* requests, Serve serve) {
  return operator_route(routes, [requests, serve](const Call& call) {
    if (requests != nullptr) return serve(call, *requests);
    call->respond(error_reply(call->request, 404, "There is no DLQ topic: SIGNAL_KAFKA_DLQ_TOPIC is not set"));
  });
}

}  // namespace

void add_dead_letter_routes(Router& router, const OperatorRoutes& routes, DeadLetterRequests* requests) {
  router.add("GET", "/v1/operators/dead-letters", route(routes, requests, list));
  router.add("POST", "/v1/operators/dead-letters/{partition}/{offset}/replay", route(routes, requests, replay_one));
}

}  // namespace nx::rest
