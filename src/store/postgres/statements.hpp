#pragma once
// Every statement on Signal's own tables, schema and names quoted. One place, so that a test can EXPLAIN each of them.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/postgres/partitions.hpp"
#include "store/sql_text.hpp"

namespace nx::store::postgres {

/// Of the check that a user id has at most 128 bytes: the one violation that is the data's own fault.
constexpr std::string_view kUserIdConstraint = "ActivityInboxUserId";

/// `@` in `sql` becomes the quoted schema and a dot.
std::string in_schema(std::string_view sql, const std::string& schema);

/// A generic plan knows neither the user nor the month. With these it follows the index that has the order asked for;
/// without, it would sort the rows of an average user, and the one with a million rows would wait.
struct PlannerSetting {
  const char* name;
  const char* value;
};
inline constexpr std::array kByIndex{
    PlannerSetting{"enable_sort", "off"},       PlannerSetting{"enable_seqscan", "off"},
    PlannerSetting{"enable_bitmapscan", "off"}, PlannerSetting{"enable_hashjoin", "off"},
    PlannerSetting{"enable_mergejoin", "off"},  PlannerSetting{"plan_cache_mode", "force_generic_plan"}};

enum class PageOrder { newest_first, oldest_first };

/// What the statements of filters are put together from. $1 is the user's id.
struct FilterParts {
  explicit FilterParts(const std::string& schema);
  std::string recipients, user_no, mark, notification, entry_columns, read_at;
};

struct Statements {
  explicit Statements(const std::string& schema);

  FilterParts filter;

  // Reads. $1 is the user's id.
  std::string inbox, inbox_row, archive_count, recount;
  /// The newest $3 runs of rows that begin before $2, newest first: first seq, month.
  std::string months;
  /// $2 and $3 enclose the seqs of the page, $4 rows after $5 rows passed over. It looks into all months.
  const std::string& page(PageRequest::Show show, PageOrder order) const {
    return pages_[static_cast<std::size_t>(show)][static_cast<std::size_t>(order)];
  }

  /// The same within some months. $1 is the user's number, $6 the mark.
  std::string page_within(PageRequest::Show show, PageOrder order, Month first, Month last) const;
  /// The same within one month, with the parameters of page().
  std::string page_of_month(PageRequest::Show show, PageOrder order, Month month) const;

  // Changes of one user's rows; the inbox row is locked first.
  std::string lock_inbox, lookup_row, lookup_rows, update_row, count_unread, close_reopened, add_mark, write_counters;

  // Tokens that were taken back.
  std::string revoke, revocations;
  /// $1 the user's id, $2 names, $3 the time.
  std::string acknowledge_ids;
  /// $1 the user's id; of the rows in $2 < seq ≤ $3 the newest $4; $5 the time.
  std::string acknowledge_stretch;

  // What operators ask: $1 a notification; $1 a user and $2 a notification; behind user $1, in the next $3 inboxes,
  // notification $2; the last of the next $2 inboxes behind user $1, and how many those are.
  std::string stored_notification, delivery, deliveries, next_inboxes;

  // Ingest, in this order.
  std::string claim_keys, find_keys, insert_notifications, upsert_inboxes, insert_months, lock_free_inboxes,
      known_inboxes, copy_recipients, stored, delivered;

  // Broadcasts. $1 is the notification's id; of take_broadcast the worker, $2 how long it has it in ms.
  std::string insert_broadcast, take_broadcast, listed_of_broadcast, broadcast_at, advance_broadcast, release_broadcast,
      finish_broadcast, open_broadcasts;

  struct Named {
    std::string name;
    std::string_view sql;
  };
  /// All of them but COPY, for EXPLAIN. The object must outlive the list.
  std::vector<Named> all() const;

 private:
  void make_broadcasts(const std::string& schema);
  std::string schema_;
  std::array<std::array<std::string, 2>, 3> pages_;
};

}  // namespace nx::store::postgres
