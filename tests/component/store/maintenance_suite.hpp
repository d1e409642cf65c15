#pragma once
// What maintenance promises on both databases. Time cannot be turned back, so rows are made old: the backend moves a
// notification and its key into the past.

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "store/activity_notification_repository.hpp"
#include "store/maintenance.hpp"

namespace nx::store {

class MaintenanceBackend {
 public:
  virtual ~MaintenanceBackend() = default;
  virtual std::unique_ptr<ActivityNotificationRepository> open_notifications() = 0;
  virtual std::unique_ptr<Maintenance> open_maintenance() = 0;
  /// As if it had been stored that many days ago; in recipients and keys too. The new id.
  virtual NotificationId age(const NotificationId& id, int days) = 0;
  virtual void run(const std::string& sql_on_inbox) = 0;  // `@` stands for the schema
  virtual std::int64_t count(const std::string& table) = 0;
};

using MaintenanceFactory = std::function<std::unique_ptr<MaintenanceBackend>()>;

class MaintenanceSuite : public testing::TestWithParam<MaintenanceFactory> {
 protected:
  NotificationId ingest(const std::vector<std::string>& users) {
    NewNotification item;
    item.activity.source = std::to_string(next_++);
    item.activity.type = "t";
    item.activity.title = "x";
    for (const std::string& user : users) item.recipients.push_back({user});
    const auto stored = store_->ingest(std::vector{item});
    EXPECT_TRUE(stored) << stored.error().message;
    return stored ? stored->front().notification.id : NotificationId{};
  }
  MaintenanceReport run(const MaintenancePlan& plan) {
    const auto report = maintenance_->run(plan);
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : MaintenanceReport{};
  }
  void expect_counters(const std::string& user, std::int64_t live, std::int64_t unread) {
    PageRequest page;
    page.user = {user};
    EXPECT_EQ(store_->page(page)->total, live) << user;
    EXPECT_EQ(store_->unread_count({user})->count, unread) << user;
  }

  std::unique_ptr<MaintenanceBackend> backend_ = GetParam()();
  std::unique_ptr<ActivityNotificationRepository> store_ = backend_->open_notifications();
  std::unique_ptr<Maintenance> maintenance_ = backend_->open_maintenance();
  int next_ = 0;
};

class LongWorkSuite : public MaintenanceSuite {};  // long_work_test.cpp

}  // namespace nx::store
