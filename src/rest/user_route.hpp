#pragma once
// A route of one user's own rows: authenticate on the connection's loop, work on a database thread, answer from there.

#include "rest/notifications.hpp"
#include "rest/replies.hpp"
#include "rest/router.hpp"

namespace nx::rest {

/// What a handler works on; lives for the call.
struct UserRequest {
  const UserId& user;
  const transport::HttpRequest& http;  // what only its question was read from is gone: see kept_for_reply()
  const RouteParameters& parameters;
  store::ActivityNotificationRepository& notifications;
};

/// Runs on a pool thread. An error is the store's: it is logged, and answered as HTTP means it.
using UserWork = std::function<Result<transport::HttpResponse>(const UserRequest&)>;

/// A question that is read on the connection's loop, so that what is wrong with it costs no database thread, and a
/// request that waits for one keeps neither its body nor its headers: it may wait longer than its connection lives.
struct UserQuestion {
  UserWork work;
  runtime::JobKind kind = runtime::JobKind::quick;
};
using ReadQuestion = std::function<Input<UserQuestion>(const transport::HttpRequest&, const UserId&)>;

RouteHandler user_route(const NotificationRoutes& routes, ReadQuestion read);

}  // namespace nx::rest
