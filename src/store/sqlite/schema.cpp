#include "store/sqlite/schema.hpp"

#include <array>

#include <fmt/core.h>

namespace nx::store::sqlite {
namespace {

struct Step {
  int version;
  int oldest_program;  // the lowest schema version whose programs still run on this one
  const char* script;
};

// Steps only add: programs of the previous version keep running after a step.
constexpr std::array kSteps{Step{1, 1, R"sql(
CREATE TABLE "ActivityNotificationKey" (
  key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 16),
  notification_id BLOB NOT NULL,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "ActivityNotification" (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  key TEXT,
  type TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT,
  data TEXT,
  extra TEXT,
  recipient_scope TEXT NOT NULL,
  organizer_id TEXT,
  merchant_id TEXT,
  actor_id TEXT,
  occurred_at INTEGER,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;

CREATE TABLE "ActivityInbox" (
  user_no INTEGER PRIMARY KEY,
  user_id TEXT NOT NULL UNIQUE CHECK (length(CAST(user_id AS BLOB)) <= 128),
  last_seq INTEGER NOT NULL,
  live INTEGER NOT NULL CHECK (live >= 0),
  unread INTEGER NOT NULL CHECK (unread >= 0),
  read_up_to INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE "ActivityReadMark" (
  user_no INTEGER NOT NULL,
  up_to INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  PRIMARY KEY (user_no, up_to)
) STRICT, WITHOUT ROWID;

CREATE TABLE "ActivityNotificationRecipient" (
  user_no INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  notification_id BLOB NOT NULL,
  read_at INTEGER,
  archived_at INTEGER,
  reopened INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (user_no, seq),
  UNIQUE (user_no, notification_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX "ActivityRecipientInbox" ON "ActivityNotificationRecipient" (user_no, seq DESC) WHERE archived_at IS NULL;
CREATE INDEX "ActivityRecipientUnread" ON "ActivityNotificationRecipient" (user_no, seq DESC)
  WHERE archived_at IS NULL AND read_at IS NULL;
CREATE INDEX "ActivityRecipientArchive" ON "ActivityNotificationRecipient" (user_no, seq DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX "ActivityRecipientReopened" ON "ActivityNotificationRecipient" (user_no, seq DESC) WHERE reopened = 1;
)sql"},
                            Step{2, 1, R"sql(
ALTER TABLE "ActivitySchema" ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
UPDATE "ActivitySchema" SET epoch = lower(hex(randomblob(8)));
)sql"},
                            Step{3, 1, R"sql(
CREATE TABLE "ActivityRevocation" (
  user_id TEXT NOT NULL PRIMARY KEY CHECK (length(CAST(user_id AS BLOB)) <= 128),
  revoked_at INTEGER NOT NULL,
  revoked_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX "ActivityRevocationTime" ON "ActivityRevocation" (revoked_at, user_id);
ALTER TABLE "ActivityNotification" ADD COLUMN excluded TEXT;
ALTER TABLE "ActivityNotificationRecipient" ADD COLUMN delivered_at INTEGER;
)sql"},
                            Step{4, 1, R"sql(
CREATE TABLE "ActivityBroadcast" (
  notification_id BLOB NOT NULL PRIMARY KEY CHECK (length(notification_id) = 16),
  recipients TEXT,
  recorded_ms INTEGER NOT NULL,
  traceparent TEXT,
  done_through TEXT,
  last_from TEXT,
  unconfirmed INTEGER NOT NULL DEFAULT 0,
  recipients_done INTEGER NOT NULL DEFAULT 0,
  worker TEXT,
  lease_until INTEGER,
  turn_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
)sql"}};

constexpr int kProgramVersion = kSteps.back().version;

struct Found {
  std::int64_t version = 0;  // 0: no tables yet
  std::int64_t oldest_program = 0;
};

Result<Found> find_version(Connection& db) {
  {
    auto table = db.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'ActivitySchema'");
    const auto row = table.next();
    if (!row) return error_of(row);
    if (!*row) return Found{};
  }
  auto versions = db.query(R"(SELECT version, oldest_program FROM "ActivitySchema")");
  const auto row = versions.next();
  if (!row) return error_of(row);
  return *row ? Found{versions.integer(0), versions.integer(1)} : Found{};
}

std::string too_new(const Found& found) {
  return fmt::format("the tables have version {} and need a program that knows version {}; this one knows {}",
                     found.version, found.oldest_program, kProgramVersion);
}

Result<std::string> upgrade(Connection& db) {
  const auto found = find_version(db);
  if (!found) return error_of(found);
  if (found->oldest_program > kProgramVersion) return fail(ErrorKind::invalid, too_new(*found));
  if (found->version >= kProgramVersion) return fmt::format("version {}, nothing to do", found->version);

  if (found->version == 0) {
    const char* create =
        R"(CREATE TABLE "ActivitySchema" (version INTEGER NOT NULL, oldest_program INTEGER NOT NULL) STRICT;
                            INSERT INTO "ActivitySchema" VALUES (0, 0);)";
    if (auto made = db.execute(create); !made) return error_of(made);
  }
  for (const Step& step : kSteps) {
    if (step.version <= found->version) continue;
    if (auto done = db.execute(step.script); !done) return error_of(done);
    auto record =
        db.query(R"(UPDATE "ActivitySchema" SET version = ?1, oldest_program = ?2)", step.version, step.oldest_program);
    if (auto done = record.run(); !done) return error_of(done);
  }
  const std::string now = "version " + std::to_string(kProgramVersion);
  return found->version == 0 ? "created the tables, " + now
                             : fmt::format("upgraded from version {} to {}", found->version, now);
}

}  // namespace

Result<std::string> migrate(Connection& db) {
  return db.transaction(Access::write, [&db] { return upgrade(db); });
}

Result<std::string> renew_epoch(Connection& db) {
  return db.transaction(Access::write, [&db]() -> Result<std::string> {
    auto renewed = db.query(R"(UPDATE "ActivitySchema" SET epoch = lower(hex(randomblob(8))) RETURNING epoch)");
    const auto row = renewed.next();
    if (!row) return error_of(row);
    return *row ? Result<std::string>{renewed.text(0)} : fail(ErrorKind::unavailable, "ActivitySchema has no row");
  });
}

Result<void> check_schema(Connection& db) {
  const auto found = find_version(db);
  if (!found) return error_of(found);
  if (found->version == 0)
    return fail(ErrorKind::unavailable, "Signal's tables are not there: run `nx-signal migrate`");
  if (found->version < kProgramVersion) {
    return fail(ErrorKind::unavailable,
                fmt::format("the tables have version {}, this program needs {}: run `nx-signal migrate`",
                            found->version, kProgramVersion));
  }
  if (found->oldest_program > kProgramVersion) return fail(ErrorKind::unavailable, too_new(*found));
  return {};
}

}  // namespace nx::store::sqlite
