#include "store/broadcast_repository.hpp"

#include <fmt/core.h>

#include "store/inbox_owner.hpp"

namespace nx::store {

Result<void> check_listed(std::span<const UserId> users) {
  for (const UserId& user : users) {
    if (!can_have_inbox(user)) {
      return fail(ErrorKind::invalid,
                  fmt::format("a user id of {} bytes cannot have an inbox: it must have 1 to 128 bytes without U+0000",
                              user.value.size()));
    }
  }
  return {};
}

}  // namespace nx::store
