// Does reading an inbox depend on how many months are kept? Page 1, page 1,000 and the unread count of a user whose
// rows lie in 6, 24 and 120 monthly partitions, calls in turns, through the repository that REST uses. Printed are p50
// and p99 in microseconds and their ratio to those of 6 months; goal ≤ 1.3. script/bench-months starts the database.
//
//   months URL [ROWS [ROUNDS]]      24000 rows of the user and 1000 rounds by default

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <vector>

#include "die.hpp"
#include "quantile.hpp"
#include "store/maintenance.hpp"
#include "store/postgres_store.hpp"

namespace {

using namespace nx;
using bench::or_die;
using bench::quantile;
using Clock = std::chrono::steady_clock;
using Repository = store::ActivityNotificationRepository;

constexpr std::array kMonths{6, 24, 120};
constexpr std::int64_t kDeep = 9'990;  // rows before page 1,000
const UserId kUser{"user-1"};

/// Ten users with `rows` rows each, spread over so many months up to now, as programs without a map wrote them.
void fill(PGconn* db, const std::string& schema, int months, int rows) {
  const std::string span = std::to_string(months);
  const std::string script = "SET search_path = " + schema + R"(; SET synchronous_commit = off;
    DO $$ DECLARE first timestamptz; low text; high text; parent text; BEGIN
      FOR ago IN 1..)" + span +
                             R"( LOOP
        first := (date_trunc('month', now() AT TIME ZONE 'UTC') - ago * interval '1 month') AT TIME ZONE 'UTC';
        low := lpad(to_hex((extract(epoch FROM first) * 1000)::bigint), 12, '0') || repeat('0', 20);
        high := lpad(to_hex((extract(epoch FROM (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') || repeat('0', 20);
        FOREACH parent IN ARRAY ARRAY['ActivityNotification', 'ActivityNotificationRecipient'] LOOP
          EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
            parent || to_char(first AT TIME ZONE 'UTC', '_YYYY_MM'), parent, low::uuid, high::uuid);
        END LOOP; END LOOP; END $$;
    CREATE FUNCTION pg_temp.id_of(n bigint) RETURNS uuid LANGUAGE sql AS $$ SELECT (lpad(to_hex(((extract(epoch FROM now())
      - ()" + span + R"( - 0.5) * 2629800.0 * (1 - n / )" +
                             std::to_string(rows) +
                             R"(.0)) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid $$;
    INSERT INTO "ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
      SELECT pg_temp.id_of(n), 't', 'Payment ' || n, 'users', now(), now() FROM generate_series(1, )" +
                             std::to_string(rows) + R"() n;
    INSERT INTO "ActivityInbox" (user_id, last_seq, live, unread) SELECT 'user-' || u, )" +
                             std::to_string(rows) + ", " + std::to_string(rows) + ", " + std::to_string(rows) +
                             R"( FROM generate_series(1, 10) u;
    INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id)
      SELECT i.user_no, n, pg_temp.id_of(n) FROM generate_series(1, )" +
                             std::to_string(rows) + R"() n, "ActivityInbox" i;
    ANALYZE; DROP FUNCTION pg_temp.id_of)";
  PGresult* done = PQexec(db, script.c_str());
  if (PQresultStatus(done) != PGRES_COMMAND_OK) {
    std::fprintf(stderr, "months: %s", PQerrorMessage(db));
    std::exit(1);
  }
  PQclear(done);
}

struct Call {
  const char* name;
  std::function<void(Repository&)> run;
};

void read_page(Repository& from, std::optional<std::int64_t> before) {
  store::PageRequest request;
  request.user = kUser;
  request.before_seq = before;
  if (or_die(from.page(request), "reading a page").rows.size() == 10) return;
  std::fprintf(stderr, "months: a page that is not full\n");
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: months URL [ROWS [ROUNDS]]\n");
    return 2;
  }
  const int rows = argc > 2 ? std::atoi(argv[2]) : 24'000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 1'000;
  PGconn* db = PQconnectdb(argv[1]);
  std::vector<std::unique_ptr<Repository>> repositories;
  for (const int months : kMonths) {
    store::PostgresOptions options;
    options.url = argv[1];
    options.schema = "months_" + std::to_string(months);
    or_die(store::migrate_postgres(options), "migrating");
    fill(db, options.schema, months, rows);
    const auto maintenance = or_die(store::open_postgres_maintenance(options), "opening the database");
    const auto began = Clock::now();
    while (!or_die(maintenance->run({}), "maintenance").finished) continue;
    std::printf("months: %d rows in %d months, their map was made in %.1f s\n", 10 * rows, months,
                std::chrono::duration<double>(Clock::now() - began).count());
    repositories.push_back(or_die(store::open_postgres_notifications(options), "opening the database"));
  }
  PQfinish(db);
  std::printf("%-14s %8s", "microseconds", "months");
  for (const int months : kMonths) std::printf(" %9d", months);
  std::printf("   ratios to %d\n", kMonths[0]);
  for (const Call& call : {
           Call{"page 1", [](Repository& from) { read_page(from, std::nullopt); }},
           Call{"page 1,000", [rows](Repository& from) { read_page(from, std::max<std::int64_t>(rows - kDeep, 11)); }},
           Call{"unread count", [](Repository& from) { or_die(from.unread_count(kUser), "counting"); }},
       }) {
    std::array<std::vector<double>, kMonths.size()> times;
    for (int round = -rounds / 10; round < rounds; ++round) {  // the first ones: plans and buffers
      for (std::size_t i = 0; i < kMonths.size(); ++i) {
        const auto begun = Clock::now();
        call.run(*repositories[i]);
        if (round >= 0) times[i].push_back(std::chrono::duration<double, std::micro>(Clock::now() - begun).count());
      }
    }
    for (const double part : {0.5, 0.99}) {
      std::array<double, kMonths.size()> values{};
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = quantile(times[i], part);
      std::printf("%-14s %8s", call.name, part == 0.5 ? "p50" : "p99");
      for (const double value : values) std::printf(" %9.0f", value);
      std::printf("  ");
      for (std::size_t i = 1; i < values.size(); ++i) std::printf(" %.2f", values[i] / values[0]);
      std::printf("\n");
    }
  }
  return 0;
}
