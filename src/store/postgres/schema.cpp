#include "store/postgres/schema.hpp"

#include <algorithm>
#include <array>

#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

struct SchemaStep {
  int version;
  int oldest_program;  // the lowest schema version whose programs still run on this one
  std::span<const std::string_view> statements;
};

constexpr std::array kTables = std::to_array<std::string_view>({
    R"(CREATE TABLE @"ActivityNotificationKey" (
         key bytea PRIMARY KEY CHECK (length(key) = 16),
         notification_id uuid NOT NULL,
         source text NOT NULL,
         created_at timestamptz(3) NOT NULL))",
    R"(CREATE INDEX "ActivityNotificationKeyAge" ON @"ActivityNotificationKey" (created_at))",
    R"(CREATE TABLE @"ActivityNotification" (
         id uuid PRIMARY KEY,
         key text,
         type text NOT NULL,
         title text NOT NULL,
         body text,
         data jsonb,
         extra jsonb,
         recipient_scope text NOT NULL,
         organizer_id text,
         merchant_id text,
         actor_id text,
         occurred_at timestamptz(3),
         created_at timestamptz(3) NOT NULL,
         modified_at timestamptz(3) NOT NULL) PARTITION BY RANGE (id))",
    R"(CREATE TABLE @"ActivityNotification_default" PARTITION OF @"ActivityNotification" DEFAULT)",
    // No index on what changes: updates stay within their page. The many updates of few rows want frequent vacuum.
    R"(CREATE TABLE @"ActivityInbox" (
         user_id text COLLATE "C" PRIMARY KEY CONSTRAINT "ActivityInboxUserId" CHECK (octet_length(user_id) <= 128),
         user_no bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
         last_seq bigint NOT NULL,
         live bigint NOT NULL CHECK (live >= 0),
         unread bigint NOT NULL CHECK (unread >= 0),
         read_up_to bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02))",
    R"(CREATE TABLE @"ActivityReadMark" (
         user_no bigint NOT NULL,
         up_to bigint NOT NULL,
         read_at timestamptz(3) NOT NULL,
         PRIMARY KEY (user_no, up_to)))",
    R"(CREATE TABLE @"ActivityNotificationRecipient" (
         user_no bigint NOT NULL,
         seq bigint NOT NULL,
         notification_id uuid NOT NULL,
         read_at timestamptz(3),
         archived_at timestamptz(3),
         reopened boolean NOT NULL DEFAULT false,
         PRIMARY KEY (user_no, notification_id)) PARTITION BY RANGE (notification_id))",
    R"(CREATE INDEX "ActivityRecipientInbox" ON @"ActivityNotificationRecipient" (user_no, seq DESC) WHERE archived_at IS NULL)",
    R"(CREATE INDEX "ActivityRecipientUnread" ON @"ActivityNotificationRecipient" (user_no, seq DESC)
         WHERE archived_at IS NULL AND read_at IS NULL)",
    R"(CREATE INDEX "ActivityRecipientArchive" ON @"ActivityNotificationRecipient" (user_no, seq DESC)
         WHERE archived_at IS NOT NULL)",
    R"(CREATE INDEX "ActivityRecipientReopened" ON @"ActivityNotificationRecipient" (user_no, seq DESC) WHERE reopened)",
    R"(CREATE TABLE @"ActivityNotificationRecipient_default" PARTITION OF @"ActivityNotificationRecipient" DEFAULT)",
});

// The numbers of an inbox mean nothing in another database: a restored one is told by its epoch (docs/data-model.md).
constexpr std::string_view kNewEpoch =
    R"(UPDATE @"ActivitySchema" SET epoch = left(replace(gen_random_uuid()::text, '-', ''), 16) RETURNING epoch)";
constexpr std::array kEpoch = std::to_array<std::string_view>({
    R"(ALTER TABLE @"ActivitySchema" ADD COLUMN epoch text NOT NULL DEFAULT '')",
    kNewEpoch,
});

// Additive first: a step keeps programs of the version before running.
const std::array kSteps{SchemaStep{1, 1, kTables}, SchemaStep{2, 1, kEpoch}};
constexpr int kProgramVersion = 2;

constexpr int kMonthsBehind = 1, kMonthsAhead = 3;

struct Found {
  std::int64_t version = 0;  // 0: no tables yet
  std::int64_t oldest_program = 0;
};

