#include "store/postgres/broadcasts.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "store/batch_rows.hpp"
#include "store/postgres/inbox_rows.hpp"
#include "store/postgres/inbox_writer.hpp"
#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"
#include "store/users_json.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::chrono::milliseconds kLease = kBroadcastLease;

/// A locked inbox, a deadlock that this transaction lost, or a statement time-out: a smaller or later attempt may
/// succeed.
bool is_busy(SqlState state) {
  return state == SqlState::lock_not_available || state == SqlState::query_canceled || state == SqlState::deadlock ||
         state == SqlState::serialization_failure;
}

std::string slice_settings() {
  return fmt::format("SELECT set_config('lock_timeout', '{}', true), set_config('statement_timeout', '{}', true)",
                     kSliceLockTimeout.count(), kSliceTimeout.count());
}

class PostgresBroadcasts final : public BroadcastRepository {
 public:
  PostgresBroadcasts(std::shared_ptr<Connection> db, const std::string& schema)
      : schema_(schema), sql_(schema), db_(std::move(db)) {}

  Result<std::optional<Broadcast>> take(const std::string& worker) override {
    for (;;) {
      Broadcast taken;
      std::optional<Error> unreadable;
      const auto found = db_->write([&] { return take_one(worker, taken, unreadable); });
      if (!found) return error_of(found);
      if (unreadable) return tl::unexpected(*std::move(unreadable));
      if (*found == Found::nothing) return std::nullopt;
      if (*found == Found::one) return taken;
    }
  }

  Result<StoredSlice> store(const std::string& worker, const NotificationId& id, const BroadcastSlice& slice) override {
    auto stored = db_->write([&] { return store_one(worker, id, slice); });
    if (stored) return stored;
    if (is_busy(db_->last_sqlstate())) return StoredSlice{.outcome = StoredSlice::Outcome::busy, .recipients = {}};
    // A missing month of the past was dropped by retention and is not created again.
    const Month month = month_of(id);
    if (db_->last_sqlstate() == SqlState::check_violation && month >= month_of(now_wall())) {
      if (auto made = make_missing_month(*db_, schema_, month); !made) return error_of(made);
      return db_->write([&] { return store_one(worker, id, slice); });
    }
    return stored;
  }

  Result<std::vector<Delivered>> delivered(const NotificationId& id, std::span<const UserId> users) override {
    std::vector<std::string_view> ids;
    for (const UserId& user : users) ids.emplace_back(user.value);
    auto rows = db_->read({{sql_.delivered, Parameters(ids, id)}});
    if (!rows) return error_of(rows);
    return delivered_of(rows->front());
  }

  Result<void> release(const std::string& worker, const NotificationId& id, bool confirmed,
                       std::chrono::milliseconds pause) override {
    return alone({sql_.release_broadcast, Parameters(id, worker, confirmed, pause.count())}).map([](const Rows&) {});
  }

  Result<bool> finish(const std::string& worker, const NotificationId& id) override {
    return alone({sql_.finish_broadcast, Parameters(id, worker)}).map([](const Rows& rows) {
      return rows.changed() > 0;
    });
  }

  Result<OpenBroadcasts> open(std::size_t limit) override {
    auto answer = db_->read({{sql_.open_broadcasts, Parameters(NotificationId{}, limit)}});
    if (!answer) return error_of(answer);
    const Rows& rows = answer->front();
    OpenBroadcasts open;
    for (int row = 0; row < rows.size(); ++row) {
      open.count = rows.integer(row, OpenBroadcastColumn::count);
      open.oldest.push_back({.id = rows.notification_id(row, OpenBroadcastColumn::id),
                             .recipients_done = rows.integer(row, OpenBroadcastColumn::recipients_done),
                             .age = std::chrono::milliseconds{rows.integer(row, OpenBroadcastColumn::age_ms)}});
    }
    return open;
  }

