#pragma once
// The routes of notifications on either database, with rows that differ.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/rest/routes_fixture.hpp"
#include "component/store/postgres_fixture.hpp"

namespace nx::rest {

enum class DatabaseKind { sqlite, postgres };

inline std::string name_of_database(const testing::TestParamInfo<DatabaseKind>& info) {
  return info.param == DatabaseKind::sqlite ? "sqlite" : "postgres";
}

class FilterRoutesTest : public NotificationRoutesTest, public testing::WithParamInterface<DatabaseKind> {
 protected:
  FilterRoutesTest() {
    if (GetParam() == DatabaseKind::sqlite) return;
    database_.emplace();
    store::PostgresOptions options = database_->options();
    EXPECT_TRUE(store::migrate_postgres(options));
    open_ = [this] {
      store::PostgresOptions own = database_->options();
      own.statement_timeout = time_;
      return store::open_postgres_notifications(own);
    };
    writer_ = std::move(*open_());
    start_pool(2, 100);
  }
  ~FilterRoutesTest() override {
    end_pool();
    writer_.reset();
  }

  struct Row {
    std::optional<std::string> key, body, data, extra;
    std::string title = "Paid", type = "payment.success";
    std::optional<EpochMs> occurred_at;
  };
  /// For u1; the id.
  std::string store_row(const Row& row) {
    store::NewNotification item;
    item.activity.source = "t/1/" + std::to_string(offset_++) + "/0";
    item.activity.key = row.key;
    item.activity.type = row.type;
    item.activity.title = row.title;
    item.activity.body = row.body;
    item.activity.data = row.data;
    item.activity.extra = row.extra;
    item.activity.occurred_at = row.occurred_at;
    item.recipients.push_back({"u1"});
    const auto results = writer_->ingest(std::vector{item});
    EXPECT_TRUE(results) << results.error().message;
    return results ? uuid_text(results->front().notification.id.bytes) : "";
  }

  /// Rows enough that holding them all against kLong takes, ten times over, longer than the database has from now on.
  static constexpr const char* kLong = R"x({"or":[{"title":{"regexp":"(.*y.*){8}a"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}b"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}c"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}d"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}e"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}f"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}g"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}h"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}i"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}j"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}k"}},)x"
                                       R"x({"title":{"regexp":"(.*y.*){8}l"}}]})x";
  void give_no_time() {
    std::vector<store::NewNotification> batch;
    for (int i = 0; i < 2'000; ++i) {
      store::NewNotification item;
      item.activity.source = "t/2/" + std::to_string(i) + "/0";
      item.activity.type = "t";
      item.activity.title = std::string(16'000, 'y');
      item.recipients.push_back({"u1"});
      batch.push_back(std::move(item));
    }
    const auto stored = writer_->ingest(batch);
    ASSERT_TRUE(stored) << stored.error().message;
    // A connection to a server has to be made within that time, too.
    time_ = std::chrono::milliseconds{GetParam() == DatabaseKind::sqlite ? 1 : 300};
    options_.statement_timeout = time_;
    start_pool(2, 100);
  }

  std::chrono::milliseconds time_{2'000};  // for a statement
  std::optional<store::PostgresDatabase> database_;
};

}  // namespace nx::rest
