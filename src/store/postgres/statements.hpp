#pragma once
// Statements on Signal's own tables, with quoted schema and names, except those of large scopes, filters and
// maintenance. They are in one place so that a test can EXPLAIN each of them.

#include <array>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/notification_columns.hpp"
#include "store/postgres/partitions.hpp"
#include "store/sql_text.hpp"

namespace nx::store::postgres {

/// The check that a user id has at most 128 bytes: the only constraint whose violation is the fault of the data.
constexpr std::string_view kUserIdConstraint = "ActivityInboxUserId";

/// `@` in `sql` becomes the quoted schema and a dot.
std::string in_schema(std::string_view sql, const std::string& schema);

/// A generic plan depends neither on the user nor on the month. With these settings it follows the index that has the
/// requested order; without them it would sort the rows of an average user, which is too slow for a user with a million
/// rows.
struct PlannerSetting {
  const char* name;
  const char* value;
};
inline constexpr std::array kByIndex{
    PlannerSetting{"enable_sort", "off"},       PlannerSetting{"enable_seqscan", "off"},
    PlannerSetting{"enable_bitmapscan", "off"}, PlannerSetting{"enable_hashjoin", "off"},
    PlannerSetting{"enable_mergejoin", "off"},  PlannerSetting{"plan_cache_mode", "force_generic_plan"}};

enum class PageOrder { newest_first, oldest_first };

/// The parts of the statements of filters. $1 is the user's id.
struct FilterParts {
  explicit FilterParts(const std::string& schema);
  std::string recipients, user_no, mark, notification, entry_columns, read_at;
};

// The columns of the statements below that return several, each in the order of its text.
struct InboxColumn {  // inbox; lock_inbox has those before epoch
  enum : int { user_no, last_seq, live, unread, read_up_to, epoch, mapped_to };
};
struct RowColumn {  // lookup_row, lookup_rows
  enum : int { seq, read_at, archived_at, reopened, notification_id };
};
struct StoredColumn {  // stored_notification, after the columns of the notification
  enum : int { excluded = NotificationColumn::end, source };
};
struct DeliveryColumn {  // delivery, deliveries
  enum : int { user_id, seq, archived_at, read_at, delivered_at };
};
struct NextInboxesColumn {
  enum : int { last_user_id, count };
};
struct KeyColumn {  // find_keys
  enum : int { key, notification_id, source };
};
struct ReservedColumn {  // upsert_inboxes
  enum : int { user_id, user_no, last_seq, unread, month_from, mapped_to };
};
struct DeliveredColumn {
  enum : int { user_id, seq, unread };
};
struct TakenBroadcastColumn {  // take_broadcast
  enum : int { id, recorded_ms, traceparent, done_through, last_from, unconfirmed, recipients_done };
};
struct BroadcastAtColumn {
  enum : int { done_through, recipients_done, lists_user };
};
struct OpenBroadcastColumn {  // open_broadcasts; count is that of all
  enum : int { id, recipients_done, age_ms, count };
};

struct Statements {
  explicit Statements(const std::string& schema);

  FilterParts filter;

  // Reads. $1 is the user's id.
  std::string inbox, inbox_row, archive_count, recount;
  /// $1 are users, $2 an id of a notification, $3 a number of rows; see ActivityNotificationRepository::grown().
  std::string grown;
  /// The newest $3 runs of rows that begin before $2, newest first: first seq, month.
  std::string months;
  /// $2 and $3 are the exclusive bounds of seq, $4 the limit, $5 the number of skipped rows. Reads all months.
  const std::string& page(PageRequest::Show show, PageOrder order) const {
    return pages_[static_cast<std::size_t>(show)][static_cast<std::size_t>(order)];
  }

  /// The same within a range of months. $1 is the user's number, $6 the mark.
  std::string page_within(PageRequest::Show show, PageOrder order, Month first, Month last) const;
  /// The same within one month, with the parameters of page().
  std::string page_of_month(PageRequest::Show show, PageOrder order, Month month) const;

  // Changes to one user's rows; the inbox row is locked first.
  std::string lock_inbox, lookup_row, lookup_rows, update_row, count_unread, close_reopened, add_mark, write_counters;

  // Revoked tokens.
  std::string revoke, revocations;
  /// $1 the user's id, $2 names, $3 the time.
  std::string acknowledge_ids;
  /// $1 the user's id; the newest $4 rows with $2 < seq ≤ $3; $5 the time.
  std::string acknowledge_stretch;

  // For operators. stored_notification: $1 a notification. delivery: $1 a user, $2 a notification. deliveries:
  // notification $2 in the next $3 inboxes after user $1. next_inboxes: the last of the next $2 inboxes after user $1,
  // and their number.
  std::string stored_notification, delivery, deliveries, next_inboxes;

  // Ingest, in this order.
  std::string claim_keys, find_keys, insert_notifications, upsert_inboxes, insert_months, lock_free_inboxes,
      known_inboxes, copy_recipients, stored, delivered;

  // Broadcasts. $1 is the notification's id; for take_broadcast $1 is the worker and $2 its lease in ms.
  std::string insert_broadcast, take_broadcast, listed_of_broadcast, broadcast_at, advance_broadcast, release_broadcast,
      finish_broadcast, open_broadcasts;

  struct Named {
    std::string name;
    std::string_view sql;
  };
  /// All statements except COPY, for EXPLAIN. The object must outlive the list.
  std::vector<Named> all() const;

 private:
  /// Joins the parts of a statement and puts the schema where `@` stands.
  using Make = std::function<std::string(std::initializer_list<std::string_view> parts)>;
  void make_reads(const Make& make);
  void make_changes(const Make& make);
  void make_revocations_and_acknowledgements(const Make& make);
  void make_deliveries(const Make& make);
  void make_ingest(const Make& make);
  void make_broadcasts(const std::string& schema);
  std::string schema_;
  std::array<std::array<std::string, 2>, 3> pages_;
};

}  // namespace nx::store::postgres
