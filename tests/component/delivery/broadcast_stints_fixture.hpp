#pragma once
// Workers of messages to very many, and what the members have of them.

#include <chrono>
#include <map>

#include <gtest/gtest.h>

#include "component/delivery/broadcast_backends.hpp"
#include "delivery/broadcast_stints.hpp"

namespace nx::delivery {

using namespace std::chrono_literals;

inline const observe::Logger kQuiet{{.level = observe::Level::error}};

using MakeBackend = std::unique_ptr<Backend> (*)();
inline const auto kOnSqlite = testing::Values(MakeBackend{[] { return std::unique_ptr<Backend>(new SqliteBackend); }});
inline const auto kOnPostgres =
    testing::Values(MakeBackend{[] { return std::unique_ptr<Backend>(new PostgresBackend(false)); }},
                    MakeBackend{[] { return std::unique_ptr<Backend>(new PostgresBackend(true)); }});

class Stints : public testing::TestWithParam<MakeBackend> {
 protected:
  /// As a process of its own.
  std::unique_ptr<BroadcastStints> worker(const std::string& name) { return worker(name, backend_->open()); }
  std::unique_ptr<BroadcastStints> worker(const std::string& name, store::Repositories repositories) {
    return std::make_unique<BroadcastStints>(
        name, std::move(repositories),
        [this](const fanout::Payload&, const std::vector<fanout::HintRecipient>& to, const fanout::HintOrigin& origin) {
          for (const auto& one : to) ++hints_[one.user.value];
          recorded_ = origin.recorded;
          return Pushed{.here = to.size(), .bus = 0};
        },
        options_, kQuiet);
  }

  static std::string name(int i) { return "u" + std::to_string(1'000 + i); }

  std::vector<std::string> join(int count, const std::string& type, const std::string& id) {
    std::vector<PolicyRow> rows;
    std::vector<std::string> users;
    for (int i = 0; i < count; ++i) {
      users.push_back(name(i));
      rows.push_back({i % 2 == 0 ? "group" : "join_domain", "User", name(i), type, id});
    }
    backend_->add(rows);
    return users;
  }

  NotificationId post(Activity activity, std::vector<UserId> listed = {}) {
    activity.source = "t/0/" + std::to_string(offset_++) + "/1";
    activity.type = "t";
    activity.title = "x";
    activity.record_time = now_wall();
    const auto stored =
        rows_.notifications->ingest(std::vector<store::NewNotification>{{activity, std::move(listed), true}});
    EXPECT_TRUE(stored) << stored.error().message;
    return stored->front().notification.id;
  }
  NotificationId post_to_organizer(const std::string& id, std::vector<UserId> excluded = {}) {
    Activity activity;
    activity.scope = RecipientScope::organizer;
    activity.organizer_id = id;
    activity.excluded = std::move(excluded);
    return post(activity);
  }

  static void work(BroadcastStints& stints) {
    for (std::chrono::milliseconds idle{}; idle == 0ms;) {
      const auto pause = stints.run({});
      ASSERT_TRUE(pause) << pause.error().message;
      idle = *pause;
    }
  }

  /// Each of them has that many rows, by the counters and by a recount.
  void expect_rows(const std::vector<std::string>& users, std::int64_t rows) {
    for (const std::string& user : users) {
      EXPECT_EQ(rows_.notifications->recount({user})->count, rows) << user;
      EXPECT_EQ(rows_.notifications->unread_count({user})->count, rows) << user;
    }
  }
  void expect_hints(const std::vector<std::string>& users, int hints) {
    for (const std::string& user : users) EXPECT_EQ(hints_[user], hints) << user;
  }

  std::unique_ptr<Backend> backend_ = GetParam()();
  store::Repositories rows_ = backend_->open();
  BroadcastOptions options_{.slice = 10, .runs = {.in_order = 25, .unordered = 25}};
  std::map<std::string, int> hints_;
  EpochMs recorded_;
  int offset_ = 0;
};

}  // namespace nx::delivery
