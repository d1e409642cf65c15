
#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kMostRows = 1'000;  // moved while readers wait, about ten milliseconds

std::string default_name(const char* table) {
  return std::string{table} + "_default";
}

Result<bool> is_attached(Connection& db, const std::string& schema, const char* table) {
  static constexpr std::string_view kAttached =
      R"(SELECT 1 FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
         JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1 AND c.relname = $2)";
  auto found = db.exchange({{kAttached, Parameters(schema, default_name(table))}});
  if (!found) return error_of(found);
  return !found->front().empty();
}

/// The timestamp of a UUIDv7.
EpochMs time_in(const NotificationId& id) {
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8U | id.bytes[i];
  return EpochMs{static_cast<std::int64_t>(ms)};
}

}  // namespace

Result<bool> retire_default(Connection& db, const std::string& schema, const char* table) {
  auto attached = is_attached(db, schema, table);
  if (!attached) return attached;
  if (!*attached) return true;
  const std::string parent = in_schema("@", schema) + quoted(table, '"');
  const std::string rest = in_schema("@", schema) + quoted(default_name(table), '"');
  const std::string id = table == std::string_view{kNotifications} ? "id" : "notification_id";
  const std::string ids = fmt::format("SELECT {} FROM {} LIMIT $1", id, rest);
  // Checked before readers have to wait, and again under the lock.
  const auto strays = [&] { return db.exchange({{ids, Parameters(kMostRows + 1)}}); };
  auto before = strays();
  if (!before) return error_of(before);
  if (before->front().size() > kMostRows) return false;
  const std::string detach = fmt::format("ALTER TABLE {} DETACH PARTITION {}", parent, rest);
  if (auto detached = db.exchange({{detach, {}}}); !detached) return error_of(detached);
  auto found = strays();
  if (!found) return error_of(found);
  std::vector<Month> months;
  for (int row = 0; row < found->front().size(); ++row) {
    months.push_back(month_of(time_in(found->front().notification_id(row, 0))));
  }
  std::sort(months.begin(), months.end());
  months.erase(std::unique(months.begin(), months.end()), months.end());
  if (months.empty()) return true;
  for (const Month month : months) {
    if (auto made = make_partition(db, schema, table, month); !made) return error_of(made);
  }
  const std::string move =
      fmt::format("WITH moved AS (DELETE FROM {} RETURNING *) INSERT INTO {} SELECT * FROM moved", rest, parent);
  if (auto moved = db.exchange({{move, {}}}); !moved) return error_of(moved);
  return true;
}

}  // namespace nx::store::postgres
