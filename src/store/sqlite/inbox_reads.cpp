#include "store/sqlite/inbox_reads.hpp"

#include <limits>

#include <fmt/core.h>

#include "store/notification_id_range.hpp"
#include "store/sqlite/rows.hpp"

namespace nx::store::sqlite {
namespace {

constexpr std::int64_t kArchiveCountLimit = 10'000;  // a larger total is unknown (docs/data-model.md#pages)

enum class Order { newest_first, oldest_first };

/// The indexes are named: SQLite could also choose the primary key for the order, and would read every archived
/// row of the user. Parameters: ?1 user_no, ?2 and ?3 the exclusive bounds of seq, ?4 the limit, ?5 the number of
/// skipped rows.
std::string page_statement(PageRequest::Show show, Order order) {
  const std::string by_seq = order == Order::newest_first ? " ORDER BY seq DESC" : " ORDER BY seq";
  const auto rows = [](const std::string& after, const char* index, const char* condition) {
    return fmt::format(R"(SELECT user_no, seq, notification_id, read_at, archived_at, reopened
      FROM "ActivityNotificationRecipient" INDEXED BY {} WHERE user_no = ?1 AND seq > {} AND seq < ?3 AND {})",
                       index, after, condition);
  };
  std::string page;
  switch (show) {
    case PageRequest::Show::inbox:
      page = rows("?2", R"("ActivityRecipientInbox")", "archived_at IS NULL");
      break;
    case PageRequest::Show::archived:
      page = rows("?2", R"("ActivityRecipientArchive")", "archived_at IS NOT NULL");
      break;
    case PageRequest::Show::unread: {
      // Above the mark the unread index is used; below it only reopened rows are unread. There is one lower bound:
      // with two, SQLite would start in the index at the first one and read everything below the mark.
      const char* mark = R"(max(?2, (SELECT read_up_to FROM "ActivityInbox" WHERE user_no = ?1)))";
      const std::string above = rows(mark, R"("ActivityRecipientUnread")", "archived_at IS NULL AND read_at IS NULL");
      const std::string below =
          rows("?2", R"("ActivityRecipientReopened")", "reopened = 1 AND archived_at IS NULL AND read_at IS NULL");
      const std::string bounded = by_seq + " LIMIT ?4 + ?5";
      page = fmt::format("SELECT * FROM ({0}{2}) UNION ALL SELECT * FROM ({1}{2})", above, below, bounded);
      break;
    }
  }
  return fmt::format(
      R"(SELECT {0} FROM ({1}{2} LIMIT ?4 OFFSET ?5) r CROSS JOIN "ActivityNotification" n ON n.id = r.notification_id{2})",
      kEntryColumns, page, by_seq);
}

std::string_view statement_for(PageRequest::Show show, Order order) {
  using enum PageRequest::Show;
  static const std::string kInboxDown = page_statement(inbox, Order::newest_first);
  static const std::string kInboxUp = page_statement(inbox, Order::oldest_first);
  static const std::string kUnreadDown = page_statement(unread, Order::newest_first);
  static const std::string kUnreadUp = page_statement(unread, Order::oldest_first);
  static const std::string kArchiveDown = page_statement(archived, Order::newest_first);
  static const std::string kArchiveUp = page_statement(archived, Order::oldest_first);
  const bool down = order == Order::newest_first;
  switch (show) {
    case inbox:
      return down ? kInboxDown : kInboxUp;
    case unread:
      return down ? kUnreadDown : kUnreadUp;
    case archived:
      break;
  }
  return down ? kArchiveDown : kArchiveUp;
}

struct Slice {
  std::vector<InboxRow> rows;
  bool more = false;
};

Result<Slice> read_slice(Connection& db, const Inbox& inbox, const PageRequest& request) {
  const Order order = request.since_seq ? Order::oldest_first : Order::newest_first;
  constexpr auto kNoBound = std::numeric_limits<std::int64_t>::max();
  const std::int64_t after = request.since_seq.value_or(std::numeric_limits<std::int64_t>::min());
  const std::int64_t before = request.since_seq ? kNoBound : request.before_seq.value_or(kNoBound);

  auto query =
      db.query(statement_for(request.show, order), inbox.user_no, after, before, request.limit + 1, request.skip);
  Slice slice;
  for (;;) {
    const auto row = query.next();
    if (!row) return error_of(row);
    if (!*row) return slice;
    if (slice.rows.size() == request.limit) {
      slice.more = true;
      return slice;
    }
    auto read = read_inbox_row(query);
    if (!read) return error_of(read);
    slice.rows.push_back(*std::move(read));
  }
}

/// nullopt when there are more than kArchiveCountLimit.
Result<std::optional<std::int64_t>> count_archive(Connection& db, const Inbox& inbox) {
  auto query = db.query(
      R"(SELECT count(*) FROM (SELECT 1 FROM "ActivityNotificationRecipient" INDEXED BY "ActivityRecipientArchive"
         WHERE user_no = ?1 AND archived_at IS NOT NULL LIMIT ?2))",
      inbox.user_no, kArchiveCountLimit + 1);
  const auto row = query.next();
  if (!row) return error_of(row);
  const std::int64_t count = query.integer(0);
  return count > kArchiveCountLimit ? std::optional<std::int64_t>{} : count;
}

