#include "rest/user_route.hpp"

#include <exception>
#include <memory>

#include "rest/bearer_token.hpp"

namespace nx::rest {
namespace {

/// One request in progress; shared by the loop and the pool thread, one after the other.
struct UserCall {
  transport::HttpRequest request;
  RouteParameters parameters;
  transport::Respond respond;
  const observe::Logger& log;
  std::shared_ptr<observe::LogGate> failures;  // one line a second for each route
};

void tell_not_served(const UserCall& call, const char* event, std::string_view reason) {
  std::int64_t suppressed = 0;
  if (!call.failures->pass(suppressed)) return;
  call.log.warn(event,
                {{"request_id", call.request.header(kRequestId)}, {"reason", reason}, {"suppressed", suppressed}});
}

void refuse_full(const UserCall& call, const char* message) {
  tell_not_served(call, "request not served", message);
  call.respond(try_later(call.request, message));
}

transport::HttpResponse response_to(const UserCall& call, const UserId& user, const UserWork& work,
                                    store::Repositories& repositories) {
  if (!repositories.notifications) return try_later(call.request, "The database does not answer");
  auto response = work({.user = user,
                        .http = call.request,
                        .parameters = call.parameters,
                        .notifications = *repositories.notifications});
  if (response) return std::move(*response);
  tell_not_served(call, "request not served by the database", response.error().message);
  return store_error(call.request, response.error());
}

void work_on(const UserCall& call, const UserId& user, const UserWork& work, store::Repositories& repositories) {
  try {
    call.respond(response_to(call, user, work, repositories));
  } catch (const std::exception& problem) {
    call.log.error("request failed", {{"request_id", call.request.header(kRequestId)}, {"reason", problem.what()}});
    call.respond(error_reply(call.request, 500, "Internal Server Error"));
  }
}

/// Passes the request to a database thread.
void hand_over(const std::shared_ptr<const UserCall>& call, const UserId& user, UserQuestion question,
               std::shared_ptr<void> place, store::ReaderPool& readers) {
  const auto too_late = [call] { refuse_full(*call, "Too many requests are waiting"); };
  const bool taken =
      readers.submit([call, user, work = std::move(question.work), place = std::move(place)](
                         store::Repositories& repositories) { work_on(*call, user, work, repositories); },
                     too_late, {question.kind, user.value});
  if (!taken) too_late();
}

}  // namespace

RouteHandler user_route(const NotificationRoutes& routes, ReadQuestion read) {
  return [routes, read = std::move(read), failures = std::make_shared<observe::LogGate>()](
             transport::HttpRequest request, const RouteParameters& parameters, runtime::EventLoop& home,
             transport::Respond respond) {
    auto token = bearer_token(request);
    const auto call =
        std::make_shared<UserCall>(UserCall{std::move(request), parameters, std::move(respond), routes.log, failures});
    routes.authenticate(std::move(token).value_or(std::string()), call->request.peer_address, home,
                        [call, &readers = routes.readers, all = routes.shares, costly = routes.costly_shares,
                         read](const auth::AuthResult& claims) {
                          if (!claims) return call->respond(unauthorized(call->request));
                          const UserId& user = claims->user.id;
                          auto question = read(call->request, user);
                          if (!question) return call->respond(bad_input_reply(call->request, question.error()));
                          call->request = kept_for_reply(std::move(call->request));
                          auto place = (question->kind == runtime::JobKind::slow ? costly : all)->enter(user);
                          if (!place) return refuse_full(*call, "Too many requests of this user are waiting");
                          hand_over(call, user, std::move(*question), std::move(place), readers);
                        });
  };
}

}  // namespace nx::rest
