#pragma once

#include "model/ids.hpp"

namespace nx::store {

/// Whether the id can be a token's `userId` (docs/security.md#claims). Ids of policy rows and of messages come from
/// other services: nobody could read an inbox with an invalid id, and a row that cannot be stored would make its whole
/// batch fail.
inline bool can_have_inbox(const UserId& user) {
  return !user.value.empty() && user.value.size() <= kMaxIdBytes && user.value.find('\0') == std::string::npos;
}

}  // namespace nx::store