Result<std::optional<std::int64_t>> total(Connection& db, const Inbox& inbox, const PageRequest& request) {
  if (request.before_seq || request.since_seq) return std::nullopt;
  switch (request.show) {
    case PageRequest::Show::inbox:
      return inbox.live;
    case PageRequest::Show::unread:
      return inbox.unread;
    case PageRequest::Show::archived:
      break;
  }
  return count_archive(db, inbox);
}

}  // namespace

Result<Page> read_page(Connection& db, const PageRequest& request) {
  return db.transaction(Access::read, [&db, &request]() -> Result<Page> {
    const auto inbox = read_inbox(db, request.user);
    if (!inbox) return error_of(inbox);
    auto slice = read_slice(db, *inbox, request);
    if (!slice) return error_of(slice);
    const auto counted = total(db, *inbox, request);
    if (!counted) return error_of(counted);
    return Page{.rows = std::move(slice->rows), .more = slice->more, .total = *counted, .epoch = inbox->epoch};
  });
}

Result<Missed> read_missed(Connection& db, const UserId& user, std::int64_t since, std::size_t limit) {
  return db.transaction(Access::read, [&]() -> Result<Missed> {
    const auto inbox = read_inbox(db, user);
    if (!inbox) return error_of(inbox);
    PageRequest request;
    request.limit = limit;
    request.since_seq = since;
    auto slice = read_slice(db, *inbox, request);
    if (!slice) return error_of(slice);
    return Missed{.rows = std::move(slice->rows),
                  .complete = !slice->more,
                  .now = {.count = inbox->unread, .seq = inbox->last_seq, .epoch = inbox->epoch}};
  });
}

Result<std::vector<Grown>> read_grown(Connection& db, std::span<const UserId> users, EpochMs since, std::size_t rows) {
  return db.transaction(Access::read, [&]() -> Result<std::vector<Grown>> {
    std::vector<Grown> grown;
    for (const UserId& user : users) {
      auto query = db.query(
          R"(SELECT max(min(r.seq) - 1, i.last_seq - ?3) FROM "ActivityInbox" i
             JOIN "ActivityNotificationRecipient" r ON r.user_no = i.user_no
             WHERE i.user_id = ?1 AND r.notification_id >= ?2)",
          user.value, first_id_at(since), rows);
      const auto row = query.next();
      if (!row) return error_of(row);
      if (!query.is_null(0)) grown.push_back({user, query.integer(0)});
    }
    return grown;
  });
}

Result<std::optional<InboxRow>> find_inbox_row(Connection& db, const UserId& user, const NotificationId& id) {
  static const std::string kStatement = fmt::format(R"(SELECT {} FROM "ActivityInbox" i
    CROSS JOIN "ActivityNotificationRecipient" r CROSS JOIN "ActivityNotification" n
    WHERE i.user_id = ?1 AND r.user_no = i.user_no AND r.notification_id = ?2 AND n.id = r.notification_id)",
                                                    kEntryColumns);
  auto query = db.query(kStatement, user.value, id);
  const auto row = query.next();
  if (!row) return error_of(row);
  if (!*row) return std::nullopt;
  return read_inbox_row(query);
}

Result<UnreadCount> count_rows(Connection& db, const UserId& user) {
  auto query = db.query(
      R"(SELECT count(*) FILTER (WHERE r.archived_at IS NULL AND r.read_at IS NULL AND (r.seq > i.read_up_to OR r.reopened = 1)),
           coalesce(max(r.seq), 0)
         FROM "ActivityInbox" i JOIN "ActivityNotificationRecipient" r ON r.user_no = i.user_no WHERE i.user_id = ?1)",
      user.value);
  const auto row = query.next();
  if (!row) return error_of(row);
  return UnreadCount{.count = query.integer(0), .seq = query.integer(1), .epoch = {}};
}

}  // namespace nx::store::sqlite
