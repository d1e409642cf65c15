#include "store/postgres/schema.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <type_traits>

#include <fmt/core.h>

#include "store/postgres/migration_slices.hpp"
#include "store/postgres/partitions.hpp"
#include "store/postgres/schema_steps.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

constexpr int kMonthsAhead = 3;  // no past month is created, because retention may have dropped it

// A statement that waits for a lock on a table blocks all later ones, so each attempt is short (kShortLocks), and
// repeated.
constexpr std::chrono::milliseconds kBetweenTries{200};
constexpr std::chrono::seconds kTryFor{30};

struct Found {
  std::int64_t version = 0;  // 0: no tables yet
  std::int64_t oldest_program = 0;
};

/// Used within a transaction. First asks whether the table exists, because a query on a missing table is an error.
Result<Found> find_version(Connection& db, const std::string& schema) {
  static constexpr std::string_view kExists =
      "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace "
      "WHERE s.nspname = $1 AND c.relname = 'ActivitySchema'";
  auto exists = db.exchange({{kExists, Parameters(schema)}});
  if (!exists) return error_of(exists);
  if (exists->front().empty()) return Found{};
  const std::string versions =
      in_schema(R"(SELECT version::bigint, oldest_program::bigint FROM @"ActivitySchema")", schema);
  auto row = db.exchange({{versions, {}}});
  if (!row) return error_of(row);
  return row->front().empty() ? Found{} : Found{row->front().integer(0, 0), row->front().integer(0, 1)};
}

std::string too_new(const Found& found) {
  return fmt::format("the tables have version {} and need a program that knows version {}; this one knows {}",
                     found.version, found.oldest_program, kProgramVersion);
}

/// A role without the right to create schemas may use an existing one.
Result<void> make_schema(Connection& db, const std::string& schema) {
  static constexpr std::string_view kExists = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
  auto exists = db.exchange({{kExists, Parameters(schema)}});
  if (!exists) return error_of(exists);
  const std::string create = "CREATE SCHEMA " + quoted(schema, '"');
  if (exists->front().empty()) {
    if (auto made = db.exchange({{create, {}}}); !made) return error_of(made);
  }
  const std::string versions =
      in_schema(R"(CREATE TABLE @"ActivitySchema" (version int NOT NULL, oldest_program int NOT NULL))", schema);
  const std::string first = in_schema(R"(INSERT INTO @"ActivitySchema" VALUES (0, 0))", schema);
  auto made = db.exchange({{versions, {}}, {first, {}}});
  if (!made) return error_of(made);
  return {};
}

Result<void> take(Connection& db, const std::string& schema, const SchemaStep& step, bool tables_are_new) {
  std::vector<std::string> texts;
  for (const std::string_view statement : step.statements) texts.push_back(in_schema(statement, schema));
  if (tables_are_new) {
    for (const std::string_view statement : step.on_large_tables) texts.push_back(in_schema(statement, schema));
  }
  const std::string record = in_schema(R"(UPDATE @"ActivitySchema" SET version = $1, oldest_program = $2)", schema);
  std::vector<Step> steps;
  for (const std::string& text : texts) steps.push_back({text, {}});
  steps.push_back({record, Parameters(step.version, step.oldest_program)});
  auto done = db.exchange(std::move(steps));
  if (!done) return error_of(done);
  return {};
}

Result<void> lock(Connection& db, const std::string& schema) {
  static constexpr std::string_view kLock = "SELECT pg_catalog.pg_advisory_xact_lock(hashtextextended($1, 0))";
  return db.exchange({{kLock, Parameters("nx-signal migrate " + schema)}}).map([](const std::vector<Rows>&) {});
}

/// Whether the tables exist and lack this step.
Result<bool> lacks(Connection& db, const std::string& schema, const SchemaStep& step) {
  return find_version(db, schema).map([&](const Found& found) {
    return found.version > 0 && found.version < step.version && found.oldest_program <= kProgramVersion;
  });
}

