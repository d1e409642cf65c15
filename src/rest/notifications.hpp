#pragma once
// GET /v1/notifications and its related routes (docs/rest.md): list, count, find-one, by id, unread-count, PATCH, POST
// read.

#include <functional>
#include <memory>
#include <string>

#include "observe/log.hpp"
#include "rest/bearer_token.hpp"
#include "rest/router.hpp"
#include "rest/user_shares.hpp"
#include "store/repositories.hpp"

namespace nx::rest {

/// References are borrowed for the life of the router.
struct NotificationRoutes {
  Authenticate authenticate;
  store::ReaderPool& readers;
  /// FanOut::to_user: tells the user's sessions which rows were read. Any thread.
  std::function<void(const UserId&, std::shared_ptr<const std::string> frame)> tell_user;
  const observe::Logger& log;
  /// Twenty sockets of one user's terminals, and a reserve.
  std::shared_ptr<UserShares> shares = std::make_shared<UserShares>(32);
  // Slow requests of one user at the database. The bound is low so that a thread for slow requests soon becomes free
  // for other users.
  std::shared_ptr<UserShares> costly_shares = std::make_shared<UserShares>(3);
};
void add_notification_routes(Router& router, const NotificationRoutes& routes);

}  // namespace nx::rest
