#pragma once
// The rows of notifications and inboxes (docs/data-model.md). SQLite and PostgreSQL implement this interface, and one
// test suite covers both. One object is one connection, used by one thread at a time; calls block. An error of kind
// `unavailable` or `conflict` is an infrastructure fault and no change is stored in part; `invalid` means that the data
// itself can never be stored.

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

/// One message with its resolved recipients: distinct, without the excluded users, in any order.
struct NewNotification {
  Activity activity;
  std::vector<UserId> recipients;
  /// There are too many recipients for a batch: nobody gets a row now, and a broadcast is stored instead
  /// (broadcast_repository.hpp). `recipients` then holds the users that scope `users` lists, in the order of their
  /// bytes, and is empty for the other scopes.
  bool later = false;
};

struct Delivered {
  UserId user;
  std::int64_t seq = 0;     // the number of this row in the user's inbox
  std::int64_t unread = 0;  // the user's unread count after this row
};

enum class IngestOutcome {
  stored,       // new: rows were written
  redelivered,  // the same record (same source) was stored before: it is pushed again if it is young enough
  known_key,    // another record has the same key: it is ignored
  waiting,      // nothing of it was stored, because another transaction has locked one of its inboxes: try it again
};

struct IngestResult {
  IngestOutcome outcome = IngestOutcome::stored;
  Notification notification;          // for stored, and for redelivered unless fanned_out_later
  std::vector<Delivered> recipients;  // likewise
  bool fanned_out_later = false;      // as requested: its broadcast pushes the hints, the caller pushes nothing
  std::string waits_for = {};         // for waiting: the reason in words
};

struct PageRequest {
  UserId user;
  std::size_t limit = 10;                  // 1–100; one more row is read to find out whether there is a next page
  std::optional<std::int64_t> before_seq;  // cursor: rows with seq < this, newest first
  // upwards: rows with seq > this, oldest first; takes precedence over before_seq
  std::optional<std::int64_t> since_seq;
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

/// The changes that a mark-read call made.
struct Marked {
  std::int64_t changed = 0;         // rows whose state really changed
  std::vector<NotificationId> ids;  // for mark_read: the notifications that changed
  std::int64_t up_to = 0;           // for mark_all_read: every row with seq ≤ this is read
  EpochMs read_at;
  std::int64_t unread = 0;  // after the change
};

struct Missed {
  std::vector<InboxRow> rows;  // oldest first, seq > since, not archived
  bool complete = true;        // false: more rows exist beyond the limit
  UnreadCount now;             // read in the same snapshot as the rows
};

/// An inbox with rows of recent notifications: the position below them.
struct Grown {
  UserId user;
  std::int64_t below = 0;
};

/// Tokens of the user that were issued up to this time are refused.
struct Revocation {
  UserId user;
  EpochMs revoked_at;
};

struct FilterRequest;  // store/filter.hpp

class ActivityNotificationRepository {
 public:
  virtual ~ActivityNotificationRepository() = default;

  /// One transaction for the batch: all or nothing, except for messages that are waiting. Results are in the order of
  /// the batch. If two messages in a batch have the same key, the first is stored and the second is known_key (or
  /// redelivered when the source is the same).
  virtual Result<std::vector<IngestResult>> ingest(std::span<const NewNotification> batch) = 0;

  virtual Result<Page> page(const PageRequest& request) = 0;

  /// A page of the rows that match a filter, and the number of all rows that match, whatever the page's limit. `total`
  /// is unset when it has to be counted and exceeds 10,000. A filter that takes longer than the statement time-out is
  /// `too_broad`.
  virtual Result<Page> list(const FilterRequest& request) = 0;
  /// The number of rows that match; limit, skip, order and with_total are ignored.
  virtual Result<std::int64_t> count(const FilterRequest& request) = 0;

  virtual Result<std::optional<InboxRow>> find(const UserId& user, const NotificationId& id) = 0;
  virtual Result<UnreadCount> unread_count(const UserId& user) = 0;

  /// The row after the change; nullopt when the user has no such row.
  virtual Result<std::optional<InboxRow>> change(const UserId& user, const NotificationId& id,
                                                 const Change& change) = 0;
  virtual Result<Marked> mark_read(const UserId& user, std::span<const NotificationId> ids) = 0;
  virtual Result<Marked> mark_all_read(const UserId& user, std::optional<std::int64_t> up_to_seq) = 0;

  /// Marks rows of their users as delivered, in one transaction; rows that are already marked stay as they are. Returns
  /// the number of newly marked rows. Changes no counter.
  virtual Result<std::int64_t> acknowledge(std::span<const Acknowledgement> batch) = 0;

  // For operators: these read the rows of any user.
  virtual Result<std::optional<StoredNotification>> stored_notification(const NotificationId& id) = 0;
  virtual Result<std::optional<DeliveryRecord>> delivery(const UserId& user, const NotificationId& id) = 0;
  /// Reads the next `inboxes` inboxes after `after`.
  virtual Result<DeliverySlice> deliveries(const NotificationId& id, const UserId& after, std::size_t inboxes) = 0;

  /// The user's rows with seq > `since` that are not archived, oldest first, at most `limit`; rows and counters are of
  /// one snapshot.
  virtual Result<Missed> missed(const UserId& user, std::int64_t since, std::size_t limit) = 0;

  /// The inboxes of these users that have rows of notifications which were made at `since` or later, each with the
  /// position below the first of these rows, but at most `rows` below its newest one. A row that a broadcast gives
  /// out later counts with the time of its notification.
  virtual Result<std::vector<Grown>> grown(std::span<const UserId> users, EpochMs since, std::size_t rows) = 0;

  /// Revokes the user's tokens that were issued until now by the database's clock, and returns that moment. `by`: the
  /// operator who revokes them.
  virtual Result<EpochMs> revoke(const UserId& user, const UserId& by) = 0;
  /// Sorted by time and user; only revocations after `after`.
  virtual Result<std::vector<Revocation>> revocations(const Revocation& after, std::size_t limit) = 0;

  /// The user's true counters by counting rows; equals unread_count() unless the store is broken. For tests and `check
  /// --deep`.
  virtual Result<UnreadCount> recount(const UserId& user) = 0;
};

}  // namespace nx::store
