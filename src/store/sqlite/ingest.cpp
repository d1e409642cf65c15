#include "store/sqlite/ingest.hpp"

#include <algorithm>
#include <numeric>

#include "crypto/random.hpp"
#include "store/batch_rows.hpp"
#include "store/broadcast_repository.hpp"
#include "store/message_key.hpp"
#include "store/sqlite/inbox_writer.hpp"
#include "store/sqlite/rows.hpp"
#include "store/users_json.hpp"

namespace nx::store::sqlite {
namespace {

class Ingest {
 public:
  Ingest(Connection& db, std::span<const NewNotification> batch) : db_(db), batch_(batch), results_(batch.size()) {}

  Result<std::vector<IngestResult>> run() {
    for (auto step : {&Ingest::claim_keys, &Ingest::insert_notifications, &Ingest::insert_broadcasts,
                      &Ingest::reserve_seqs, &Ingest::insert_recipients, &Ingest::read_redelivered}) {
      if (auto done = (this->*step)(); !done) return error_of(done);
    }
    return std::move(results_);
  }

 private:
  /// Sorted, as on PostgreSQL. If a key occurs twice in a batch, the first in batch order wins.
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
      if (!inserted) return error_of(inserted);
      if (*inserted) {
        results_[i] = {
            .outcome = IngestOutcome::stored, .notification = new_notification(activity, id, now_), .recipients = {}};
        return insert.run();
      }
    }
    auto stored = db_.query(R"(SELECT notification_id, source FROM "ActivityNotificationKey" WHERE key = ?1)",
                            std::span<const std::uint8_t>{key});
    const auto found = stored.next();
    if (!found) return error_of(found);
    results_[i].outcome = stored.text(1) == activity.source ? IngestOutcome::redelivered : IngestOutcome::known_key;
    results_[i].notification.id = stored.notification_id(0);
    return {};
  }

  Result<void> insert_notifications() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!is_new(results_[i])) continue;
      const Notification& row = results_[i].notification;
      auto insert = db_.query(
          R"(INSERT INTO "ActivityNotification" (id, key, type, title, body, data, extra, recipient_scope, organizer_id, merchant_id,
               actor_id, occurred_at, created_at, modified_at, excluded)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15))",
          row.id, row.key, row.type, row.title, row.body, row.data, row.extra, std::string_view{to_text(row.scope)},
          row.organizer_id, row.merchant_id, row.actor_id, row.occurred_at, row.created_at, row.modified_at,
          users_json(batch_[i].activity.excluded));
      if (auto done = insert.run(); !done) return done;
    }
    return {};
  }

  Result<void> reserve_seqs() { return reserve_rows(inboxes_, batch_, results_); }

  Result<void> insert_recipients() { return add_rows(inboxes_, batch_, std::span{results_}); }

  /// The recipients of these messages get rows slice by slice (broadcasts.cpp).
  Result<void> insert_broadcasts() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      results_[i].fanned_out_later = batch_[i].later;
      if (!is_new(results_[i]) || !batch_[i].later) continue;
      if (auto storable = check_listed(batch_[i].recipients); !storable) return storable;
      const Activity& activity = batch_[i].activity;
      auto insert = db_.query(
          R"(INSERT INTO "ActivityBroadcast" (notification_id, recipients, recorded_ms, traceparent, turn_at, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5))",
          results_[i].notification.id, users_json(batch_[i].recipients), activity.record_time, activity.traceparent,
          now_);
      if (auto done = insert.run(); !done) return done;
    }
    return {};
  }

  Result<void> read_redelivered() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (results_[i].outcome != IngestOutcome::redelivered || batch_[i].later) continue;
      const auto found = read_stored(results_[i].notification);
      if (!found) return error_of(found);
      if (!*found) {  // deleted by retention: there is nothing to push
        results_[i].outcome = IngestOutcome::known_key;
        continue;
      }
      for (const UserId& user : batch_[i].recipients) {
        auto delivered = read_delivered(db_, user, results_[i].notification.id);
        if (!delivered) return error_of(delivered);
        if (*delivered) results_[i].recipients.push_back(std::move(**delivered));
      }
    }
    return {};
  }

  /// Whether the row still exists.
  Result<bool> read_stored(Notification& row) {
    auto query = db_.query(
        R"(SELECT id, key, type, title, body, data, extra, recipient_scope, organizer_id, merchant_id, actor_id, occurred_at, created_at,
             modified_at FROM "ActivityNotification" WHERE id = ?1)",
        row.id);
    const auto found = query.next();
    if (!found) return error_of(found);
    if (!*found) return false;
    auto stored = read_notification(query);
    if (!stored) return error_of(stored);
    row = *std::move(stored);
    return true;
  }

  Connection& db_;
  std::span<const NewNotification> batch_;
  const EpochMs now_ = now_wall();
  std::vector<IngestResult> results_;
  InboxWriter inboxes_{db_};
};

}  // namespace

Result<std::vector<IngestResult>> ingest(Connection& db, std::span<const NewNotification> batch) {
  if (batch.empty()) return std::vector<IngestResult>{};
  return db.transaction(Access::write, [&db, batch] { return Ingest(db, batch).run(); });
}

}  // namespace nx::store::sqlite
