#pragma once
// A route of one user's own rows: authenticate on the connection's loop, work on a database thread, answer from there.

#include "rest/notifications.hpp"
#include "rest/replies.hpp"
#include "rest/router.hpp"

namespace nx::rest {

/// What a handler works on; lives for the call.
struct UserRequest {
  const UserId& user;
  const transport::HttpRequest& http;
  const RouteParameters& parameters;
  store::ActivityNotificationRepository& notifications;
};

/// Runs on a pool thread. An error is the store's: it is logged, and answered as HTTP means it.
using UserWork = std::function<Result<transport::HttpResponse>(const UserRequest&)>;

RouteHandler user_route(const NotificationRoutes& routes, runtime::Lane lane, UserWork work);

/// A question that is read on the connection's loop, so that what is wrong with it costs no database thread.
struct UserQuestion {
  UserWork work;
  runtime::Lane lane = runtime::Lane::quick;
};
using ReadQuestion = std::function<Input<UserQuestion>(const transport::HttpRequest&, const UserId&)>;

RouteHandler question_route(const NotificationRoutes& routes, ReadQuestion read);

}  // namespace nx::rest
