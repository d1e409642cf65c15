#pragma once
// The repositories of one database thread, on connections of its own.

#include <memory>

#include "runtime/blocking_pool.hpp"
#include "store/activity_notification_repository.hpp"
#include "store/broadcast_repository.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::store {

struct Repositories {
  std::unique_ptr<ActivityNotificationRepository> notifications;
  std::unique_ptr<PolicyDefinitionRepository> policies;
  std::unique_ptr<BroadcastRepository> broadcasts = nullptr;
};

/// The threads that answer REST, catch-up and membership questions.
using ReaderPool = runtime::BlockingPool<Repositories>;

}  // namespace nx::store
