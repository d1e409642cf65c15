#pragma once
// The PostgreSQL side of maintenance's tests: rows can be made old, and their months are there.

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "component/store/maintenance_suite.hpp"
#include "component/store/postgres_fixture.hpp"
#include "crypto/random.hpp"

namespace nx::store {

inline constexpr std::int64_t kDayMs = 86'400'000;

inline NotificationId id_of_days_ago(int days) {
  return crypto::uuid_v7(EpochMs{now_wall().value - days * kDayMs});
}

class PostgresMaintenanceBackend final : public MaintenanceBackend {
 public:
  PostgresMaintenanceBackend() {
    const auto migrated = migrate_postgres(database_.options());
    EXPECT_TRUE(migrated) << migrated.error().message;
    // Partitions for what is made old below.
    for (int months = 1; months <= 8; ++months) add_month(raw_, months);
  }
  std::unique_ptr<ActivityNotificationRepository> open_notifications() override {
    return std::move(*open_postgres_notifications(database_.options()));
  }
  std::unique_ptr<Maintenance> open_maintenance() override {
    return std::move(*open_postgres_maintenance(database_.options()));
  }
  NotificationId age(const NotificationId& id, int days) override {
    const NotificationId aged = id_of_days_ago(days);
    const std::string from = "'" + uuid_text(id.bytes) + "'";
    const std::string to = "'" + uuid_text(aged.bytes) + "'";
    run(R"(UPDATE @"ActivityNotification" SET id = )" + to + " WHERE id = " + from + R"(;
           UPDATE @"ActivityNotificationRecipient" SET notification_id = )" +
        to + " WHERE notification_id = " + from + R"(;
           UPDATE @"ActivityNotificationKey" SET notification_id = )" +
        to + ", created_at = created_at - interval '" + std::to_string(days) +
        " days' WHERE notification_id = " + from + R"(;
           UPDATE @"ActivityInbox" SET mapped_to = 0, month = 0 WHERE user_no IN
             (SELECT user_no FROM @"ActivityNotificationRecipient" WHERE notification_id = )" +
        to + ")");
    return aged;
  }
  void run(const std::string& sql) override { raw_.run(in_schema(sql)); }
  std::int64_t count(const std::string& table) override {
    return std::stoll(*raw_.run(in_schema("SELECT count(*) FROM @\"" + table + "\"")));
  }
  /// As tables of version 3 have it.
  void attach_default() {
    for (const std::string table : {"ActivityNotification", "ActivityNotificationRecipient"}) {
      run("DROP TABLE @\"" + table + "_default\"; CREATE TABLE @\"" + table + "_default\" PARTITION OF @\"" + table +
          "\" DEFAULT");
    }
  }
  /// As if the time that tables are left alone were over.
  void end_back_off() { run(R"(UPDATE @"ActivityUpkeep" SET not_before = now())"); }
  PostgresRaw& raw() { return raw_; }
  const PostgresDatabase& database() const { return database_; }

 private:
  static std::string in_schema(std::string sql) {
    for (std::size_t at = 0; (at = sql.find('@', at)) != std::string::npos;) sql.replace(at, 1, "signal.");
    return sql;
  }

  PostgresDatabase database_;
  PostgresRaw raw_{database_.url()};
};

}  // namespace nx::store
