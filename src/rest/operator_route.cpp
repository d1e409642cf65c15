#include "rest/operator_route.hpp"

#include <algorithm>

#include "rest/replies.hpp"

namespace nx::rest {

bool is_operator(const auth::Claims& claims, const std::vector<std::string>& roles, bool claim_wanted) {
  if (claim_wanted && !claims.admin_claim) return false;
  return std::ranges::any_of(
      claims.roles, [&roles](const std::string& role) { return std::ranges::find(roles, role) != roles.end(); });
}

transport::HttpResponse too_many_questions(const transport::HttpRequest& request) {
  transport::HttpResponse response = error_reply(request, 429, "Too many questions of operators are unanswered");
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

RouteHandler operator_route(const OperatorRoutes& routes, OperatorWork work) {
  return [authenticate = routes.authenticate, roles = routes.roles, claim_wanted = routes.claim_wanted,
          &log = routes.log, work = std::move(work), gate = std::make_shared<observe::LogGate>()](
             transport::HttpRequest request, const RouteParameters& parameters, runtime::EventLoop& home,
             transport::Respond respond) {
    auto token = bearer_token(request);
    const auto call =
        std::make_shared<OperatorCall>(OperatorCall{std::move(request), parameters, std::move(respond), {}});
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
