#include "store/sqlite/maintenance.hpp"

#include "store/sqlite/purge.hpp"
#include "store/sqlite/retention.hpp"

namespace nx::store::sqlite {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kWrongListed = 100;

class SqliteMaintenance final : public Maintenance {
 public:
  explicit SqliteMaintenance(std::unique_ptr<Connection> db) : db_(std::move(db)) {}

  Result<MaintenanceReport> run(const MaintenancePlan& plan) override {
    MaintenanceReport report;
    const auto end = steady_clock::now() + plan.budget;
    Result<void> done;
    if (plan.retention_days > 0) done = delete_expired(*db_, plan, report, end);
    if (done) done = purge_keys(*db_, plan, report, end);
    if (done) done = purge_revocations(*db_, plan, report, end);
    if (done) return report;
    if (!db_->was_busy()) return error_of(done);
    report.finished = false;  // writers take precedence; the next run does the rest
    return report;
  }

  Result<Audit> audit(const LongWork& work) override {
    Audit audit;
    auto visited = visit_users(work, [&audit](WrongCounters user) -> Result<void> {
      ++audit.users;
      if (!is_wrong(user)) return {};
      ++audit.wrong_users;
      if (audit.wrong.size() < kWrongListed) audit.wrong.push_back(std::move(user));
      return {};
    });
    if (!visited) return error_of(visited);
    return audit;
  }

  Result<std::int64_t> recount(const LongWork& work) override {
    std::int64_t repaired = 0;
    auto visited = visit_users(work, [&](const WrongCounters& seen) -> Result<void> {
      if (!is_wrong(seen)) return {};
      return db_->transaction(Access::write, [&]() -> Result<void> {
        const auto now = compare(seen.user.value);
        if (!now) return error_of(now);
        if (!is_wrong(*now)) return {};
        ++repaired;
        return db_
            ->query(
                R"(UPDATE "ActivityInbox" SET live = ?2, unread = ?3, last_seq = max(last_seq, ?4) WHERE user_id = ?1)",
                seen.user.value, now->rows_live, now->rows_unread, now->rows_last_seq)
            .run();
      });
    });
    if (!visited) return error_of(visited);
    return repaired;
  }

 private:
  /// Retention deletes rows but does not change last_seq.
  static bool is_wrong(const WrongCounters& user) {
    return user.live != user.rows_live || user.unread != user.rows_unread || user.last_seq < user.rows_last_seq;
  }

  template <class Visit>
  Result<void> visit_users(const LongWork& work, Visit visit) {
    const auto last = last_user_no();
    if (!last) return error_of(last);
    std::int64_t users = 0;
    for (std::int64_t after = work.after;;) {
      std::string user;
      {
        auto query = db_->query(
            R"(SELECT user_no, user_id FROM "ActivityInbox" WHERE user_no > ?1 ORDER BY user_no LIMIT 1)", after);
        const auto row = query.next();
        if (!row) return error_of(row);
        if (!*row) return {};
        after = query.integer(0);
        user = query.text(1);
      }
      auto counters = compare(user);
      if (!counters) return error_of(counters);
      if (auto visited = visit(std::move(*counters)); !visited) return visited;
      ++users;
      if (after >= *last) continue;
      const Slice slice{.done = users, .share = share_of_positions(work.after, *last, after), .position = after};
      if (!work.goes_on(slice)) return {};
    }
  }

  Result<std::int64_t> last_user_no() {
    auto query = db_->query(R"(SELECT coalesce(max(user_no), 0) FROM "ActivityInbox")");
    const auto row = query.next();
    if (!row) return error_of(row);
    return *row ? query.integer(0) : 0;
  }

  /// The stored and the counted values, read by one statement and so in one snapshot.
  Result<WrongCounters> compare(const std::string& user) {
    struct Column {
      enum : int { live, unread, last_seq, rows_live, rows_unread, rows_last_seq };
    };
    auto query = db_->query(
        R"(SELECT i.live, i.unread, i.last_seq, count(r.seq) FILTER (WHERE r.archived_at IS NULL),
             count(r.seq) FILTER (WHERE r.archived_at IS NULL AND r.read_at IS NULL AND (r.seq > i.read_up_to OR r.reopened = 1)),
             coalesce(max(r.seq), 0)
           FROM "ActivityInbox" i LEFT JOIN "ActivityNotificationRecipient" r ON r.user_no = i.user_no WHERE i.user_id = ?1
           GROUP BY i.user_no)",
        user);
    const auto row = query.next();
    if (!row) return error_of(row);
    WrongCounters counters{.user = {user}};
    if (!*row) return counters;
    counters.live = query.integer(Column::live);
    counters.unread = query.integer(Column::unread);
    counters.last_seq = query.integer(Column::last_seq);
    counters.rows_live = query.integer(Column::rows_live);
    counters.rows_unread = query.integer(Column::rows_unread);
    counters.rows_last_seq = query.integer(Column::rows_last_seq);
    return counters;
  }

  std::unique_ptr<Connection> db_;
};

}  // namespace

std::unique_ptr<Maintenance> make_maintenance(std::unique_ptr<Connection> db) {
  return std::make_unique<SqliteMaintenance>(std::move(db));
}

}  // namespace nx::store::sqlite
