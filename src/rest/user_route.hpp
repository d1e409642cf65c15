#pragma once
// A route for one user's own rows: authenticates on the connection's loop, works on a database thread, and responds
// from there.

#include "rest/notifications.hpp"
#include "rest/replies.hpp"
#include "rest/router.hpp"

namespace nx::rest {

/// The arguments of a handler; valid during the call.
struct UserRequest {
  const UserId& user;
  const transport::HttpRequest& http;  // without the parts that only its question needed, see kept_for_reply()
  const RouteParameters& parameters;
  store::ActivityNotificationRepository& notifications;
};

/// Runs on a pool thread. An error is the store's: it is logged and mapped to a status.
using UserWork = std::function<Result<transport::HttpResponse>(const UserRequest&)>;

/// A question that is read on the connection's loop, so that an invalid one costs no database thread, and so that a
/// waiting request keeps neither its body nor its headers: it may wait longer than its connection lives.
struct UserQuestion {
  UserWork work;
  runtime::JobKind kind = runtime::JobKind::quick;
};
using ReadQuestion = std::function<Input<UserQuestion>(const transport::HttpRequest&, const UserId&)>;

RouteHandler user_route(const NotificationRoutes& routes, ReadQuestion read);

}  // namespace nx::rest
