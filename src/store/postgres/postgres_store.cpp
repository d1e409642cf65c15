#include "store/postgres_store.hpp"

#include "store/postgres/address.hpp"
#include "store/postgres/broadcasts.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/counters_audit.hpp"
#include "store/postgres/delivery_records.hpp"
#include "store/postgres/inbox_changes.hpp"
#include "store/postgres/inbox_filters.hpp"
#include "store/postgres/inbox_reads.hpp"
#include "store/postgres/ingest.hpp"
#include "store/postgres/maintenance.hpp"
#include "store/postgres/partitions.hpp"
#include "store/postgres/policies.hpp"
#include "store/postgres/revocations.hpp"
#include "store/postgres/schema.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store {
namespace {

using postgres::Connection;

class PostgresNotifications final : public ActivityNotificationRepository {
 public:
  PostgresNotifications(std::shared_ptr<Connection> db, const std::string& schema)
      : schema_(schema), sql_(schema), db_(std::move(db)) {}

  Result<std::vector<IngestResult>> ingest(std::span<const NewNotification> batch) override {
    auto stored = postgres::ingest(*db_, pace_, sql_, batch);
    const bool month_is_missing = !stored && stored.error().kind == ErrorKind::unavailable &&
                                  db_->last_sqlstate() == postgres::SqlState::check_violation;
    if (!month_is_missing) return stored;
    auto made = postgres::make_missing_month(*db_, schema_, postgres::month_of(now_wall()));
    if (!made) return error_of(made);
    return postgres::ingest(*db_, pace_, sql_, batch);
  }
  Result<Page> page(const PageRequest& request) override { return postgres::read_page(*db_, sql_, request); }
  Result<Page> list(const FilterRequest& request) override { return postgres::read_filtered(*db_, sql_, request); }
  Result<std::int64_t> count(const FilterRequest& request) override {
    return postgres::count_filtered(*db_, sql_, request);
  }
  Result<std::optional<InboxRow>> find(const UserId& user, const NotificationId& id) override {
    return postgres::find_inbox_row(*db_, sql_, user, id);
  }
  Result<UnreadCount> unread_count(const UserId& user) override { return postgres::read_counters(*db_, sql_, user); }
  Result<std::optional<InboxRow>> change(const UserId& user, const NotificationId& id, const Change& change) override {
    return postgres::change_inbox_row(*db_, sql_, user, id, change);
  }
  Result<Marked> mark_read(const UserId& user, std::span<const NotificationId> ids) override {
    return postgres::mark_read(*db_, sql_, user, ids);
  }
  Result<Marked> mark_all_read(const UserId& user, std::optional<std::int64_t> up_to_seq) override {
    return postgres::mark_all_read(*db_, sql_, user, up_to_seq);
  }
  Result<std::int64_t> acknowledge(std::span<const Acknowledgement> batch) override {
    return postgres::acknowledge(*db_, sql_, batch);
  }
  Result<std::optional<StoredNotification>> stored_notification(const NotificationId& id) override {
    return postgres::read_stored_notification(*db_, sql_, id);
  }
  Result<std::optional<DeliveryRecord>> delivery(const UserId& user, const NotificationId& id) override {
    return postgres::read_delivery(*db_, sql_, user, id);
  }
  Result<DeliverySlice> deliveries(const NotificationId& id, const UserId& after, std::size_t inboxes) override {
    return postgres::read_deliveries(*db_, sql_, id, after, inboxes);
  }
  Result<Missed> missed(const UserId& user, std::int64_t since, std::size_t limit) override {
    return postgres::read_missed(*db_, sql_, user, since, limit);
  }
  Result<std::vector<Grown>> grown(std::span<const UserId> users, EpochMs since, std::size_t rows) override {
    return postgres::read_grown(*db_, sql_, users, since, rows);
  }
  Result<EpochMs> revoke(const UserId& user, const UserId& by) override {
    return postgres::revoke(*db_, sql_, user, by);
  }
  Result<std::vector<Revocation>> revocations(const Revocation& after, std::size_t limit) override {
    return postgres::read_revocations(*db_, sql_, after, limit);
  }
  Result<UnreadCount> recount(const UserId& user) override { return postgres::count_rows(*db_, sql_, user); }

