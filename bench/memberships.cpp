// What a round of re-checks costs the database: the rooms of many clients, in the questions that a shard asks, on one
// connection. Each client's user is in all of its rooms but one, half of them through what the merchant inherits from.
// Makes its own policy table (schema `memberships`, gone afterwards). Exit 1 when an answer is wrong.
//
//   memberships URL [CLIENTS [ROOMS [OTHER_ROWS]]]       1,000 clients, 64 rooms each, 1,000,000 rows of others

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <libpq-fe.h>
#include <memory>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "session/lookups.hpp"
#include "store/postgres_store.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using nx::store::Membership;

class Server {
 public:
  explicit Server(const char* url) : db_(PQconnectdb(url), PQfinish) {}
  /// The first column of the first row, if any.
  std::string run(const std::string& script) const {
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(db_.get(), script.c_str()), PQclear);
    const auto status = PQresultStatus(answer.get());
    if (status == PGRES_TUPLES_OK) return PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
    if (status == PGRES_COMMAND_OK) return {};
    std::fprintf(stderr, "memberships: %s\n", PQerrorMessage(db_.get()));
    std::exit(1);
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> db_;
};

struct Sizes {
  std::size_t clients = 1'000, rooms = 64, others = 1'000'000;
};

/// Room r of client c is merchant c × rooms + r. Even ones inherit from an organizer of the same number, which the user
/// is joined to; the users of odd ones are joined to them. The last one is nobody's.
void fill(const Server& server, const Sizes& sizes) {
  const std::string clients = std::to_string(sizes.clients), rooms = std::to_string(sizes.rooms);
  server.run(R"(DROP SCHEMA IF EXISTS memberships CASCADE; CREATE SCHEMA memberships;
    CREATE TABLE memberships."Policy" (variant text NOT NULL, subject_type text NOT NULL, subject_id text NOT NULL,
      target_type text NOT NULL, target_id text NOT NULL, deleted_at timestamptz);
    INSERT INTO memberships."Policy" SELECT 'domain_inherits', 'Merchant', n, 'Organizer', n
      FROM (SELECT (c * )" +
             rooms + R"( + r)::text AS n FROM generate_series(0, )" + clients + R"( - 1) c,
              generate_series(0, )" +
             rooms + R"( - 1, 2) r) AS even;
    INSERT INTO memberships."Policy" SELECT 'join_domain', 'User', 'c' || c,
      CASE WHEN r % 2 = 0 THEN 'Organizer' ELSE 'Merchant' END, (c * )" +
             rooms + " + r)::text FROM generate_series(0, " + clients + " - 1) c, generate_series(0, " + rooms +
             R"( - 2) r;
    INSERT INTO memberships."Policy" SELECT 'group', 'User', 'u' || n / 10, 'Merchant', (n % 100000)::text
      FROM generate_series(1, )" +
             std::to_string(sizes.others) + R"() n;
    CREATE INDEX ON memberships."Policy" (variant, target_type, target_id);
    CREATE INDEX ON memberships."Policy" (variant, subject_type, subject_id);
    ANALYZE memberships."Policy")");
}

/// Of the server's process that answers, on this machine; 0 elsewhere.
double cpu_ms(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  std::string text;
  std::getline(stat, text);
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 2)));
  std::string skipped;
  double user = 0, system = 0;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  fields >> user >> system;
  return (user + system) * 1'000 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

struct Round {
  double ms = 0, longest_ms = 0;
  std::size_t questions = 0, pairs = 0, held = 0;
};

bool ask(nx::store::PolicyDefinitionRepository& policies, const std::vector<Membership>& pairs, Round& round) {
  const auto begin = Clock::now();
  const auto held = policies.members_among(pairs);
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  if (!held) {
    std::fprintf(stderr, "memberships: %s\n", held.error().message.c_str());
    return false;
  }
  round.ms += ms;
  round.longest_ms = std::max(round.longest_ms, ms);
  ++round.questions;
  round.pairs += pairs.size();
  round.held += held->size();
  return true;
}

bool check_all(nx::store::PolicyDefinitionRepository& policies, const Sizes& sizes, Round& round) {
  std::vector<Membership> pairs;
  for (std::size_t client = 0; client < sizes.clients; ++client) {
    for (std::size_t room = 0; room < sizes.rooms; ++room) {
      pairs.push_back({{"c" + std::to_string(client)}, {"merchant:" + std::to_string(client * sizes.rooms + room)}});
    }
    if (pairs.size() < nx::session::kRoomsPerQuestion && client + 1 < sizes.clients) continue;
    if (!ask(policies, pairs, round)) return false;
    pairs.clear();
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: memberships URL [CLIENTS [ROOMS [OTHER_ROWS]]]\n");
    return 2;
  }
  Sizes sizes;
  if (argc > 2) sizes.clients = std::strtoull(argv[2], nullptr, 10);
  if (argc > 3) sizes.rooms = std::strtoull(argv[3], nullptr, 10);
  if (argc > 4) sizes.others = std::strtoull(argv[4], nullptr, 10);
  const Server server(argv[1]);
  fill(server, sizes);
  nx::store::PostgresOptions options;
  options.url = argv[1];
  options.policy_table = "memberships.Policy";
  options.application_name = "memberships " + std::to_string(::getpid());
  auto policies = nx::store::open_postgres_policies(options);
  if (!policies) {
    std::fprintf(stderr, "memberships: %s\n", policies.error().message.c_str());
    return 1;
  }
  const std::string pid =
      server.run("SELECT pid FROM pg_stat_activity WHERE application_name = '" + options.application_name + "'");
  bool right = true;
  for (int i = 0; i < 7 && right; ++i) {  // a server settles on the plan that it keeps after five
    Round round;
    const double before = cpu_ms(pid);
    right = check_all(**policies, sizes, round) && round.held == sizes.clients * (sizes.rooms - 1);
    std::printf(
        "%zu clients x %zu rooms: %zu pairs in %zu questions: %.0f ms of the server's CPU, %.0f ms waited for, "
        "the longest %.1f ms, %zu hold\n",
        sizes.clients, sizes.rooms, round.pairs, round.questions, cpu_ms(pid) - before, round.ms, round.longest_ms,
        round.held);
  }
  server.run("DROP SCHEMA memberships CASCADE");
  if (!right) std::fprintf(stderr, "memberships: each user is in all rooms but one\n");
  return right ? 0 : 1;
}
