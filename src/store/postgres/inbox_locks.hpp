#pragma once
// Finds the inboxes that other transactions have locked. Used after a wait for a lock timed out: one query finds all of
// them, while single attempts would cost one wait each.

#include <span>
#include <string>
#include <string_view>

#include "model/keyed_hash.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

struct InboxLocks {
  KeyedSet<std::string> free;    // existing inboxes that we could lock for a moment
  KeyedSet<std::string> locked;  // existing inboxes that are locked
  // Inboxes in neither set do not exist, or another transaction is creating them.
};

/// Does not wait for locks. `at_once`: the number of users in one statement.
Result<InboxLocks> look_for_locks(Connection& db, const Statements& sql, std::span<const std::string_view> users,
                                  std::size_t at_once);

}  // namespace nx::store::postgres
