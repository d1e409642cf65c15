#pragma once
// A store on a database of its own, whose faults can be made.

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "component/store/postgres_fixture.hpp"
#include "patience.hpp"

namespace nx::store {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

inline std::vector<NewNotification> one(const std::string& source) {
  return {message(source)};
}

inline PageRequest page_of(const std::string& user) {
  PageRequest request;
  request.user = {user};
  return request;
}

inline milliseconds since(steady_clock::time_point began) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
}

/// Until it succeeds or kPatience times `usual` is over; how long it took.
template <class Attempt>
std::optional<milliseconds> time_to_succeed(Attempt attempt, milliseconds usual) {
  const auto began = steady_clock::now();
  while (since(began) < kPatience * usual) {
    if (attempt()) return since(began);
    std::this_thread::sleep_for(milliseconds{20});
  }
  return std::nullopt;
}

class PostgresStore : public testing::Test {
 protected:
  void SetUp() override {
    const auto migrated = migrate_postgres(options_);
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  std::unique_ptr<ActivityNotificationRepository> open() {
    auto opened = open_postgres_notifications(options_);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  Error refusal() {
    auto opened = open_postgres_notifications(options_);
    return opened ? Error{ErrorKind::invalid, "was opened"} : opened.error();
  }
  /// Rows of each of Signal's tables that ingest writes.
  std::string rows() {
    return *PostgresRaw(database_.url())
                .run(R"(SELECT concat_ws(' ', (SELECT count(*) FROM signal."ActivityNotificationKey"),
                   (SELECT count(*) FROM signal."ActivityNotification"), (SELECT count(*) FROM signal."ActivityInbox"),
                   (SELECT count(*) FROM signal."ActivityNotificationRecipient")))");
  }
  /// Every row inserted into that table takes two seconds, at once or at the commit.
  void make_slow(const std::string& table, const std::string& trigger = "TRIGGER", const std::string& when = "") {
    PostgresRaw(database_.url())
        .run(
            "CREATE FUNCTION signal.nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN "
            "NULL; END $$; CREATE " +
            trigger + " slow AFTER INSERT ON signal.\"" + table + "\" " + when +
            " FOR EACH ROW EXECUTE FUNCTION signal.nap()");
  }
  /// Ends the session of the store that is at work now.
  void end_session_at_work() {
    PostgresRaw raw(database_.url());
    const auto found = time_to_succeed(
        [&] {
          return raw
              .run(
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
                  "application_name = 'nx-signal' AND wait_event = 'PgSleep'")
              .has_value();
        },
        milliseconds{5'000});
    EXPECT_TRUE(found) << "no session at work";
  }

  PostgresDatabase database_;
  PostgresOptions options_ = database_.options();
};

}  // namespace nx::store
