#include "rest/operator_routes.hpp"

#include <exception>

#include <fmt/format.h>

#include "model/uuid.hpp"
#include "rest/client_list.hpp"
#include "rest/query_parameters.hpp"
#include "rest/replies.hpp"

namespace nx::rest {
namespace {

using Call = std::shared_ptr<const OperatorCall>;
using operators::Gathered;
using operators::Operators;

transport::HttpResponse no_client(const transport::HttpRequest& request, const Gathered& gathered) {
  std::string message = "No such client";
  for (const std::string& instance : gathered.missing) {
    message += message.ends_with("client") ? "; these instances did not answer: " : ", ";
    message += instance;
  }
  return error_reply(request, 404, message);
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ","));
}

/// One line for each disconnect: operator, target, address, number of connections, instances.
void audit(const observe::Logger& log, const OperatorCall& call, std::string_view target, std::string_view id,
           const Gathered& gathered) {
  log.audit("disconnected by operator", {{"operator", call.by.value},
                                         {"peer", call.request.peer_address},
                                         {"request_id", call.request.header(kRequestId)},
                                         {target, id},
                                         {"count", gathered.count},
                                         {"instances", joined(gathered.instances)},
                                         {"missing", joined(gathered.missing)}});
}

void list(const Call& call, Operators& operators) {
  const auto asked = read_client_list(call->request);
  if (!asked) return call->respond(bad_input_reply(call->request, asked.error()));
  operators.ask(*asked, [call, asked = *asked](const std::optional<Gathered>& gathered) {
    if (!gathered) return refuse_unasked(*call);
    call->respond(client_list_reply(call->request, asked, *gathered));
  });
}

/// The id in the path; nullopt for text that cannot be a client's id.
std::optional<ClientId> client_of(const OperatorCall& call) {
  const auto bytes = parse_uuid(call.parameters.path.at("id"));
  if (!bytes) return std::nullopt;
  return ClientId{uuid_text(*bytes)};
}

void get_one(const Call& call, Operators& operators) {
  const auto client = client_of(*call);
  if (!client) return call->respond(no_client(call->request, {}));
  operators.ask(contract::FindClient{*client}, [call](const std::optional<Gathered>& gathered) {
    if (!gathered) return refuse_unasked(*call);
    if (gathered->clients.empty()) return call->respond(no_client(call->request, *gathered));
    call->respond(json_reply(client_json(gathered->clients.front())));
  });
}

void delete_one(const Call& call, Operators& operators, const observe::Logger& log) {
  const auto client = client_of(*call);
  if (!client) return call->respond(no_client(call->request, {}));
  operators.ask(contract::DisconnectClient{*client},
                [call, client = *client, &log](const std::optional<Gathered>& gathered) {
                  if (!gathered) return refuse_unasked(*call);
                  audit(log, *call, "client", client.value, *gathered);
                  if (gathered->count == 0) return call->respond(no_client(call->request, *gathered));
                  call->respond(json_reply(R"({"count":)" + std::to_string(gathered->count) + '}'));
                });
}

Input<UserId> user_to_disconnect(const transport::HttpRequest& request) {
  const auto query = QueryParameters::parse(request.query);
  if (!query) return error_of(query);
  for (const char* name : {"room", "address"}) {
    if (query->has(name)) return bad_field(name, "not here: one user is disconnected, or one client by its id");
  }
  auto user = read_user(*query);
  if (!user) return error_of(user);
  if (!*user) return tl::unexpected<BadInput>({400, "userId", "userId is missing"});
  return **std::move(user);
}

/// Revokes the tokens first, durably, so that a disconnected client cannot return with its current token.
void disconnect(const Call& call, const UserId& user, const OperatorRoutes& routes, store::Repositories& repositories) {
  if (!repositories.notifications) return refuse_for_now(*call, "The database does not answer");
  const auto revoked_at = repositories.notifications->revoke(user, call->by);
  if (!revoked_at) return refuse_by_database(*call, revoked_at.error());
  // Logged before any instance is asked, so that the revocation is on record whatever the answers are.
  routes.log.audit("tokens taken back", {{"operator", call->by.value},
                                         {"peer", call->request.peer_address},
                                         {"request_id", call->request.header(kRequestId)},
                                         {"user", user.value},
                                         {"revoked_at", revoked_at->value}});
  routes.operators.ask(
      contract::DisconnectUser{user, *revoked_at},
      [call, user, revoked_at = *revoked_at, &log = routes.log](const std::optional<Gathered>& gathered) {
        if (!gathered) {
          return refuse_unasked(*call,
                                "; the tokens are taken back, and each instance closes the connections within seconds");
        }
        audit(log, *call, "user", user.value, *gathered);
        call->respond(json_reply(R"({"count":)" + std::to_string(gathered->count) + R"(,"revokedAt":)" +
                                 std::to_string(revoked_at.value) + missing_json(gathered->missing) + '}'));
      });
}

void delete_user(const Call& call, const OperatorRoutes& routes) {
  const auto user = user_to_disconnect(call->request);
  if (!user) return call->respond(bad_input_reply(call->request, user.error()));
  const auto too_late = [call] { refuse_for_now(*call, "Too many requests are waiting"); };
  const auto work = [call, user = *user, routes](store::Repositories& repositories) {
    try {
      disconnect(call, user, routes, repositories);
    } catch (const std::exception& problem) {
      routes.log.error("request failed",
                       {{"request_id", call->request.header(kRequestId)}, {"reason", problem.what()}});
      call->respond(error_reply(call->request, 500, "Internal Server Error"));
    }
  };
  if (!routes.readers.submit(work, too_late, {runtime::JobKind::change})) too_late();
}

}  // namespace

void add_operator_routes(Router& router, const OperatorRoutes& routes) {
  Operators& operators = routes.operators;
  const observe::Logger& log = routes.log;
  router.add("GET", "/v1/socket/websocket/clients",
             operator_route(routes, [&operators](const Call& call) { list(call, operators); }));
  router.add("GET", "/v1/socket/websocket/clients/{id}",
             operator_route(routes, [&operators](const Call& call) { get_one(call, operators); }));
  router.add("DELETE", "/v1/socket/websocket/clients/{id}",
             operator_route(routes, [&operators, &log](const Call& call) { delete_one(call, operators, log); }));
  router.add("DELETE", "/v1/socket/websocket/clients",
             operator_route(routes, [routes](const Call& call) { delete_user(call, routes); }));
}

}  // namespace nx::rest
