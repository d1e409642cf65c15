#include "store/postgres/inbox_locks.hpp"

#include <algorithm>
#include <vector>

namespace nx::store::postgres {

Result<InboxLocks> look_for_locks(Connection& db, const Statements& sql, std::span<const std::string_view> users,
                                  std::size_t at_once) {
  return db.write([&]() -> Result<InboxLocks> {
    InboxLocks found;
    for (std::size_t start = 0; start < users.size(); start += at_once) {
      const auto slice = users.subspan(start, std::min(at_once, users.size() - start));
      const std::vector<std::string_view> asked(slice.begin(), slice.end());
      auto answers = db.exchange({{sql.lock_free_inboxes, Parameters(asked)}, {sql.known_inboxes, Parameters(asked)}});
      if (!answers) return error_of(answers);
      const Rows& free = (*answers)[0];
      for (int row = 0; row < free.size(); ++row) found.free.insert(free.text(row, 0));
      const Rows& known = (*answers)[1];
      for (int row = 0; row < known.size(); ++row) {
        std::string user = known.text(row, 0);
        if (!found.free.contains(user)) found.locked.insert(std::move(user));
      }
    }
    return found;
  });
}

}  // namespace nx::store::postgres
