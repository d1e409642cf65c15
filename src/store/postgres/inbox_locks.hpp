#pragma once
// Which inboxes other transactions have locked. Asked after a wait in vain: one look finds all of them, where trying
// would cost a wait for each.

#include <span>
#include <string>
#include <string_view>

#include "model/keyed_hash.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

struct InboxLocks {
  KeyedSet<std::string> free;    // of these we had the locks for a moment
  KeyedSet<std::string> locked;  // there, and locked
  // All others do not exist, or another transaction is making them.
};

/// Waits for none of them. `at_once`: users of one statement.
Result<InboxLocks> look_for_locks(Connection& db, const Statements& sql, std::span<const std::string_view> users,
                                  std::size_t at_once);

}  // namespace nx::store::postgres
