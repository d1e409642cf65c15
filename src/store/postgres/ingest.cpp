#include <algorithm>
#include <deque>
#include <map>

#include "crypto/random.hpp"
#include "store/batch_rows.hpp"
#include "store/broadcast_repository.hpp"
#include "store/message_key.hpp"
#include "store/postgres/inbox_rows.hpp"
#include "store/postgres/inbox_writer.hpp"
#include "store/postgres/ingest_attempt.hpp"
#include "store/postgres/sqlstate.hpp"
#include "store/users_json.hpp"

namespace nx::store::postgres {
namespace {

// The part of a large batch that one statement writes, so that each statement stays far below its time-out.
constexpr std::size_t kBytesAtOnce = 2 * 1024 * 1024;  // bytes of notifications

// If another transaction holds an inbox for longer, only the message that needs it waits, not every transaction that
// needs the other locks of this transaction.
constexpr std::string_view kInboxLocks = "SELECT set_config('lock_timeout', '200', true)";

/// The columns of the statement insert_notifications.
struct NotificationColumns {
  std::vector<NotificationId> id;
  std::vector<std::string_view> type, title, scope;
  std::vector<std::optional<std::string_view>> key, body, organizer_id, merchant_id, actor_id;
  std::vector<std::optional<Jsonb>> data, extra, excluded;
  std::deque<std::string> texts;  // storage for `excluded`
  std::vector<std::optional<EpochMs>> occurred_at;
  std::size_t bytes = 0;

  void add(const Notification& row, std::span<const UserId> never) {
    const auto view = [](const std::optional<std::string>& text) -> std::optional<std::string_view> {
      if (!text) return std::nullopt;
      return *text;
    };
    const auto json = [](const std::optional<std::string>& text) -> std::optional<Jsonb> {
      if (!text) return std::nullopt;
      return Jsonb{*text};
    };
    id.push_back(row.id);
    key.push_back(view(row.key));
    type.emplace_back(row.type);
    title.emplace_back(row.title);
    body.push_back(view(row.body));
    data.push_back(json(row.data));
    extra.push_back(json(row.extra));
    scope.emplace_back(to_text(row.scope));
    organizer_id.push_back(view(row.organizer_id));
    merchant_id.push_back(view(row.merchant_id));
    actor_id.push_back(view(row.actor_id));
    occurred_at.push_back(row.occurred_at);
    excluded.emplace_back();
    if (auto text = users_json(never)) {
      bytes += text->size();
      excluded.back() = Jsonb{texts.emplace_back(std::move(*text))};
    }
    bytes +=
        row.title.size() + row.body.value_or("").size() + row.data.value_or("").size() + row.extra.value_or("").size();
  }
};

class Ingest {
 public:
  Ingest(Connection& db, const Pace& pace, const Statements& sql, std::span<const NewNotification> batch)
      : db_(db), pace_(pace), sql_(sql), batch_(batch), results_(batch.size()) {}

  /// The transaction failed while it was locking inboxes.
  bool was_at_inboxes() const { return at_inboxes_; }

  Result<std::vector<IngestResult>> run() {
    for (auto step : {&Ingest::claim_keys, &Ingest::insert_notifications, &Ingest::insert_broadcasts,
                      &Ingest::reserve_seqs, &Ingest::insert_recipients, &Ingest::read_redelivered}) {
      if (auto done = (this->*step)(); !done) return error_of(done);
    }
    return std::move(results_);
  }

 private:
  /// Sorted, so that two writers cannot deadlock. If a key occurs twice in a batch, the first in batch order wins.
  Result<void> claim_keys() {
    std::map<MessageKey, std::vector<std::size_t>> messages;  // in batch order
    for (std::size_t i = 0; i < batch_.size(); ++i) messages[message_key(batch_[i].activity)].push_back(i);
    std::vector<MessageKey> keys;
    std::vector<NotificationId> ids;
    std::vector<std::string_view> sources;
    for (const auto& [key, at] : messages) {
      keys.push_back(key);
      ids.push_back(crypto::uuid_v7(now_));
      sources.emplace_back(batch_[at.front()].activity.source);
    }
    auto claimed = no_messages_fault(db_.exchange({{sql_.claim_keys, Parameters(keys, ids, sources, now_)}}));
    if (!claimed) return error_of(claimed);

    std::vector<NotificationId> fresh;
    for (int row = 0; row < claimed->front().size(); ++row) fresh.push_back(claimed->front().notification_id(row, 0));
    std::sort(fresh.begin(), fresh.end());
    std::vector<MessageKey> known;
    std::size_t place = 0;
    for (const auto& [key, at] : messages) {
      const NotificationId& id = ids[place++];
      if (!std::binary_search(fresh.begin(), fresh.end(), id)) {
        known.push_back(key);
        continue;
      }
      const Activity& first = batch_[at.front()].activity;
      results_[at.front()].notification = new_notification(first, id, now_);
      set_known(std::span{at}.subspan(1), id, first.source);
    }
    return known.empty() ? Result<void>{} : find_known(messages, known);
  }

  Result<void> find_known(const std::map<MessageKey, std::vector<std::size_t>>& messages,
                          const std::vector<MessageKey>& known) {
    auto stored = no_messages_fault(db_.exchange({{sql_.find_keys, Parameters(known)}}));
    if (!stored) return error_of(stored);
    const Rows& rows = stored->front();
    if (static_cast<std::size_t>(rows.size()) != known.size()) {
      return fail(ErrorKind::conflict, db_.label() + ": a key was purged while its message was redelivered");
    }
    for (int row = 0; row < rows.size(); ++row) {
      MessageKey key{};
      const std::string bytes = rows.text(row, KeyColumn::key);
      std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
      set_known(messages.at(key), rows.notification_id(row, KeyColumn::notification_id),
                rows.text(row, KeyColumn::source));
    }
    return {};
  }

