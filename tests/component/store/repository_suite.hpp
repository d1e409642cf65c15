#pragma once
// One suite for every implementation of the repositories: an implementation joins by instantiating the suites with
// its backend.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/activity_notification_repository.hpp"
#include "store/policy_definition_repository.hpp"
#include "store/repositories.hpp"
#include "store/sqlite_store.hpp"

namespace nx::store {

enum class IdColumns { text, integer };

/// A fresh, empty database that goes away with the object.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Result<std::string> migrate() = 0;
  virtual Result<std::string> renew_epoch() = 0;
  virtual Result<std::unique_ptr<ActivityNotificationRepository>> open_notifications() = 0;
  virtual Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies() = 0;
  virtual Result<Repositories> open_repositories() = 0;
  /// `@` stands for the schema, if there is one.
  virtual void run(const std::string& script) = 0;
  void end_leases() { run(R"(UPDATE @"ActivityBroadcast" SET lease_until = turn_at)"); }
  virtual void replace_policies(const std::vector<PolicyRow>& rows, IdColumns ids) = 0;
};

using BackendFactory = std::function<std::unique_ptr<Backend>()>;

class RepositorySuite : public testing::TestWithParam<BackendFactory> {
 protected:
  RepositorySuite() : backend_(GetParam()()) {}

  void SetUp() override {
    const auto migrated = backend_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
    store_ = open();
  }

  std::unique_ptr<ActivityNotificationRepository> open() {
    auto opened = backend_->open_notifications();
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }

  /// A message without an `id`, from a record of its own.
  NewNotification message(const std::vector<std::string>& users);
  NewNotification message(const std::string& key, const std::vector<std::string>& users);

  /// Fails the test when the store refuses.
  IngestResult ingest(const NewNotification& item);
  std::vector<IngestResult> ingest(const std::vector<NewNotification>& batch);

  std::vector<std::int64_t> seqs(const PageRequest& request);
  InboxRow row(const std::string& user, const NotificationId& id);
  void expect_counters(const std::string& user, std::int64_t unread, std::int64_t seq);

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<ActivityNotificationRepository> store_;

 private:
  int next_offset_ = 0;
};

class IngestSuite : public RepositorySuite {};
class PoliciesSuite : public RepositorySuite {};
class SharingSuite : public RepositorySuite {};
class RevocationsSuite : public RepositorySuite {};

class BroadcastsSuite : public RepositorySuite {
 protected:
  void SetUp() override;
  NewNotification to_organizer(const std::string& id);
  BroadcastRepository& jobs() { return *repositories_.broadcasts; }
  std::optional<Broadcast> take(const std::string& worker);
  StoredSlice store(const std::string& worker, const NotificationId& id, const std::optional<std::string>& from,
                    const std::string& through, const std::vector<std::string>& users);
  bool release(const std::string& worker, const NotificationId& id, bool confirmed,
               std::chrono::milliseconds pause = {}) {
    return jobs().release(worker, id, confirmed, pause).has_value();
  }

  Repositories repositories_;
};

/// One user, u1, and rows addressed by seq.
class InboxSuite : public RepositorySuite {
 protected:
  /// `count` rows for u1, seq 1 upwards.
  void fill(int count) {
    for (int i = 0; i < count; ++i) ids_.push_back(ingest(message({"u1"})).notification.id);
  }
  NotificationId id_of(std::int64_t seq) const { return ids_[static_cast<std::size_t>(seq - 1)]; }

  PageRequest request(PageRequest::Show show = PageRequest::Show::inbox) const {
    PageRequest request;
    request.user = {"u1"};
    request.show = show;
    return request;
  }
  void set(std::int64_t seq, const Change& change) {
    const auto changed = store_->change({"u1"}, id_of(seq), change);
    ASSERT_TRUE(changed && *changed);
  }
  void read(std::int64_t seq) { set(seq, {.read = true, .archived = {}}); }
  void unread(std::int64_t seq) { set(seq, {.read = false, .archived = {}}); }
  void archive(std::int64_t seq) { set(seq, {.read = {}, .archived = true}); }
  void restore(std::int64_t seq) { set(seq, {.read = {}, .archived = false}); }
  Marked mark_all(std::optional<std::int64_t> up_to = {}) {
    const auto marked = store_->mark_all_read({"u1"}, up_to);
    EXPECT_TRUE(marked) << marked.error().message;
    return marked ? *marked : Marked{};
  }
  std::optional<EpochMs> read_at(std::int64_t seq) { return row("u1", id_of(seq)).read_at; }

  std::vector<NotificationId> ids_;
};
class DeliveryRecordsSuite : public InboxSuite {};
class RecentRowsSuite : public InboxSuite {};

std::vector<std::int64_t> seqs_of(const std::vector<InboxRow>& rows);

}  // namespace nx::store
