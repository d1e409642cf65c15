#pragma once
// The rows of notifications and inboxes (docs/data-model.md). Two implementations: SQLite and PostgreSQL,
// one test suite. One object is one connection, used by one thread at a time; calls block. Every error of kind
// `unavailable` or `conflict` is infrastructure and leaves nothing half done; `invalid` means the data itself can never
// be stored.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/acknowledgement.hpp"
#include "model/activity.hpp"
#include "model/notification.hpp"
#include "model/result.hpp"
#include "store/delivery_records.hpp"

namespace nx::store {

/// One message with its resolved recipients: distinct, the excluded left out, any order.
struct NewNotification {
  Activity activity;
  std::vector<UserId> recipients;
  /// Too many for a batch: nobody gets a row now, a broadcast is kept instead (broadcast_repository.hpp). `recipients`
  /// are then those of scope `users`, in the order of their bytes, and nobody for the other scopes.
  bool later = false;
};

struct Delivered {
  UserId user;
  std::int64_t seq = 0;     // this row's, in that user's inbox
  std::int64_t unread = 0;  // the user's unread count after this row
};

enum class IngestOutcome {
  stored,       // new: rows were written
  redelivered,  // the same record (same source) was stored before: push again if young enough
  known_key,    // another record carried this key: nothing to do
  waiting,      // nothing of it was stored: another transaction has an inbox of it locked. Try it again
};

struct IngestResult {
  IngestOutcome outcome = IngestOutcome::stored;
  Notification notification;          // for stored; for redelivered that is not fanned out later
  std::vector<Delivered> recipients;  // likewise
  bool fanned_out_later = false;      // as was asked: there is nothing to push, its broadcast does
  std::string waits_for = {};         // for waiting: in words
};

struct PageRequest {
  UserId user;
  std::size_t limit = 10;                  // 1–100; one more row is read to know whether there is a next page
  std::optional<std::int64_t> before_seq;  // cursor: rows with seq < this, newest first
  std::optional<std::int64_t> since_seq;   // upwards: rows with seq > this, oldest first; wins over before_seq
  enum class Show { inbox, unread, archived } show = Show::inbox;
  std::size_t skip = 0;  // ≤ 10,000
};

struct Page {
  std::vector<InboxRow> rows;
  bool more = false;
  std::optional<std::int64_t> total;  // exact for inbox, unread and archived without a cursor and since; else unset
  std::string epoch;                  // as in UnreadCount
};

struct Change {
  std::optional<bool> read;
  std::optional<bool> archived;
};

/// What a mark-read call changed.
struct Marked {
  std::int64_t changed = 0;         // rows whose state really changed
  std::vector<NotificationId> ids;  // for mark_read: those that changed
  std::int64_t up_to = 0;           // for mark_all_read: every row with seq ≤ this is read
  EpochMs read_at;
  std::int64_t unread = 0;  // after the change
};

struct Missed {
  std::vector<InboxRow> rows;  // oldest first, seq > since, not archived
  bool complete = true;        // false: more rows exist beyond the limit
  UnreadCount now;             // read in the same snapshot as the rows
};

/// Tokens of the user that were issued until then are refused.
struct Revocation {
  UserId user;
  EpochMs revoked_at;
};

struct FilterRequest;  // store/filter.hpp

class ActivityNotificationRepository {
 public:
  virtual ~ActivityNotificationRepository() = default;

  /// One transaction for the batch, all or nothing but for those that are waiting; results in the order of the batch.
  /// Two messages with one key in a batch: the first is stored, the second is known_key (or redelivered when the source
  /// is the same).
  virtual Result<std::vector<IngestResult>> ingest(std::span<const NewNotification> batch) = 0;

  virtual Result<Page> page(const PageRequest& request) = 0;

  /// A page of the rows that match a filter, and how many match: of all of them, whatever the page's limit. `total` is
  /// unset beyond 10,000 where it has to be counted. A filter that takes longer than a statement may is `too_broad`.
  virtual Result<Page> list(const FilterRequest& request) = 0;
  /// How many rows match; limit, skip, order and with_total mean nothing.
  virtual Result<std::int64_t> count(const FilterRequest& request) = 0;

  virtual Result<std::optional<InboxRow>> find(const UserId& user, const NotificationId& id) = 0;
  virtual Result<UnreadCount> unread_count(const UserId& user) = 0;

  /// The row after the change, or none when it is not this user's.
  virtual Result<std::optional<InboxRow>> change(const UserId& user, const NotificationId& id,
                                                 const Change& change) = 0;
  virtual Result<Marked> mark_read(const UserId& user, std::span<const NotificationId> ids) = 0;
  virtual Result<Marked> mark_all_read(const UserId& user, std::optional<std::int64_t> up_to_seq) = 0;

  /// Marks rows of their users as delivered, in one transaction; a row that is marked stays as it is. Returns how many
  /// were marked. Touches no counter.
  virtual Result<std::int64_t> acknowledge(std::span<const Acknowledgement> batch) = 0;

  // For operators: any user's.
  virtual Result<std::optional<StoredNotification>> stored_notification(const NotificationId& id) = 0;
  virtual Result<std::optional<DeliveryRecord>> delivery(const UserId& user, const NotificationId& id) = 0;
  /// Looks into the next `inboxes` inboxes behind `after`.
  virtual Result<DeliverySlice> deliveries(const NotificationId& id, const UserId& after, std::size_t inboxes) = 0;

  /// What `user` has not seen since `since`, at most `limit`, rows and counters of one snapshot.
  virtual Result<Missed> missed(const UserId& user, std::int64_t since, std::size_t limit) = 0;

  /// Takes back the user's tokens that were issued until now, by the database's clock, and says which moment that was.
  /// `by`: who wants it.
  virtual Result<EpochMs> revoke(const UserId& user, const UserId& by) = 0;
  /// By time and user, those behind `after`.
  virtual Result<std::vector<Revocation>> revocations(const Revocation& after, std::size_t limit) = 0;

  /// The user's true counters by counting rows; equals unread_count() unless the store is broken. For tests and `check
  /// --deep`.
  virtual Result<UnreadCount> recount(const UserId& user) = 0;
};

}  // namespace nx::store