  Result<std::optional<BroadcastPosition>> position(const NotificationId& id, const UserId& user) override {
    auto answer = db_->read({{sql_.broadcast_at, Parameters(id, user.value)}});
    if (!answer) return error_of(answer);
    const Rows& rows = answer->front();
    if (rows.empty()) return std::nullopt;
    return BroadcastPosition{.done_through = rows.maybe_text(0, BroadcastAtColumn::done_through),
                             .recipients_done = rows.integer(0, BroadcastAtColumn::recipients_done),
                             .lists_user = rows.flag(0, BroadcastAtColumn::lists_user)};
  }

 private:
  enum class Found { nothing, one, ended };

  Result<Rows> alone(Step step) {
    return db_->write([&]() -> Result<Rows> {
      auto done = db_->exchange({step});
      if (!done) return error_of(done);
      return std::move(done->front());
    });
  }

  /// `unreadable` is no error of the transaction: the lease is to be committed, so that others come first meanwhile.
  Result<Found> take_one(const std::string& worker, Broadcast& into, std::optional<Error>& unreadable) {
    auto taken = db_->exchange({{sql_.take_broadcast, Parameters(worker, kLease.count())}});
    if (!taken) return error_of(taken);
    const Rows& rows = taken->front();
    if (rows.empty()) return Found::nothing;
    using Column = TakenBroadcastColumn;
    const NotificationId id = rows.notification_id(0, Column::id);
    auto more = db_->exchange({{sql_.stored_notification, Parameters(id)}, {sql_.listed_of_broadcast, Parameters(id)}});
    if (!more) return error_of(more);
    const Rows& found = more->front();
    if (found.empty()) {
      return db_->exchange({{sql_.finish_broadcast, Parameters(id, worker)}}).map([](const std::vector<Rows>&) {
        return Found::ended;
      });
    }
    auto notification = notification_of(found, 0);
    if (!notification) {
      unreadable = notification.error();
      return Found::one;
    }
    into.notification = *std::move(notification);
    into.excluded = users_from_json(found.maybe_json(0, StoredColumn::excluded).value_or("[]"));
    const Rows& listed = more->back();
    for (int row = 0; row < listed.size(); ++row) into.listed.push_back({listed.text(row, 0)});
    into.recorded = {rows.integer(0, Column::recorded_ms)};
    into.traceparent = rows.maybe_text(0, Column::traceparent);
    into.done_through = rows.maybe_text(0, Column::done_through);
    into.last_from = rows.maybe_text(0, Column::last_from);
    into.unconfirmed = rows.flag(0, Column::unconfirmed);
    into.recipients_done = rows.integer(0, Column::recipients_done);
    return Found::one;
  }

  Result<StoredSlice> store_one(const std::string& worker, const NotificationId& id, const BroadcastSlice& slice) {
    auto advanced = db_->exchange({{settings_, {}},
                                   {sql_.advance_broadcast, Parameters(id, worker, slice.from, slice.through,
                                                                       slice.recipients.size(), kLease.count())}});
    if (!advanced) return error_of(advanced);
    StoredSlice stored;
    if (advanced->back().changed() == 0) {
      stored.outcome = StoredSlice::Outcome::lost;
      return stored;
    }
    InboxWriter inboxes(*db_, pace_, sql_, settings_, month_of(id));
    for (const UserId& user : slice.recipients) inboxes.want(user);
    if (auto reserved = inboxes.reserve(); !reserved) return error_of(reserved);
    auto rows = add_rows(inboxes, slice.recipients, id);
    if (!rows) return error_of(rows);
    stored.recipients = std::move(*rows);
    if (auto flushed = inboxes.flush(); !flushed) return error_of(flushed);
    return stored;
  }

  const std::string schema_;
  const Statements sql_;
  const std::string settings_ = slice_settings();
  const Pace pace_;  // a slice is written by one statement
  std::shared_ptr<Connection> db_;
};

}  // namespace

std::unique_ptr<BroadcastRepository> make_broadcasts(std::shared_ptr<Connection> db, const std::string& schema) {
  return std::make_unique<PostgresBroadcasts>(std::move(db), schema);
}

}  // namespace nx::store::postgres
