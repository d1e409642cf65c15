#include "store/sqlite_store.hpp"

#include <fmt/core.h>

#include "store/sqlite/broadcasts.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/delivery_records.hpp"
#include "store/sqlite/filter_functions.hpp"
#include "store/sqlite/inbox_changes.hpp"
#include "store/sqlite/inbox_filters.hpp"
#include "store/sqlite/inbox_reads.hpp"
#include "store/sqlite/ingest.hpp"
#include "store/sqlite/maintenance.hpp"
#include "store/sqlite/policies.hpp"
#include "store/sqlite/revocations.hpp"
#include "store/sqlite/rows.hpp"
#include "store/sqlite/schema.hpp"

namespace nx::store {
namespace {

using sqlite::Connection;

class SqliteNotifications final : public ActivityNotificationRepository {
 public:
  explicit SqliteNotifications(std::shared_ptr<Connection> db) : db_(std::move(db)) {}

  Result<std::vector<IngestResult>> ingest(std::span<const NewNotification> batch) override {
    return sqlite::ingest(*db_, batch);
  }
  Result<Page> page(const PageRequest& request) override { return sqlite::read_page(*db_, request); }
  Result<Page> list(const FilterRequest& request) override { return sqlite::read_filtered(*db_, request); }
  Result<std::int64_t> count(const FilterRequest& request) override { return sqlite::count_filtered(*db_, request); }
  Result<std::optional<InboxRow>> find(const UserId& user, const NotificationId& id) override {
    return sqlite::find_inbox_row(*db_, user, id);
  }
  Result<UnreadCount> unread_count(const UserId& user) override {
    return sqlite::read_inbox(*db_, user).map([](const Inbox& inbox) {
      return UnreadCount{.count = inbox.unread, .seq = inbox.last_seq, .epoch = inbox.epoch};
    });
  }
  Result<std::optional<InboxRow>> change(const UserId& user, const NotificationId& id, const Change& change) override {
    return sqlite::change_inbox_row(*db_, user, id, change);
  }
  Result<Marked> mark_read(const UserId& user, std::span<const NotificationId> ids) override {
    return sqlite::mark_read(*db_, user, ids);
  }
  Result<Marked> mark_all_read(const UserId& user, std::optional<std::int64_t> up_to_seq) override {
    return sqlite::mark_all_read(*db_, user, up_to_seq);
  }
  Result<std::int64_t> acknowledge(std::span<const Acknowledgement> batch) override {
    return sqlite::acknowledge(*db_, batch);
  }
  Result<std::optional<StoredNotification>> stored_notification(const NotificationId& id) override {
    return sqlite::read_stored_notification(*db_, id);
  }
  Result<std::optional<DeliveryRecord>> delivery(const UserId& user, const NotificationId& id) override {
    return sqlite::read_delivery(*db_, user, id);
  }
  Result<DeliverySlice> deliveries(const NotificationId& id, const UserId& after, std::size_t inboxes) override {
    return sqlite::read_deliveries(*db_, id, after, inboxes);
  }
  Result<Missed> missed(const UserId& user, std::int64_t since, std::size_t limit) override {
    return sqlite::read_missed(*db_, user, since, limit);
  }
  Result<std::vector<Grown>> grown(std::span<const UserId> users, EpochMs since, std::size_t rows) override {
    return sqlite::read_grown(*db_, users, since, rows);
  }
  Result<EpochMs> revoke(const UserId& user, const UserId& by) override { return sqlite::revoke(*db_, user, by); }
  Result<std::vector<Revocation>> revocations(const Revocation& after, std::size_t limit) override {
    return sqlite::read_revocations(*db_, after, limit);
  }
  Result<UnreadCount> recount(const UserId& user) override { return sqlite::count_rows(*db_, user); }

 private:
  std::shared_ptr<Connection> db_;
};

Result<std::shared_ptr<Connection>> open_tables(const SqliteOptions& options) {
  auto db = Connection::open(options.path, Connection::Open::existing, options.statement_timeout);
  if (!db) return error_of(db);
  if (auto usable = sqlite::check_schema(**db); !usable)
    return fail(usable.error().kind, fmt::format("{}: {}", options.path, usable.error().message));
  sqlite::add_filter_functions(**db);
  return std::shared_ptr<Connection>(std::move(*db));
}

}  // namespace

Result<std::string> sqlite_path(const std::string& url, const std::string& shown) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return fail(
        ErrorKind::invalid,
        fmt::format("SIGNAL_DATABASE_URL: '{}' is not of the form sqlite:PATH; for example sqlite:/tmp/signal.sqlite",
                    shown));
  }
  return url.substr(kScheme.size());
}

Result<std::string> migrate_sqlite(const SqliteOptions& options) {
  auto db = Connection::open(options.path, Connection::Open::create, options.statement_timeout);
  if (!db) return error_of(db);
  return sqlite::migrate(**db);
}

Result<std::string> renew_sqlite_epoch(const SqliteOptions& options) {
  auto db = Connection::open(options.path, Connection::Open::existing, options.statement_timeout);
  if (!db) return error_of(db);
  return sqlite::renew_epoch(**db);
}

Result<std::unique_ptr<ActivityNotificationRepository>> open_sqlite_notifications(const SqliteOptions& options) {
  auto db = open_tables(options);
  if (!db) return error_of(db);
  return std::make_unique<SqliteNotifications>(std::move(*db));
}

Result<std::unique_ptr<PolicyDefinitionRepository>> open_sqlite_policies(const SqliteOptions& options) {
  auto db = Connection::open(options.path, Connection::Open::existing, options.statement_timeout);
  if (!db) return error_of(db);
  return sqlite::open_policies(std::move(*db), options);
}

Result<Repositories> open_sqlite_repositories(const SqliteOptions& options) {
  auto db = open_tables(options);
  if (!db) return error_of(db);
  auto policies = open_sqlite_policies(options);
  if (!policies) return error_of(policies);
  return Repositories{std::make_unique<SqliteNotifications>(*db), std::move(*policies), sqlite::make_broadcasts(*db)};
}

Result<std::unique_ptr<Maintenance>> open_sqlite_maintenance(const SqliteOptions& options) {
  auto db = Connection::open(options.path, Connection::Open::existing, options.statement_timeout);
  if (!db) return error_of(db);
  if (auto usable = sqlite::check_schema(**db); !usable)
    return fail(usable.error().kind, fmt::format("{}: {}", options.path, usable.error().message));
  return sqlite::make_maintenance(std::move(*db));
}

Result<void> replace_sqlite_policies(const SqliteOptions& options, const std::vector<PolicyRow>& rows) {
  auto db = Connection::open(options.path, Connection::Open::create, options.statement_timeout);
  if (!db) return error_of(db);
  return sqlite::replace_policies(**db, options, rows);
}

}  // namespace nx::store
