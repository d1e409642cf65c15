#include "store/sqlite/broadcasts.hpp"

#include <algorithm>

#include "store/batch_rows.hpp"
#include "store/sqlite/delivery_records.hpp"
#include "store/sqlite/inbox_writer.hpp"
#include "store/users_json.hpp"

namespace nx::store::sqlite {
namespace {

constexpr std::int64_t kLeaseMs = std::chrono::milliseconds{kBroadcastLease}.count();

class SqliteBroadcasts final : public BroadcastRepository {
 public:
  explicit SqliteBroadcasts(std::shared_ptr<Connection> db) : db_(std::move(db)) {}

  Result<std::optional<Broadcast>> take(const std::string& worker) override {
    for (;;) {
      auto taken = take_one(worker);
      if (!taken) return error_of(taken);
      if (!*taken) return std::nullopt;
      auto found = read_stored_notification(*db_, (*taken)->notification.id);
      if (!found) return error_of(found);
      if (*found) {
        (*taken)->notification = std::move((*found)->notification);
        (*taken)->excluded = std::move((*found)->excluded);
        return std::move(*taken);
      }
      if (auto ended = finish(worker, (*taken)->notification.id); !ended) return error_of(ended);
    }
  }

  Result<StoredSlice> store(const std::string& worker, const NotificationId& id, const BroadcastSlice& slice) override {
    auto stored = db_->transaction(Access::write, [&] { return store_one(worker, id, slice); });
    if (stored) return stored;
    if (stored.error().kind != ErrorKind::too_broad && !db_->was_busy()) return stored;
    return StoredSlice{.outcome = StoredSlice::Outcome::busy, .recipients = {}};
  }

  Result<std::vector<Delivered>> delivered(const NotificationId& id, std::span<const UserId> users) override {
    return db_->transaction(Access::read, [&]() -> Result<std::vector<Delivered>> {
      std::vector<Delivered> found;
      for (const UserId& user : users) {
        auto one = read_delivered(*db_, user, id);
        if (!one) return error_of(one);
        if (*one) found.push_back(std::move(**one));
      }
      return found;
    });
  }

  Result<void> release(const std::string& worker, const NotificationId& id, bool confirmed,
                       std::chrono::milliseconds pause) override {
    return db_
        ->query(
            R"(UPDATE "ActivityBroadcast" SET worker = NULL, lease_until = NULL, unconfirmed = unconfirmed AND NOT ?3,
                     turn_at = ?4 WHERE notification_id = ?1 AND worker = ?2)",
            id, worker, confirmed, now_wall().value + pause.count())
        .run();
  }

  Result<bool> finish(const std::string& worker, const NotificationId& id) override {
    return db_
        ->query(R"(DELETE FROM "ActivityBroadcast" WHERE notification_id = ?1 AND worker = ?2 RETURNING 1)", id, worker)
        .next();
  }

  Result<OpenBroadcasts> open(std::size_t limit) override {
    OpenBroadcasts open;
    struct Column {
      enum : int { id, recipients_done, created_at, count };
    };
    auto query = db_->query(R"(SELECT notification_id, recipients_done, created_at, count(*) OVER ()
                               FROM "ActivityBroadcast" ORDER BY notification_id LIMIT ?1)",
                            limit);
    for (;;) {
      const auto row = query.next();
      if (!row) return error_of(row);
      if (!*row) return open;
      open.count = query.integer(Column::count);
      open.oldest.push_back({.id = query.notification_id(Column::id),
                             .recipients_done = query.integer(Column::recipients_done),
                             .age = std::chrono::milliseconds{now_wall().value - query.integer(Column::created_at)}});
    }
  }

  Result<std::optional<BroadcastPosition>> position(const NotificationId& id, const UserId& user) override {
    struct Column {
      enum : int { done_through, recipients_done, recipients };
    };
    auto query = db_->query(
        R"(SELECT done_through, recipients_done, recipients FROM "ActivityBroadcast" WHERE notification_id = ?1)", id);
    const auto row = query.next();
    if (!row) return error_of(row);
    if (!*row) return std::nullopt;
    const auto listed = users_from_json(query.maybe_text(Column::recipients).value_or("[]"));
    return BroadcastPosition{.done_through = query.maybe_text(Column::done_through),
                             .recipients_done = query.integer(Column::recipients_done),
                             .lists_user = std::find(listed.begin(), listed.end(), user) != listed.end()};
  }

 private:
  /// Without the columns of the notification's own row.
  Result<std::optional<Broadcast>> take_one(const std::string& worker) {
    const std::int64_t now = now_wall().value;
    return db_->transaction(Access::write, [&]() -> Result<std::optional<Broadcast>> {
      struct Column {
        enum : int { id, recipients, recorded_ms, traceparent, done_through, last_from, unconfirmed, recipients_done };
      };
      auto query = db_->query(
          R"(UPDATE "ActivityBroadcast" SET worker = ?1, lease_until = ?3 WHERE notification_id =
               (SELECT notification_id FROM "ActivityBroadcast" WHERE turn_at <= ?2 AND (lease_until IS NULL OR lease_until < ?2)
                ORDER BY turn_at LIMIT 1)
             RETURNING notification_id, recipients, recorded_ms, traceparent, done_through, last_from, unconfirmed,
               recipients_done)",
          worker, now, now + kLeaseMs);
      const auto row = query.next();
      if (!row) return error_of(row);
      if (!*row) return std::nullopt;
      Broadcast taken;
      taken.notification.id = query.notification_id(Column::id);
      taken.listed = users_from_json(query.maybe_text(Column::recipients).value_or("[]"));
      taken.recorded = {query.integer(Column::recorded_ms)};
      taken.traceparent = query.maybe_text(Column::traceparent);
      taken.done_through = query.maybe_text(Column::done_through);
      taken.last_from = query.maybe_text(Column::last_from);
      taken.unconfirmed = query.flag(Column::unconfirmed);
      taken.recipients_done = query.integer(Column::recipients_done);
      if (auto done = query.run(); !done) return error_of(done);
      return taken;
    });
  }

  Result<StoredSlice> store_one(const std::string& worker, const NotificationId& id, const BroadcastSlice& slice) {
    StoredSlice stored;
    {
      auto advance = db_->query(
          R"(UPDATE "ActivityBroadcast" SET done_through = ?4, last_from = ?3, unconfirmed = ?5 > 0,
               recipients_done = recipients_done + ?5, lease_until = ?6
             WHERE notification_id = ?1 AND worker = ?2 AND done_through IS ?3 RETURNING 1)",
          id, worker, slice.from, slice.through, slice.recipients.size(), now_wall().value + kLeaseMs);
      const auto row = advance.next();
      if (!row) return error_of(row);
      if (!*row) {
        stored.outcome = StoredSlice::Outcome::lost;
        return stored;
      }
      if (auto done = advance.run(); !done) return error_of(done);
    }
    InboxWriter inboxes(*db_);
    for (const UserId& user : slice.recipients) inboxes.want(user);
    if (auto reserved = inboxes.reserve(); !reserved) return error_of(reserved);
    auto rows = add_rows(inboxes, slice.recipients, id);
    if (!rows) return error_of(rows);
    stored.recipients = std::move(*rows);
    return stored;
  }

  std::shared_ptr<Connection> db_;
};

}  // namespace

std::unique_ptr<BroadcastRepository> make_broadcasts(std::shared_ptr<Connection> db) {
  return std::make_unique<SqliteBroadcasts>(std::move(db));
}

}  // namespace nx::store::sqlite