template <class T>
tl::unexpected<Error> error_of(Result<T>& failed) {
  return tl::unexpected<Error>(std::move(failed.error()));
}

/// Within a transaction. Whether there are tables at all is asked first, as a query on a table that is not there is an
/// error.
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
  return "the tables have version " + std::to_string(found.version) + " and need a program that knows version " +
         std::to_string(found.oldest_program) + "; this one knows " + std::to_string(kProgramVersion);
}

/// A role that may not create schemas can still be given one.
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

Result<void> take(Connection& db, const std::string& schema, const SchemaStep& step) {
  std::vector<std::string> texts;
  for (const std::string_view statement : step.statements) texts.push_back(in_schema(statement, schema));
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

struct PartitionsMade {
  int made = 0;
  std::string left_out;  // names
};

Result<void> make_partitions(Connection& db, const std::string& schema, const char* table, PartitionsMade& done) {
  if (auto locked = lock(db, schema); !locked) return error_of(locked);
  auto present = months_present(db, schema, table);
  if (!present) return error_of(present);
  const Month now = month_of(now_wall());
  for (int i = -kMonthsBehind; i <= kMonthsAhead; ++i) {
    const Month month = now.plus(i);
    if (std::find(present->begin(), present->end(), month) != present->end()) continue;
    auto strays = has_strays(db, schema, table, month);
    if (!strays) return error_of(strays);
    if (*strays) {
      done.left_out += (done.left_out.empty() ? "" : ", ") + partition_name(table, month);
      continue;
    }
    if (auto made = make_partition(db, schema, table, month); !made) return error_of(made);
    ++done.made;
  }
  return {};
}

Result<std::string> upgrade(Connection& db, const std::string& schema) {
  if (auto locked = lock(db, schema); !locked) return error_of(locked);
  const auto found = find_version(db, schema);
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->oldest_program > kProgramVersion) return fail(ErrorKind::invalid, db.label() + ": " + too_new(*found));

  if (found->version == 0) {
    if (auto made = make_schema(db, schema); !made) return error_of(made);
  }
  for (const SchemaStep& step : kSteps) {
    if (step.version <= found->version) continue;
    if (auto done = take(db, schema, step); !done) return error_of(done);
  }
  if (found->version >= kProgramVersion) return "version " + std::to_string(found->version);
  const std::string now = "version " + std::to_string(kProgramVersion);
  return found->version == 0 ? "created the tables, " + now
                             : "upgraded from version " + std::to_string(found->version) + " to " + now;
}

}  // namespace

Result<std::string> migrate(Connection& db, const std::string& schema) {
  auto did = db.write([&] { return upgrade(db, schema); });
  if (!did) return did;
  // One table at a time: an instance that is running holds both, in either order.
  PartitionsMade partitions;
  for (const char* table : {kNotifications, kRecipients}) {
    PartitionsMade of_table;
    auto made = db.write([&] {
      of_table = {};  // of this try
      return make_partitions(db, schema, table, of_table);
    });
    if (!made) return error_of(made);
    partitions.made += of_table.made;
    if (!of_table.left_out.empty()) {
      partitions.left_out += (partitions.left_out.empty() ? "" : ", ") + of_table.left_out;
    }
  }
  if (partitions.made > 0) *did += ", " + std::to_string(partitions.made) + " partitions made";
  if (!partitions.left_out.empty()) {
    return *did + ", left out because rows of the month lie in the default partition: " + partitions.left_out;
  }
  if (partitions.made > 0) return did;
  return did->starts_with("version") ? *did + ", nothing to do" : *did;
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
  if (!found) return tl::unexpected<Error>(found.error());
  const std::string where = db.label() + ", schema " + schema + ": ";
  if (found->version == 0) {
    return fail(ErrorKind::unavailable, where + "Signal's tables are not there: run `nx-signal migrate`");
  }
  if (found->version < kProgramVersion) {
    return fail(ErrorKind::unavailable, where + "the tables have version " + std::to_string(found->version) +
                                            ", this program needs " + std::to_string(kProgramVersion) +
                                            ": run `nx-signal migrate`");
  }
  if (found->oldest_program > kProgramVersion) return fail(ErrorKind::unavailable, where + too_new(*found));
  return {};
}

}  // namespace nx::store::postgres
