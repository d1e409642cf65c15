// How fast retention ends a month: the live rows that it takes out of inboxes and their counters, the drop of the
// month's partitions, and the purge of old idempotency keys. script/rows starts the database.
//
//   retention URL [MILLIONS]      10 million recipient rows by default, one of ten live, and a tenth as many keys

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <libpq-fe.h>
#include <string>

#include "die.hpp"
#include "store/maintenance.hpp"
#include "store/postgres_store.hpp"

namespace {

using namespace nx;
using bench::or_die;
using Clock = std::chrono::steady_clock;

constexpr int kMonthsAgo = 14;
constexpr int kRowsOfUser = 1'000;

void run(PGconn* db, const std::string& script) {
  PGresult* done = PQexec(db, script.c_str());
  if (PQresultStatus(done) != PGRES_COMMAND_OK && PQresultStatus(done) != PGRES_TUPLES_OK) {
    std::fprintf(stderr, "retention: %s", PQerrorMessage(db));
    std::exit(1);
  }
  PQclear(done);
}

/// A month that is over, as a year of traffic leaves it: rows in the order of their times, nine of ten archived.
void fill(PGconn* db, const std::string& schema, long millions) {
  const std::string users = std::to_string(millions * 1'000'000 / kRowsOfUser);
  const std::string notifications = std::to_string(millions * 100'000);
  const std::string rows = std::to_string(kRowsOfUser);
  run(db, "SET search_path = " + schema + "; SET synchronous_commit = off;" + R"(
    CREATE TEMP TABLE bounds AS SELECT from_at, lpad(to_hex((extract(epoch FROM from_at) * 1000)::bigint), 12, '0') AS low,
        lpad(to_hex((extract(epoch FROM to_at) * 1000)::bigint), 12, '0') AS high, name
      FROM (SELECT m AT TIME ZONE 'UTC' AS from_at, (m + interval '1 month') AT TIME ZONE 'UTC' AS to_at,
          to_char(m, '_YYYY_MM') AS name
        FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') - interval ')" +
              std::to_string(kMonthsAgo) + R"( months' AS m) months) times;
    DO $$ DECLARE parent text; BEGIN
      FOREACH parent IN ARRAY ARRAY['ActivityNotification', 'ActivityNotificationRecipient'] LOOP
        EXECUTE (SELECT format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', parent || name, parent,
          (low || repeat('0', 20))::uuid, (high || repeat('0', 20))::uuid) FROM bounds);
      END LOOP; END $$;
    CREATE TEMP TABLE ids AS SELECT n, (lpad(to_hex((extract(epoch FROM from_at) * 1000)::bigint
        + n * 2400000000 / )" +
              notifications + R"(), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid AS id
      FROM bounds, generate_series(1, )" +
              notifications + R"() n;
    CREATE UNIQUE INDEX ON ids (n);
    INSERT INTO "ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
      SELECT id, 't', 'Payment ' || n, 'users', now(), now() FROM ids;
    INSERT INTO "ActivityInbox" (user_id, last_seq, live, unread)
      SELECT 'user-' || u, )" +
              rows + ", " + rows + " / 10, " + rows + " / 10 FROM generate_series(1, " + users + R"() u;
    INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id, archived_at)
      SELECT made.user_no, made.s, ids.id, CASE WHEN made.s % 10 <> 0 THEN now() END
      FROM (SELECT user_no, s, (s - 1) * ()" +
              notifications + " / " + rows + ") + user_no % (" + notifications + " / " + rows +
              R"() + 1 AS n FROM generate_series(1, )" + rows + R"() s, "ActivityInbox") made JOIN ids USING (n)
      ORDER BY made.s, made.user_no;
    INSERT INTO "ActivityNotificationKey" (key, notification_id, source, created_at)
      SELECT substr(sha256(n::text::bytea), 1, 16), id, 'topic/0/' || n || '/1700000000000', now() - interval '40 days' FROM ids)");
  run(db, "VACUUM ANALYZE");
}

}  // namespace

int main(int argc, char** argv) {
  const long millions = argc > 2 ? std::atol(argv[2]) : 10;
  if (argc < 2 || millions < 1) {
    std::fprintf(stderr, "usage: retention URL [MILLIONS]\n");
    return 2;
  }
  store::PostgresOptions options;
  options.url = argv[1];
  options.schema = "retention";
  or_die(store::migrate_postgres(options), "migrating");
  PGconn* db = PQconnectdb(argv[1]);
  fill(db, options.schema, millions);
  PQfinish(db);
  const auto maintenance = or_die(store::open_postgres_maintenance(options), "opening the database");
  while (!or_die(maintenance->run({.key_age = std::chrono::hours{24 * 366}}), "mapping the months").finished) continue;

  const auto seconds_of = [&](const store::MaintenancePlan& plan, store::MaintenanceReport& sum) {
    const auto began = Clock::now();
    for (bool finished = false; !finished;) {
      const auto report = or_die(maintenance->run(plan), "maintenance");
      if (report.failed) {
        std::fprintf(stderr, "retention: %s\n", report.failed->message.c_str());
        std::exit(1);
      }
      sum.live_rows_removed += report.live_rows_removed;
      sum.partitions_dropped += report.partitions_dropped;
      sum.keys_purged += report.keys_purged;
      finished = report.finished;
    }
    return std::chrono::duration<double>(Clock::now() - began).count();
  };
  store::MaintenanceReport keys, month;
  const double purging = seconds_of({}, keys);
  const double ending = seconds_of({.retention_days = 366}, month);
  if (keys.keys_purged != millions * 100'000 || month.live_rows_removed != millions * 100'000 ||
      month.partitions_dropped != 2) {
    std::fprintf(stderr, "retention: %lld keys, %lld live rows, %zu partitions\n",
                 static_cast<long long>(keys.keys_purged), static_cast<long long>(month.live_rows_removed),
                 month.partitions_dropped);
    return 1;
  }
  std::printf(
      "retention: a month of %ld million rows ended in %.1f s, %.0f live rows/s; %lld keys purged in %.1f s, %.0f "
      "keys/s\n",
      millions, ending, static_cast<double>(month.live_rows_removed) / ending, static_cast<long long>(keys.keys_purged),
      purging, static_cast<double>(keys.keys_purged) / purging);
  return 0;
}
