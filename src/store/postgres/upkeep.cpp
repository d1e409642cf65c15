#include "store/postgres/upkeep.hpp"

#include <algorithm>
#include <iterator>

#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kRowsAtOnce = 2'000;    // archived in one transaction, inboxes locked meanwhile
constexpr std::int64_t kKeysAtOnce = 5'000;    // purged in one
constexpr std::int64_t kCountLimit = 100'000;  // of rows in a default partition; beyond, the alert is the same
constexpr std::int64_t kDayMs = 86'400'000;

constexpr std::string_view kLockNotAvailable = "55P03";

// Whoever waits for a lock on a table holds up everybody behind it: readers have 2 s.
constexpr std::string_view kShortLocks = "SELECT set_config('lock_timeout', '2000', true)";

class Upkeep {
 public:
  Upkeep(Connection& db, const std::string& schema, const MaintenancePlan& plan)
      : db_(db), schema_(schema), plan_(plan), end_(steady_clock::now() + plan.budget) {}

  Result<MaintenanceReport> run() {
    // First, and whoever does the rest: it tells that the rest has not been done for long.
    if (auto counted = count_default(); !counted) return error_of(counted);
    if (auto read = read_clocks(); !read) return error_of(read);
    for (auto part : {&Upkeep::make_partitions, &Upkeep::drop_expired, &Upkeep::purge_keys}) {
      auto done = (this->*part)();
      if (!done && !report_.failed) report_.failed = std::move(done.error());
      if (report_.elsewhere) break;
    }
    return report_;
  }

 private:
  /// `body` in a transaction under the lock; nothing at all when another instance holds it.
  template <class Body>
  Result<void> step(Body body) {
    if (plan_.stopping.stop_requested()) {
      stop();
      return {};
    }
    bool ours = false;
    auto done = db_.write([&]() -> Result<void> {
      static constexpr std::string_view kLock =
          "SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))";
      auto locked = db_.exchange({{kLock, Parameters("nx-signal maintenance " + schema_)}, {kShortLocks, {}}});
      if (!locked) return error_of(locked);
      ours = locked->front().flag(0, 0);
      return ours ? body() : Result<void>{};
    });
    if (done && !ours) {
      report_.elsewhere = !began_;
      stop();
    }
    began_ = began_ || ours;
    return done;
  }

  bool goes_on() {
    if (plan_.stopping.stop_requested() || steady_clock::now() >= end_) stop();
    return !stopped_;
  }

  void stop() {
    stopped_ = true;
    report_.finished = false;
  }

  /// A clock that is wrong, ours or the server's, must delete nothing: what is old is so by both.
  Result<void> read_clocks() {
    static constexpr std::string_view kClock =
        "SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint";
    auto read = db_.read({{kClock, {}}});
    if (!read) return error_of(read);
    report_.database_time = EpochMs{read->front().integer(0, 0)};
    now_ = std::min(plan_.clock(), *report_.database_time);
    return {};
  }

  std::string table(const std::string& name) const { return in_schema("@", schema_) + quoted(name, '"'); }

  Result<void> make_partitions() {
    const Month now = month_of(now_);
    for (int i = 0; i <= static_cast<int>(plan_.months_ahead); ++i) {
      const Month month = now.plus(i);
      // One table at a time: readers and writers hold both, in either order.
      for (const char* parent : {kNotifications, kRecipients}) {
        auto done = step([&] { return make_missing(parent, month); });
        if (!done) return tolerate_lock(std::move(done));
        if (stopped_) return {};
      }
    }
    return {};
  }

  Result<void> make_missing(const char* parent, Month month) {
    auto present = months_present(db_, schema_, parent);
    if (!present) return error_of(present);
    if (std::find(present->begin(), present->end(), month) != present->end()) return {};
    auto strays = has_strays(db_, schema_, parent, month);
    if (!strays) return error_of(strays);
    if (*strays) return {};
    if (auto made = make_partition(db_, schema_, parent, month); !made) return made;
    ++report_.partitions_made;
    return {};
  }

  /// Months that ended before the retention begins, oldest first.
  Result<void> drop_expired() {
    if (plan_.retention_days == 0 || stopped_) return {};
    const EpochMs keep_from{now_.value - static_cast<std::int64_t>(plan_.retention_days) * kDayMs};
    std::vector<Month> months;  // a run that was ended half-way left one of the two
    std::vector<Month> of_recipients;
    auto listed = step([&]() -> Result<void> {
      auto recipients = months_present(db_, schema_, kRecipients);
      if (!recipients) return error_of(recipients);
      auto notifications = months_present(db_, schema_, kNotifications);
      if (!notifications) return error_of(notifications);
      of_recipients = std::move(*recipients);
      std::set_union(of_recipients.begin(), of_recipients.end(), notifications->begin(), notifications->end(),
                     std::back_inserter(months));
      return {};
    });
    if (!listed) return listed;
    bool busy = false;
    for (const Month month : months) {
      if (month.plus(1).begin() > keep_from) break;
      const bool has_recipients = std::binary_search(of_recipients.begin(), of_recipients.end(), month);
      if (has_recipients) {
        if (auto archived = archive_live(month); !archived) return tolerate_lock(std::move(archived));
      }
      if (!goes_on()) return {};
      if (busy) continue;  // whoever waits for the table once more holds up all its readers again
      auto dropped = has_recipients ? drop(kRecipients, month) : Result<bool>{true};
      if (dropped && *dropped) dropped = drop(kNotifications, month);
      busy = !dropped && db_.last_sqlstate() == kLockNotAvailable;
      if (busy || (dropped && !*dropped)) report_.finished = false;
      if (!dropped && !busy) return error_of(dropped);
      if (stopped_) return {};
    }
    return {};
  }

