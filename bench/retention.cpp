// How long retention takes: the live rows of each expired month are deleted with their counters, then the month is
// dropped. script/rows makes the rows. Prints the live rows that were removed, the months that were dropped, and rows
// per second; retention runs beside ingest, so only the growth from one size to another says something.
//
//   retention URL SCHEMA      ends every month that has rows; the database is of no use afterwards

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "store/maintenance.hpp"
#include "store/postgres_store.hpp"

namespace {

using namespace nx;
using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "retention: %s\n", why.c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: retention URL SCHEMA\n");
    return 2;
  }
  store::PostgresOptions options;
  options.url = argv[1];
  options.schema = argv[2];
  const auto maintenance = store::open_postgres_maintenance(options);
  if (!maintenance) die(maintenance.error().message);

  store::MaintenancePlan plan;
  plan.retention_days = 1;
  plan.clock = [] { return EpochMs{now_wall().value + 62LL * 86'400'000}; };  // so all months with rows have expired
  std::int64_t removed = 0;
  std::size_t dropped = 0;
  const auto begun = Clock::now();
  for (bool finished = false; !finished;) {
    const auto report = (*maintenance)->run(plan);
    if (!report) die(report.error().message);
    if (report->failed) die(report->failed->message);
    if (report->busy) die("a table is in use by another session");
    removed += report->live_rows_removed;
    dropped += report->partitions_dropped;
    finished = report->finished;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  if (removed == 0 || dropped == 0) die("no expired month with live rows");
  std::printf("retention: %lld live rows removed and %zu partitions dropped in %.1f s, %.0f rows/s\n",
              static_cast<long long>(removed), dropped, seconds, static_cast<double>(removed) / seconds);
}
