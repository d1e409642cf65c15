#pragma once

#include "model/ids.hpp"

namespace nx::store {

/// What a token's `userId` may be (docs/security.md#claims). Ids of policy rows and of messages are others': an inbox
/// for such an id could never be read, and the row that can not be stored would take its neighbours with it.
inline bool can_have_inbox(const UserId& user) {
  return !user.value.empty() && user.value.size() <= kMaxIdBytes && user.value.find('\0') == std::string::npos;
}

}  // namespace nx::store