  Result<void> archive_live(Month month) {
    const std::string part = table(partition_name(kRecipients, month));
    const std::string live = "SELECT user_no, notification_id FROM " + part +
                             " WHERE archived_at IS NULL ORDER BY user_no, seq DESC LIMIT $1";
    // Everybody locks inboxes in the order of their users' ids.
    const std::string lock = in_schema(
        R"(SELECT 1::bigint FROM @"ActivityInbox" WHERE user_no = ANY($1::bigint[]) ORDER BY user_id FOR UPDATE)",
        schema_);
    const std::string archive = "WITH gone AS (UPDATE " + part +
                                " r SET archived_at = $3 FROM unnest($1::bigint[], $2::uuid[]) AS t (user_no, id) "
                                "WHERE r.user_no = t.user_no AND r.notification_id = t.id AND r.archived_at IS NULL "
                                "RETURNING r.user_no, r.seq, r.read_at, r.reopened), " +
                                in_schema(R"(moved AS (SELECT g.user_no, count(*) AS live,
          count(*) FILTER (WHERE g.read_at IS NULL AND (g.reopened OR g.seq > i.read_up_to)) AS unread
        FROM gone g JOIN @"ActivityInbox" i ON i.user_no = g.user_no GROUP BY g.user_no)
      UPDATE @"ActivityInbox" i SET live = i.live - m.live, unread = i.unread - m.unread FROM moved m
        WHERE i.user_no = m.user_no RETURNING m.live)",
                                          schema_);
    bool more = true;
    while (more && goes_on()) {
      auto done = step([&]() -> Result<void> {
        auto found = db_.exchange({{live, Parameters(kRowsAtOnce)}});
        if (!found) return error_of(found);
        const Rows& rows = found->front();
        more = !rows.empty();
        if (!more) return {};
        std::vector<std::int64_t> users;
        std::vector<NotificationId> ids;
        for (int row = 0; row < rows.size(); ++row) {
          users.push_back(rows.integer(row, 0));
          ids.push_back(rows.notification_id(row, 1));
        }
        auto archived = db_.exchange({{lock, Parameters(users)}, {archive, Parameters(users, ids, now_wall())}});
        if (!archived) return error_of(archived);
        for (int row = 0; row < archived->back().size(); ++row) {
          report_.rows_archived += archived->back().integer(row, 0);
        }
        return {};
      });
      if (!done) return done;
    }
    return {};
  }

  /// False: a row that its owner took back out of the archive meanwhile keeps the partition until the next run. One
  /// table at a time, see above.
  Result<bool> drop(const char* parent, Month month) {
    const std::string part = table(partition_name(parent, month));
    const std::string lock = "LOCK TABLE " + table(parent) + " IN ACCESS EXCLUSIVE MODE";
    const std::string live = "SELECT 1 FROM " + part + " WHERE archived_at IS NULL LIMIT 1";
    const std::string detach = "ALTER TABLE " + table(parent) + " DETACH PARTITION " + part;
    const std::string drop_part = "DROP TABLE " + part;
    bool dropped = false;
    auto done = step([&]() -> Result<void> {
      auto locked = db_.exchange({{lock, {}}});
      if (!locked) return error_of(locked);
      if (parent == kRecipients) {
        auto found = db_.exchange({{live, {}}});
        if (!found) return error_of(found);
        if (!found->front().empty()) return {};
      }
      auto gone = db_.exchange({{detach, {}}, {drop_part, {}}});
      if (!gone) return error_of(gone);
      dropped = true;
      return {};
    });
    if (!done) return error_of(done);
    report_.partitions_dropped += dropped ? 1 : 0;
    return dropped;
  }

  Result<void> purge_keys() {
    const std::string purge = in_schema(
        R"(DELETE FROM @"ActivityNotificationKey" WHERE key IN
             (SELECT key FROM @"ActivityNotificationKey" WHERE created_at < $1 ORDER BY created_at LIMIT $2))",
        schema_);
    const EpochMs keep_from{now_.value - std::chrono::duration_cast<std::chrono::milliseconds>(plan_.key_age).count()};
    for (std::int64_t purged = kKeysAtOnce; purged == kKeysAtOnce && goes_on();) {
      auto done = step([&]() -> Result<void> {
        auto gone = db_.exchange({{purge, Parameters(keep_from, kKeysAtOnce)}});
        if (!gone) return error_of(gone);
        purged = gone->front().changed();
        report_.keys_purged += purged;
        return {};
      });
      if (!done) return done;
    }
    return {};
  }

  Result<void> count_default() {
    const std::string count = in_schema(
        R"(SELECT (SELECT count(*) FROM (SELECT 1 FROM @"ActivityNotification_default" LIMIT $1) n)
                + (SELECT count(*) FROM (SELECT 1 FROM @"ActivityNotificationRecipient_default" LIMIT $1) r))",
        schema_);
    auto counted = db_.read({{count, Parameters(kCountLimit)}});
    if (!counted) return error_of(counted);
    report_.rows_in_default = counted->front().integer(0, 0);
    return {};
  }

  /// A table that is busy is left for the next run.
  Result<void> tolerate_lock(Result<void> failed) {
    if (db_.last_sqlstate() != kLockNotAvailable) return failed;
    report_.finished = false;
    return {};
  }

  Connection& db_;
  const std::string& schema_;
  const MaintenancePlan& plan_;
  const steady_clock::time_point end_;
  MaintenanceReport report_;
  EpochMs now_;
  bool began_ = false;    // a step was ours
  bool stopped_ = false;  // the budget is used up, the end is waited for, or another instance took over
};

}  // namespace

Result<MaintenanceReport> keep_up(Connection& db, const std::string& schema, const MaintenancePlan& plan) {
  return Upkeep(db, schema, plan).run();
}

}  // namespace nx::store::postgres
