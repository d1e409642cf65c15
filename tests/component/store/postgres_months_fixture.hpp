#pragma once
// What the tests of PostgreSQL's months share.

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "component/store/postgres_maintenance_backend.hpp"

namespace nx::store {

class PostgresMonths : public testing::Test {
 protected:
  std::int64_t partitions() {
    return std::stoll(*backend_.raw().run(
        "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('signal.\"ActivityNotification\"'::regclass, "
        "'signal.\"ActivityNotificationRecipient\"'::regclass)"));
  }
  NotificationId old_row(int days = 100) {
    return backend_.age(store_->ingest(std::vector{message("old")})->front().notification.id, days);
  }
  static PageRequest page_of(const std::string& user) {
    PageRequest page;
    page.user = {user};
    return page;
  }
  MaintenanceReport run(const MaintenancePlan& plan) {
    const auto report = maintenance_->run(plan);
    EXPECT_TRUE(report) << report.error().message;
    if (report && report->failed) ADD_FAILURE() << report->failed->message;
    return report ? *report : MaintenanceReport{};
  }
  /// `2026_11`, so many months from now.
  std::string month(int ahead) {
    return *backend_.raw().run("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '" + std::to_string(ahead) +
                               " months', 'YYYY_MM')");
  }
  /// A row of that month in whatever takes it.
  void insert_notification(int months_ahead, int count = 1) {
    backend_.raw().run(
        R"(INSERT INTO signal."ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
      SELECT (lpad(to_hex((extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC') + interval ')" +
        std::to_string(months_ahead) +
        R"( months 1 day') * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
        't', 'x', 'users', now(), now() FROM generate_series(1, )" +
        std::to_string(count) + ") n");
  }

  PostgresMaintenanceBackend backend_;
  std::unique_ptr<ActivityNotificationRepository> store_ = backend_.open_notifications();
  std::unique_ptr<Maintenance> maintenance_ = backend_.open_maintenance();
};

}  // namespace nx::store