  void set_known(std::span<const std::size_t> at, const NotificationId& id, const std::string& source) {
    for (const std::size_t i : at) {
      const bool same = batch_[i].activity.source == source;
      results_[i].outcome = same ? IngestOutcome::redelivered : IngestOutcome::known_key;
      results_[i].notification.id = id;
    }
  }

  Result<void> insert_notifications() {
    NotificationColumns rows;
    const auto insert = [&]() -> Result<void> {
      if (rows.id.empty()) return {};
      const NotificationColumns taken = std::exchange(rows, {});
      auto done = db_.exchange(
          {{sql_.insert_notifications, Parameters(taken.id, taken.key, taken.type, taken.title, taken.body, taken.data,
                                                  taken.extra, taken.scope, taken.organizer_id, taken.merchant_id,
                                                  taken.actor_id, taken.occurred_at, taken.excluded, now_)}});
      if (!done) return error_of(done);
      return {};
    };
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!is_new(results_[i])) continue;
      rows.add(results_[i].notification, batch_[i].activity.excluded);
      if (rows.bytes < pace_.of(kBytesAtOnce)) continue;
      if (auto done = insert(); !done) return done;
    }
    return insert();
  }

  Result<void> reserve_seqs() {
    at_inboxes_ = true;
    if (auto done = reserve_rows(inboxes_, batch_, results_); !done) return done;
    at_inboxes_ = false;
    return {};
  }

  Result<void> insert_recipients() {
    if (auto done = add_rows(inboxes_, batch_, std::span{results_}); !done) return done;
    return inboxes_.flush();
  }

  /// The recipients of these messages get rows slice by slice (broadcasts.cpp).
  Result<void> insert_broadcasts() {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      results_[i].fanned_out_later = batch_[i].later;
      if (!is_new(results_[i]) || !batch_[i].later) continue;
      if (auto storable = check_listed(batch_[i].recipients); !storable) return storable;
      const Activity& activity = batch_[i].activity;
      std::vector<std::string_view> listed;
      for (const UserId& user : batch_[i].recipients) listed.emplace_back(user.value);
      auto done = db_.exchange({{sql_.insert_broadcast, Parameters(results_[i].notification.id, listed,
                                                                   activity.record_time.value, activity.traceparent)}});
      if (!done) return error_of(done);
    }
    return {};
  }

  /// Two round trips for any number of messages, because whole batches are redelivered after a crash.
  Result<void> read_redelivered() {
    if (auto done = read_their_notifications(); !done) return done;
    return read_their_recipients();
  }

  bool is_redelivered(std::size_t i) const {
    return results_[i].outcome == IngestOutcome::redelivered && !batch_[i].later;
  }

  Result<void> read_their_notifications() {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (is_redelivered(i)) steps.push_back({sql_.stored, Parameters(results_[i].notification.id)});
    }
    if (steps.empty()) return {};
    auto stored = db_.exchange(std::move(steps));
    if (!stored) return error_of(stored);
    auto rows = stored->begin();
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!is_redelivered(i)) continue;
      if (rows->empty()) {  // deleted by retention: there is nothing to push
        results_[i].outcome = IngestOutcome::known_key;
      } else {
        auto notification = notification_of(*rows, 0);
        if (!notification) return error_of(notification);
        results_[i].notification = *std::move(notification);
      }
      ++rows;
    }
    return {};
  }

  Result<void> read_their_recipients() {
    const std::size_t at_once = pace_.of(kInboxesAtOnce);
    std::vector<Step> steps;
    std::vector<std::size_t> of;  // the index of the result that each step fills
    std::size_t asked = 0;
    const auto ask = [&]() -> Result<void> {
      if (steps.empty()) return {};
      auto delivered = db_.exchange(std::exchange(steps, {}));
      if (!delivered) return error_of(delivered);
      for (std::size_t k = 0; k < of.size(); ++k) {
        for (Delivered& one : delivered_of((*delivered)[k])) results_[of[k]].recipients.push_back(std::move(one));
      }
      of.clear();
      asked = 0;
      return {};
    };
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!is_redelivered(i)) continue;
      const std::vector<UserId>& recipients = batch_[i].recipients;
      for (std::size_t start = 0; start < recipients.size(); start += at_once) {
        std::vector<std::string_view> users;
        for (std::size_t k = start; k < std::min(start + at_once, recipients.size()); ++k) {
          users.emplace_back(recipients[k].value);
        }
        asked += users.size();
        steps.push_back({sql_.delivered, Parameters(users, results_[i].notification.id)});
        of.push_back(i);
        if (asked < at_once) continue;
        if (auto done = ask(); !done) return done;
      }
    }
    return ask();
  }

  Connection& db_;
  const Pace& pace_;
  const Statements& sql_;
  std::span<const NewNotification> batch_;
  const EpochMs now_ = now_wall();
  std::vector<IngestResult> results_;
  InboxWriter inboxes_{db_, pace_, sql_, kInboxLocks, month_of(now_)};  // ids are made from the same time
  bool at_inboxes_ = false;
};

}  // namespace

Attempt try_once(Connection& db, const Pace& pace, const Statements& sql, std::span<const NewNotification> batch) {
  bool at_inboxes = false;
  auto results = db.write([&] {
    Ingest one(db, pace, sql, batch);
    auto done = one.run();
    at_inboxes = one.was_at_inboxes();
    return done;
  });
  const bool waited =
      !results && at_inboxes &&
      (db.last_sqlstate() == SqlState::lock_not_available || db.last_sqlstate() == SqlState::query_canceled);
  return {std::move(results), waited};
}

}  // namespace nx::store::postgres
