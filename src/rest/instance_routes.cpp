#include <fmt/core.h>

#include "contract/bus_channels.hpp"
#include "contract/hint_message.hpp"
#include "crypto/random.hpp"
#include "json/value.hpp"
#include "model/uuid.hpp"
#include "rest/client_list.hpp"
#include "rest/operator_routes.hpp"
#include "rest/replies.hpp"

namespace nx::rest {
namespace {

using Call = std::shared_ptr<const OperatorCall>;
using json::Value;

// The sender in the envelope of a test push. No instance has this id, so the one that publishes it delivers it too.
constexpr std::string_view kTestSender = "signal-test-push";
constexpr const char* kTestEvent = "observation/signal/test/pushed";

std::string instances_json(const operators::Gathered& gathered) {
  std::string out = fmt::format(R"({{"count":{},"instances":[)", gathered.count);
  for (const auto& [id, record] : gathered.described) {
    if (out.back() != '[') out += ',';
    out += R"({"id":)";
    json::append_string(out, id);
    out += ',';
    contract::append_instance_members(out, record);
    out += '}';
  }
  return out + ']' + missing_json(gathered.missing) + '}';
}

void list(const Call& call, operators::Operators& operators) {
  operators.ask(contract::DescribeInstance{}, [call](const std::optional<operators::Gathered>& gathered) {
    if (!gathered) return refuse_unasked(*call);
    call->respond(json_reply(instances_json(*gathered)));
  });
}

void push_to_caller(const Call& call, const PublishPush& publish) {
  const std::string id = uuid_text(crypto::uuid_v4());
  const Value frame = Value::object(
      {{"event", Value::string(kTestEvent)},
       {"data", Value::object({{"id", Value::string(id)}, {"time", Value::string(iso8601(now_wall()))}})}});
  publish(contract::user_channel(call->by), contract::user_envelope(kTestSender, call->by, json::write(frame)));
  call->log.audit("test push sent", {{"operator", call->by.value},
                                     {"peer", call->request.peer_address},
                                     {"request_id", call->request.header(kRequestId)},
                                     {"push", id}});
  call->respond(json_reply(json::write(Value::object(
      {{"id", Value::string(id)}, {"event", Value::string(kTestEvent)}, {"userId", Value::string(call->by.value)}}))));
}

}  // namespace

void add_instance_routes(Router& router, const OperatorRoutes& routes, PublishPush publish) {
  operators::Operators& operators = routes.operators;
  router.add("GET", "/v1/operators/instances",
             operator_route(routes, [&operators](const Call& call) { list(call, operators); }));
  router.add(
      "POST", "/v1/operators/test-push",
      operator_route(routes, [publish = std::move(publish)](const Call& call) { push_to_caller(call, publish); }));
}

}  // namespace nx::rest