 private:
  std::string schema_;
  postgres::Statements sql_;
  postgres::Pace pace_;
  std::shared_ptr<Connection> db_;
};

// For the recount of one user with very many rows.
constexpr std::chrono::milliseconds kRecountTimeout{60'000};

class PostgresMaintenance final : public Maintenance {
 public:
  PostgresMaintenance(std::unique_ptr<Connection> db, const PostgresOptions& options)
      : options_(options), db_(std::move(db)) {}

  Result<MaintenanceReport> run(const MaintenancePlan& plan) override {
    return postgres::run_maintenance(*db_, options_.schema, plan);
  }
  Result<Audit> audit(const LongWork& work) override {
    auto db = open_patient();
    if (!db) return error_of(db);
    return postgres::audit_counters(**db, options_.schema, work);
  }
  Result<std::int64_t> recount(const LongWork& work) override {
    auto db = open_patient();
    if (!db) return error_of(db);
    return postgres::repair_counters(**db, options_.schema, work);
  }

 private:
  Result<std::unique_ptr<Connection>> open_patient() const {
    PostgresOptions patient = options_;
    patient.statement_timeout = std::max(options_.statement_timeout, kRecountTimeout);
    return Connection::open(patient, Connection::Plans::by_cost);
  }

  PostgresOptions options_;
  std::unique_ptr<Connection> db_;
};

// For a DETACH … CONCURRENTLY, which runs outside of a transaction.
constexpr std::chrono::milliseconds kSessionLockTimeout{100};

// Creating tables and waiting for their locks takes longer than other statements, as does waiting for another
// instance's migration.
constexpr std::chrono::milliseconds kMigrationTimeout{30'000};

}  // namespace

Result<std::string> migrate_postgres(const PostgresOptions& options, const LongWork& work) {
  PostgresOptions patient = options;
  patient.statement_timeout = std::max(options.statement_timeout, kMigrationTimeout);
  auto db = Connection::open(patient, Connection::Plans::by_cost);
  if (!db) return error_of(db);
  return postgres::migrate(**db, options.schema, work);
}

Result<void> check_postgres_url(const std::string& url) {
  const auto address = postgres::read_address(url);
  if (!address) return error_of(address);
  return {};
}

Result<std::string> renew_postgres_epoch(const PostgresOptions& options) {
  auto db = Connection::open(options, Connection::Plans::by_cost);
  if (!db) return error_of(db);
  return postgres::renew_epoch(**db, options.schema);
}

Result<std::unique_ptr<ActivityNotificationRepository>> open_postgres_notifications(const PostgresOptions& options) {
  auto db = Connection::open(options, Connection::Plans::by_index);
  if (!db) return error_of(db);
  if (auto usable = postgres::check_schema(**db, options.schema); !usable) {
    return error_of(usable);
  }
  return std::make_unique<PostgresNotifications>(std::move(*db), options.schema);
}

Result<std::unique_ptr<PolicyDefinitionRepository>> open_postgres_policies(const PostgresOptions& options) {
  auto db = Connection::open(options, Connection::Plans::by_cost);
  if (!db) return error_of(db);
  return postgres::open_policies(std::move(*db), options);
}

Result<Repositories> open_postgres_repositories(const PostgresOptions& options) {
  auto opened = Connection::open(options, Connection::Plans::by_index);
  if (!opened) return error_of(opened);
  const std::shared_ptr<Connection> db = std::move(*opened);
  if (auto usable = postgres::check_schema(*db, options.schema); !usable) {
    return error_of(usable);
  }
  auto policies = postgres::open_policies(db, options);
  if (!policies) return error_of(policies);
  return Repositories{std::make_unique<PostgresNotifications>(db, options.schema), std::move(*policies),
                      postgres::make_broadcasts(db, options.schema)};
}

Result<std::unique_ptr<Maintenance>> open_postgres_maintenance(const PostgresOptions& options) {
  PostgresOptions impatient = options;
  impatient.session_lock_timeout = kSessionLockTimeout;
  auto db = Connection::open(impatient, Connection::Plans::by_cost);
  // Poolers refuse session settings with messages that differ: the connection is then opened without them, and months
  // are detached in a transaction.
  if (!db) db = Connection::open(options, Connection::Plans::by_cost);
  if (!db) return error_of(db);
  if (auto usable = postgres::check_schema(**db, options.schema); !usable) {
    return error_of(usable);
  }
  return std::make_unique<PostgresMaintenance>(std::move(*db), options);
}

Result<std::vector<std::string>> audit_postgres_policies(const PostgresOptions& options) {
  auto db = Connection::open(options, Connection::Plans::by_cost);
  if (!db) return error_of(db);
  return postgres::audit_policies(**db, options);
}

}  // namespace nx::store
