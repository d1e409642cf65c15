#include "rest/operator_route.hpp"

#include <algorithm>

#include "rest/replies.hpp"

namespace nx::rest {
namespace {

void tell_not_served(const OperatorCall& call, const char* event, std::string_view reason) {
  std::int64_t suppressed = 0;
  if (!call.failures->pass(suppressed)) return;
  call.log.warn(event, {{"operator", call.by.value},
                        {"request_id", call.request.header(kRequestId)},
                        {"reason", reason},
                        {"suppressed", suppressed}});
}

}  // namespace

bool is_operator(const auth::Claims& claims, const std::vector<std::string>& roles, bool claim_wanted) {
  if (claim_wanted && !claims.admin_claim) return false;
  return std::ranges::any_of(
      claims.roles, [&roles](const std::string& role) { return std::ranges::find(roles, role) != roles.end(); });
}

void refuse_unasked(const OperatorCall& call, std::string_view what_is_done) {
  std::string message = "Too many questions of operators are unanswered";
  message += what_is_done;
  tell_not_served(call, "operator request not served", message);
  transport::HttpResponse response = error_reply(call.request, 429, message);
  response.headers.push_back({"Retry-After", "1"});
  call.respond(std::move(response));
}

void refuse_for_now(const OperatorCall& call, std::string_view message) {
  tell_not_served(call, "operator request not served", message);
  call.respond(try_later(call.request, message));
}

void refuse_by_kafka(const OperatorCall& call, const Error& error) {
  tell_not_served(call, "operator request not served by Kafka", error.message);
  call.respond(try_later(call.request, "Kafka does not answer"));
}

void refuse_by_database(const OperatorCall& call, const Error& error) {
  tell_not_served(call, "operator request not served by the database", error.message);
  call.respond(store_error(call.request, error));
}

RouteHandler operator_route(const OperatorRoutes& routes, OperatorWork work) {
  return [authenticate = routes.authenticate, roles = routes.roles, claim_wanted = routes.claim_wanted,
          &log = routes.log, work = std::move(work), gate = std::make_shared<observe::LogGate>(),
          failures = std::make_shared<observe::LogGate>()](transport::HttpRequest request,
                                                           const RouteParameters& parameters, runtime::EventLoop& home,
                                                           transport::Respond respond) {
    auto token = bearer_token(request);
    const auto call = std::make_shared<OperatorCall>(
        OperatorCall{std::move(request), parameters, std::move(respond), {}, log, failures});
    authenticate(std::move(token).value_or(std::string()), call->request.peer_address, home,
                 [call, roles, claim_wanted, &log, work, gate](const auth::AuthResult& claims) {
                   if (!claims) {
                     call->respond(unauthorized(call->request));
                     return;
                   }
                   call->by = claims->user.id;
                   if (is_operator(*claims, roles, claim_wanted)) {
                     work(call);
                     return;
                   }
                   std::int64_t suppressed = 0;
                   if (gate->pass(suppressed)) {
                     log.warn("operator route refused", {{"user", call->by.value},
                                                         {"peer", call->request.peer_address},
                                                         {"request_id", call->request.header(kRequestId)},
                                                         {"suppressed", suppressed}});
                   }
                   call->respond(error_reply(call->request, 403, "Forbidden: for operators only"));
                 });
  };
}

}  // namespace nx::rest
