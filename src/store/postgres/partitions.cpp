#include "store/postgres/partitions.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include <fmt/core.h>

#include "model/uuid.hpp"
#include "store/notification_id_range.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Month Month::of_number(std::int64_t number) {
  return {static_cast<int>(number / 12), static_cast<int>(number % 12) + 1};
}

Month Month::plus(int months) const {
  return of_number(number() + months);
}

EpochMs Month::begin() const {
  const std::chrono::sys_days day{std::chrono::year{year} / month / 1};
  return EpochMs{std::chrono::duration_cast<std::chrono::milliseconds>(day.time_since_epoch()).count()};
}

NotificationId Month::first_id() const {
  return first_id_at(begin());
}

Month month_of(EpochMs time) {
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{time.value}})};
  return {static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month()))};
}

Month month_of(const NotificationId& id) {
  std::int64_t time = 0;
  for (std::size_t i = 0; i < 6; ++i) time = time << 8 | id.bytes[i];
  return month_of(EpochMs{time});
}

std::string partition_name(const char* table, Month month) {
  return fmt::format("{}_{}_{:02}", table, month.year, month.month);
}

namespace {

/// nullopt for other tables, such as the default partition.
std::optional<Month> month_in(const std::string& name, const char* table) {
  const std::string prefix = std::string{table} + "_";
  Month month;
  if (!name.starts_with(prefix)) return std::nullopt;
  const char* end = name.data() + name.size();
  const auto year = std::from_chars(name.data() + prefix.size(), end, month.year);
  if (year.ec != std::errc{} || year.ptr == end || *year.ptr != '_') return std::nullopt;
  const auto number = std::from_chars(year.ptr + 1, end, month.month);
  if (number.ec != std::errc{} || number.ptr != end) return std::nullopt;
  return month;
}

}  // namespace

Result<std::vector<Month>> months_present(Connection& db, const std::string& schema, const char* table) {
  static constexpr std::string_view kPartitions =
      R"(SELECT c.relname::text FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
         JOIN pg_catalog.pg_class p ON p.oid = h.inhparent JOIN pg_catalog.pg_namespace s ON s.oid = p.relnamespace
         WHERE s.nspname = $1 AND p.relname = $2 AND NOT h.inhdetachpending)";
  auto rows = db.exchange({{kPartitions, Parameters(schema, table)}});
  if (!rows) return error_of(rows);
  std::vector<Month> months;
  for (int i = 0; i < rows->front().size(); ++i) {
    if (const auto month = month_in(rows->front().text(i, 0), table)) months.push_back(*month);
  }
  std::sort(months.begin(), months.end());
  return months;
}

Result<std::vector<EndedMonth>> months_ended(Connection& db, const std::string& schema, const char* table) {
  static constexpr std::string_view kEnded =
      R"(SELECT c.relname::text, h.inhrelid IS NOT NULL FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
         LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
         WHERE s.nspname = $1 AND c.relkind = 'r' AND (h.inhrelid IS NULL OR h.inhdetachpending)
           AND pg_catalog.obj_description(c.oid, 'pg_class') = $2)";
  auto rows = db.exchange({{kEnded, Parameters(schema, kEndedComment)}});
  if (!rows) return error_of(rows);
  std::vector<EndedMonth> months;
  for (int i = 0; i < rows->front().size(); ++i) {
    if (const auto month = month_in(rows->front().text(i, 0), table)) {
      months.push_back({*month, rows->front().flag(i, 1)});
    }
  }
  return months;
}

Result<bool> has_strays(Connection& db, const std::string& schema, const char* table, Month month) {
  const std::string id = table == std::string_view{kNotifications} ? "id" : "notification_id";
  const std::string rest = in_schema("@", schema) + quoted(std::string{table} + "_default", '"');
  const std::string strays = fmt::format("SELECT 1 FROM {0} WHERE {1} >= $1 AND {1} < $2 LIMIT 1", rest, id);
  auto found = db.exchange({{strays, Parameters(month.first_id(), month.plus(1).first_id())}});
  if (!found) return error_of(found);
  return !found->front().empty();
}

// Created separately and then attached: unlike PARTITION OF, that does not block readers and writers.
Result<void> make_partition(Connection& db, const std::string& schema, const char* table, Month month) {
  const std::string parent = in_schema("@", schema) + quoted(table, '"');
  const std::string part = in_schema("@", schema) + quoted(partition_name(table, month), '"');
  const std::string create = fmt::format("CREATE TABLE {} (LIKE {} INCLUDING ALL)", part, parent);
  const std::string attach =
      fmt::format("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ('{}') TO ('{}')", parent, part,
                  uuid_text(month.first_id().bytes), uuid_text(month.plus(1).first_id().bytes));
  return db.exchange({{create, {}}, {attach, {}}}).map([](const std::vector<Rows>&) {});
}

Result<void> make_missing_month(Connection& db, const std::string& schema, Month month) {
  for (const char* table : {kNotifications, kRecipients}) {
    auto made = db.write([&]() -> Result<void> {
      static constexpr std::string_view kOneAtATime =
          "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))";
      auto locked = db.exchange({{kShortLocks, {}}, {kOneAtATime, Parameters("nx-signal month " + schema)}});
      if (!locked) return error_of(locked);
      auto present = months_present(db, schema, table);
      if (!present) return error_of(present);
      if (std::find(present->begin(), present->end(), month) != present->end()) return {};
      return make_partition(db, schema, table, month);
    });
    if (!made) return made;
  }
  return {};
}

}  // namespace nx::store::postgres
