#include "rest/user_route.hpp"

#include <exception>
#include <memory>
#include <optional>

namespace nx::rest {
namespace {

/// One request on its way; shared by the loop and the pool thread, one after the other.
struct Call {
  transport::HttpRequest request;
  RouteParameters parameters;
  transport::Respond respond;
};

/// The token of `Authorization: Bearer <token>`; the scheme is case-sensitive and one space separates (wire facts 4.7).
std::optional<std::string> bearer_token(const transport::HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.header("authorization");
  if (!header.starts_with(kScheme)) return std::nullopt;
  const std::string_view token = header.substr(kScheme.size());
  if (token.empty() || token.find(' ') != std::string_view::npos) return std::nullopt;
  return std::string{token};
}

void work_on(const Call& call, const UserId& user, const UserWork& work, store::Repositories& repositories,
             const observe::Logger& log) {
  if (!repositories.notifications) {
    call.respond(try_later(call.request, "The database does not answer"));
    return;
  }
  try {
    call.respond(work({.user = user,
                       .http = call.request,
                       .parameters = call.parameters,
                       .notifications = *repositories.notifications}));
  } catch (const std::exception& problem) {
    log.error("request failed", {{"request_id", call.request.header(kRequestId)}, {"reason", problem.what()}});
    call.respond(error_reply(call.request, 500, "Internal Server Error"));
  }
}

}  // namespace

RouteHandler user_route(const NotificationRoutes& routes, UserWork work) {
  return [routes, work = std::move(work)](transport::HttpRequest request, const RouteParameters& parameters,
                                          runtime::EventLoop& home, transport::Respond respond) {
    auto token = bearer_token(request);
    const auto call = std::make_shared<const Call>(Call{std::move(request), parameters, std::move(respond)});
    if (!token) {
      call->respond(unauthorized(call->request));
      return;
    }
    routes.authenticate(std::move(*token), home, [call, routes, work](const auth::AuthResult& claims) {
      if (!claims) {
        call->respond(unauthorized(call->request));
        return;
      }
      const bool taken = routes.readers.submit(
          [call, user = claims->user.id, work, &log = routes.log](store::Repositories& repositories) {
            work_on(*call, user, work, repositories, log);
          });
      if (!taken) call->respond(try_later(call->request, "Too many requests are waiting"));
    });
  };
}

}  // namespace nx::rest
