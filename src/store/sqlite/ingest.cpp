#include "store/sqlite/ingest.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "crypto/random.hpp"
#include "store/excluded_users.hpp"
#include "store/message_key.hpp"
#include "store/sqlite/rows.hpp"

namespace nx::store::sqlite {
namespace {

/// One user's share of the batch.
struct Seat {
  std::int64_t rows = 0;  // new rows of the batch
  std::int64_t user_no = 0;
  std::int64_t next_seq = 0;
  std::int64_t next_unread = 0;
};

class Ingest {
 public:
  Ingest(Connection& db, std::span<const NewNotification> batch) : db_(db), batch_(batch), results_(batch.size()) {}

  Result<std::vector<IngestResult>> run() {
    for (auto step : {&Ingest::claim_keys, &Ingest::insert_notifications, &Ingest::reserve_seqs,
                      &Ingest::insert_recipients, &Ingest::read_redelivered}) {
      if (auto done = (this->*step)(); !done) return tl::unexpected<Error>(done.error());
    }
    return std::move(results_);
  }

 private:
  bool is_new(std::size_t i) const { return results_[i].outcome == IngestOutcome::stored; }

  /// Sorted, so that two writers can not deadlock; of one key twice in a batch the first in batch order wins.
  Result<void> claim_keys() {
    std::vector<MessageKey> keys;
    keys.reserve(batch_.size());
    for (const NewNotification& item : batch_) keys.push_back(message_key(item.activity));
    std::vector<std::size_t> order(batch_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&keys](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
    for (const std::size_t i : order) {
      if (auto claimed = claim(i, keys[i]); !claimed) return claimed;
    }
    return {};
  }

  Result<void> claim(std::size_t i, const MessageKey& key) {
    const Activity& activity = batch_[i].activity;
    const NotificationId id = crypto::uuid_v7(now_);
    {
      auto insert = db_.query(
          R"(INSERT INTO "ActivityNotificationKey" (key, notification_id, source, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (key) DO NOTHING RETURNING 1)",
          std::span<const std::uint8_t>{key}, id, activity.source, now_);
      const auto inserted = insert.next();
      if (!inserted) return tl::unexpected<Error>(inserted.error());
      if (*inserted) {
        results_[i] = {
            .outcome = IngestOutcome::stored, .notification = new_notification(activity, id, now_), .recipients = {}};
        return insert.run();
      }
    }
    auto stored = db_.query(R"(SELECT notification_id, source FROM "ActivityNotificationKey" WHERE key = ?1)",
                            std::span<const std::uint8_t>{key});
    const auto found = stored.next();
    if (!found) return tl::unexpected<Error>(found.error());
    results_[i].outcome = stored.text(1) == activity.source ? IngestOutcome::redelivered : IngestOutcome::known_key;
    results_[i].notification.id = stored.notification_id(0);
    return {};
  }

  Result<void> insert_notifications() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!is_new(i)) continue;
      const Notification& row = results_[i].notification;
      auto insert = db_.query(
          R"(INSERT INTO "ActivityNotification" (id, key, type, title, body, data, extra, recipient_scope, organizer_id, merchant_id,
               actor_id, occurred_at, created_at, modified_at, excluded)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15))",
          row.id, row.key, row.type, row.title, row.body, row.data, row.extra, std::string_view{to_text(row.scope)},
          row.organizer_id, row.merchant_id, row.actor_id, row.occurred_at, row.created_at, row.modified_at,
          excluded_json(batch_[i].activity.excluded));
      if (auto done = insert.run(); !done) return done;
    }
    return {};
  }

  Result<void> reserve_seqs() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!is_new(i)) continue;
      for (const UserId& user : batch_[i].recipients) ++seats_[user.value].rows;
    }
    for (auto& [user, seat] : seats_) {  // sorted by user id
      auto upsert = db_.query(
          R"(INSERT INTO "ActivityInbox" (user_id, last_seq, live, unread) VALUES (?1, ?2, ?2, ?2)
             ON CONFLICT (user_id) DO UPDATE SET last_seq = last_seq + ?2, live = live + ?2, unread = unread + ?2
             RETURNING user_no, last_seq, unread)",
          user, seat.rows);
      const auto row = upsert.next();
      if (!row) return tl::unexpected<Error>(row.error());
      seat.user_no = upsert.integer(0);
      seat.next_seq = upsert.integer(1) - seat.rows + 1;
      seat.next_unread = upsert.integer(2) - seat.rows + 1;
      if (auto done = upsert.run(); !done) return done;
    }
    return {};
  }

  Result<void> insert_recipients() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!is_new(i)) continue;
      IngestResult& result = results_[i];
      result.recipients.reserve(batch_[i].recipients.size());
      for (const UserId& user : batch_[i].recipients) {
        Seat& seat = seats_.find(user.value)->second;
        auto insert = db_.query(
            R"(INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id) VALUES (?1, ?2, ?3))",
            seat.user_no, seat.next_seq, result.notification.id);
        if (auto done = insert.run(); !done) return done;
        result.recipients.push_back({.user = user, .seq = seat.next_seq++, .unread = seat.next_unread++});
      }
    }
    return {};
  }

  Result<void> read_redelivered() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (results_[i].outcome != IngestOutcome::redelivered) continue;
      const auto found = read_stored(results_[i].notification);
      if (!found) return tl::unexpected<Error>(found.error());
      if (!*found) {  // older than the retention: there is nothing left to push
        results_[i].outcome = IngestOutcome::known_key;
        continue;
      }
      for (const UserId& user : batch_[i].recipients) {
        if (auto done = read_delivered(user, results_[i]); !done) return done;
      }
    }
    return {};
  }

  /// Whether it is still there.
  Result<bool> read_stored(Notification& row) {
    auto query = db_.query(
        R"(SELECT id, key, type, title, body, data, extra, recipient_scope, organizer_id, merchant_id, actor_id, occurred_at, created_at,
             modified_at FROM "ActivityNotification" WHERE id = ?1)",
        row.id);
    const auto found = query.next();
    if (!found) return tl::unexpected<Error>(found.error());
    if (*found) row = read_notification(query);
    return *found;
  }

  Result<void> read_delivered(const UserId& user, IngestResult& result) {
    auto query = db_.query(
        R"(SELECT r.seq, i.unread FROM "ActivityInbox" i CROSS JOIN "ActivityNotificationRecipient" r
           WHERE i.user_id = ?1 AND r.user_no = i.user_no AND r.notification_id = ?2 AND r.archived_at IS NULL)",
        user.value, result.notification.id);
    const auto found = query.next();
    if (!found) return tl::unexpected<Error>(found.error());
    if (*found) result.recipients.push_back({.user = user, .seq = query.integer(0), .unread = query.integer(1)});
    return {};
  }

  Connection& db_;
  std::span<const NewNotification> batch_;
  const EpochMs now_ = now_wall();
  std::vector<IngestResult> results_;
  std::map<std::string_view, Seat> seats_;
};

}  // namespace

Result<std::vector<IngestResult>> ingest(Connection& db, std::span<const NewNotification> batch) {
  if (batch.empty()) return std::vector<IngestResult>{};
  return db.transaction(Access::write, [&db, batch] { return Ingest(db, batch).run(); });
}

}  // namespace nx::store::sqlite