/// One step: runs `body` under the lock that one migration at a time holds, again and again until none of its tables is
/// in use.
template <class Body>
std::invoke_result_t<Body> in_tries(Connection& db, const std::string& schema, MigrationSlices& slices, Body body) {
  if (auto goes_on = slices.begin(); !goes_on) return error_of(goes_on);
  const auto end = std::chrono::steady_clock::now() + kTryFor;
  for (;;) {
    auto done = db.write([&]() -> std::invoke_result_t<Body> {
      if (auto locked = lock(db, schema); !locked) return error_of(locked);
      if (auto briefly = db.exchange({{kShortLocks, {}}}); !briefly) return error_of(briefly);
      return body();
    });
    const bool busy =
        !done && (db.last_sqlstate() == SqlState::lock_not_available || db.last_sqlstate() == SqlState::deadlock);
    if (!busy) return done;
    if (std::chrono::steady_clock::now() > end) {
      done.error().message += "; the table was in use each time, run `nx-signal migrate` again";
      return done;
    }
    if (auto goes_on = slices.wait_for_table(); !goes_on) return error_of(goes_on);
    std::this_thread::sleep_for(kBetweenTries);
  }
}

Result<void> change_large_table(Connection& db, const std::string& schema, MigrationSlices& slices,
                                const SchemaStep& step, std::string_view change) {
  const std::string statement = in_schema(change, schema);
  return in_tries(db, schema, slices, [&]() -> Result<void> {
    auto wanted = lacks(db, schema, step);
    if (!wanted) return error_of(wanted);
    if (!*wanted) return {};
    return db.exchange({{statement, {}}}).map([](const std::vector<Rows>&) {});
  });
}

/// The parts of the next steps that change tables which others are using.
Result<void> change_large_tables(Connection& db, const std::string& schema, MigrationSlices& slices) {
  for (const SchemaStep& step : schema_steps()) {
    if (step.on_large_tables.empty()) continue;
    auto wanted = db.write([&] { return lacks(db, schema, step); });
    if (!wanted) return error_of(wanted);
    if (!*wanted) continue;
    for (const std::string_view change : step.on_large_tables) {
      if (auto done = change_large_table(db, schema, slices, step, change); !done) return done;
    }
  }
  return {};
}

struct PartitionsMade {
  int made = 0;
  std::string left_out;      // names
  std::string with_default;  // tables that keep their default partition
};

void add_to(std::string& list, const std::string& name) {
  list += (list.empty() ? "" : ", ") + name;
}

Result<void> make_partitions(Connection& db, const std::string& schema, const char* table, PartitionsMade& done) {
  auto present = months_present(db, schema, table);
  if (!present) return error_of(present);
  const Month now = month_of(now_wall());
  for (int i = 0; i <= kMonthsAhead; ++i) {
    const Month month = now.plus(i);
    if (std::find(present->begin(), present->end(), month) != present->end()) continue;
    auto strays = has_strays(db, schema, table, month);
    if (!strays) return error_of(strays);
    if (*strays) {
      add_to(done.left_out, partition_name(table, month));
      continue;
    }
    if (auto made = make_partition(db, schema, table, month); !made) return error_of(made);
    ++done.made;
  }
  return {};
}

/// One table at a time: a running instance locks both, in either order.
Result<PartitionsMade> make_all_partitions(Connection& db, const std::string& schema, MigrationSlices& slices) {
  PartitionsMade all;
  for (const char* table : {kNotifications, kRecipients}) {
    auto retired = in_tries(db, schema, slices, [&] { return retire_default(db, schema, table); });
    if (!retired) return error_of(retired);
    if (!*retired) add_to(all.with_default, table);
    PartitionsMade of_table;
    auto made = in_tries(db, schema, slices, [&] {
      of_table = {};  // counts this attempt only
      return make_partitions(db, schema, table, of_table);
    });
    if (!made) return error_of(made);
    all.made += of_table.made;
    if (!of_table.left_out.empty()) add_to(all.left_out, of_table.left_out);
  }
  return all;
}

Result<std::string> upgrade(Connection& db, const std::string& schema) {
  const auto found = find_version(db, schema);
  if (!found) return error_of(found);
  if (found->oldest_program > kProgramVersion)
    return fail(ErrorKind::invalid, fmt::format("{}: {}", db.label(), too_new(*found)));

  if (found->version == 0) {
    if (auto made = make_schema(db, schema); !made) return error_of(made);
  }
  for (const SchemaStep& step : schema_steps()) {
    if (step.version <= found->version) continue;
    if (auto done = take(db, schema, step, found->version == 0); !done) return error_of(done);
  }
  if (found->version >= kProgramVersion) return "version " + std::to_string(found->version);
  const std::string now = "version " + std::to_string(kProgramVersion);
  return found->version == 0 ? "created the tables, " + now
                             : fmt::format("upgraded from version {} to {}", found->version, now);
}

/// The calls of in_tries() that a migration makes.
Result<std::int64_t> count_steps(Connection& db, const std::string& schema) {
  const auto found = db.write([&] { return find_version(db, schema); });
  if (!found) return error_of(found);
  std::int64_t steps = 1 + 2 * 2;  // the upgrade; the default partition and the months of two tables
  for (const SchemaStep& step : schema_steps()) {
    const bool lacking = found->version > 0 && found->version < step.version;
    if (lacking) steps += static_cast<std::int64_t>(step.on_large_tables.size());
  }
  return steps;
}

}  // namespace

Result<std::string> migrate(Connection& db, const std::string& schema, const LongWork& work) {
  const auto steps = count_steps(db, schema);
  if (!steps) return error_of(steps);
  MigrationSlices slices(work, *steps);
  if (auto changed = change_large_tables(db, schema, slices); !changed) return error_of(changed);
  auto did = in_tries(db, schema, slices, [&] { return upgrade(db, schema); });
  if (!did) return did;
  const bool changed_version = !did->starts_with("version");
  auto partitions = make_all_partitions(db, schema, slices);
  if (!partitions) return error_of(partitions);
  if (partitions->made > 0) *did += fmt::format(", {} partitions made", partitions->made);
  if (!partitions->left_out.empty()) {
    *did += ", left out because rows of the month lie in the default partition: " + partitions->left_out;
  }
  if (!partitions->with_default.empty()) {
    *did += ", kept the default partition because it has more than 1000 rows: " + partitions->with_default;
  }
  const bool said = partitions->made > 0 || !partitions->left_out.empty() || !partitions->with_default.empty();
  return said || changed_version ? *did : *did + ", nothing to do";
}

Result<std::string> renew_epoch(Connection& db, const std::string& schema) {
  const std::string renew = in_schema(kNewEpoch, schema);
  return db.write([&]() -> Result<std::string> {
    auto renewed = db.exchange({{renew, {}}});
    if (!renewed) return error_of(renewed);
    return renewed->front().text(0, 0);
  });
}

Result<void> check_schema(Connection& db, const std::string& schema) {
  const auto found = db.write([&] { return find_version(db, schema); });
  if (!found) return error_of(found);
  const std::string where = fmt::format("{}, schema {}: ", db.label(), schema);
  if (found->version == 0) {
    return fail(ErrorKind::unavailable, where + "Signal's tables are not there: run `nx-signal migrate`");
  }
  if (found->version < kProgramVersion) {
    return fail(ErrorKind::unavailable,
                fmt::format("{}the tables have version {}, this program needs {}: run `nx-signal migrate`", where,
                            found->version, kProgramVersion));
  }
  if (found->oldest_program > kProgramVersion) return fail(ErrorKind::unavailable, where + too_new(*found));
  return {};
}

}  // namespace nx::store::postgres
