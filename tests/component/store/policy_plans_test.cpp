// What PostgreSQL makes of the statements on the policy table: the plans that a connection keeps, and the rows that a
// question about many pairs passes.

#include <numeric>
#include <regex>

#include <gmock/gmock.h>

#include "component/store/postgres_fixture.hpp"
#include "store/postgres/policy_table.hpp"

namespace nx::store {
namespace {

using postgres::Connection;
using postgres::PolicyStatements;
using testing::HasSubstr;

/// 400 users, each in 30 of 4,000 merchants; every merchant inherits from one of 40 organizers.
class PolicyPlans : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    raw_.run(std::string(R"(CREATE SCHEMA identity; CREATE TABLE identity."PolicyDefinition" (variant text NOT NULL,
      subject_type text NOT NULL, subject_id text NOT NULL, target_type text NOT NULL, target_id )") +
             GetParam() + R"( NOT NULL, deleted_at timestamptz);
      CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id);
      CREATE INDEX ON identity."PolicyDefinition" (variant, subject_type, subject_id);
      INSERT INTO identity."PolicyDefinition"
        SELECT 'join_domain', 'User', 'u' || u, 'Merchant', ((u * 10 + m) % 4000)::text::)" +
             GetParam() + R"(, NULL FROM generate_series(1, 400) u, generate_series(1, 30) m;
      INSERT INTO identity."PolicyDefinition"
        SELECT 'domain_inherits', 'Merchant', m::text, 'Organizer', (m % 40)::text::)" +
             GetParam() + ", NULL FROM generate_series(0, 3999) m");
    auto db = Connection::open(database_.options(), Connection::Plans::by_cost);
    ASSERT_TRUE(db) << db.error().message;
    const auto table = find_policy_table(**db, "identity.PolicyDefinition");
    ASSERT_TRUE(table && *table);
    sql_.emplace(**table, std::vector<std::string>{"join_domain", "group"});
  }

  /// The generic plan, with the settings of the program's own connections.
  std::vector<std::string> plan_of(const std::string& sql, const std::string& values, const char* how = "COSTS OFF") {
    raw_.run("SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan");
    raw_.run("PREPARE statement AS " + sql);
    auto plan = raw_.column("EXPLAIN (" + std::string(how) + ") EXECUTE statement(" + values + ")");
    raw_.run("DEALLOCATE statement");
    return plan;
  }

  PostgresDatabase database_;
  PostgresRaw raw_{database_.url()};
  std::optional<PolicyStatements> sql_;
};

std::string text_of(const std::vector<std::string>& plan) {
  return std::accumulate(plan.begin(), plan.end(), std::string(),
                         [](std::string text, const std::string& line) { return std::move(text) + line + "\n"; });
}

void expect_indexed(const std::string& name, const std::vector<std::string>& plan) {
  const std::regex scan("(Index Scan|Index Only Scan|Bitmap Index Scan)");
  for (std::size_t i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(plan[i].find("Seq Scan"), std::string::npos) << name << "\n" << text_of(plan);
    if (!std::regex_search(plan[i], scan)) continue;
    EXPECT_TRUE(i + 1 < plan.size() && plan[i + 1].find("Index Cond") != std::string::npos)
        << name << " reads a whole index:\n"
        << text_of(plan);
  }
}

TEST_P(PolicyPlans, EveryStatementEntersAnIndexWithAndWithoutStatistics) {
  const std::string pair = "'Merchant', '1'";
  for (int round = 0; round < 2; ++round) {
    expect_indexed("direct", plan_of(sql_->direct, pair + ", 10"));
    expect_indexed("inherited", plan_of(sql_->inherited, pair + ", 10"));
    expect_indexed("members", plan_of(sql_->members, pair + ", 10"));
    expect_indexed("members_after", plan_of(sql_->members_after, pair + ", 10, 'u1'"));
    expect_indexed("is_behind", plan_of(sql_->is_behind, pair + ", 'u1', 'u0'"));
    expect_indexed("through", plan_of(sql_->through, pair + ", 'u1'"));
    expect_indexed("memberships", plan_of(sql_->memberships, pair + ", 'u1'"));
    expect_indexed("inheritance", plan_of(sql_->inheritance, pair));
    const auto among = plan_of(sql_->among, "ARRAY['u1'], ARRAY['Merchant'], ARRAY['1']");
    expect_indexed("among", among);
    EXPECT_THAT(text_of(among), HasSubstr("hashed SubPlan")) << "each row would be held against every domain";
    raw_.run("ANALYZE");
  }
}

/// What all nodes of an analysed plan gave and threw away.
std::int64_t rows_passed(const std::vector<std::string>& plan) {
  const std::regex node(R"(actual rows=(\d+) loops=(\d+))"), removed(R"(Rows Removed by [A-Za-z ]+: (\d+))");
  std::int64_t sum = 0, loops = 1;
  for (const std::string& line : plan) {
    std::smatch found;
    if (std::regex_search(line, found, node)) {
      loops = std::stoll(found[2]);
      sum += std::stoll(found[1]) * loops;
    } else if (std::regex_search(line, found, removed)) {
      sum += std::stoll(found[1]) * loops;
    }
  }
  return sum;
}

/// With the index that `nx-signal check` names, as PostgresPolicies asks it.
TEST_P(PolicyPlans, ASliceOfMembersIsAShortWalkHoweverManyThereAre) {
  raw_.run(std::string(R"(CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id, subject_id);
    INSERT INTO identity."PolicyDefinition" SELECT v, 'User', 'u' || i, 'Organizer', '7'::)") +
           GetParam() + R"(, NULL FROM generate_series(1, 20000) i, unnest(ARRAY['join_domain', 'group']) v)");
  for (int round = 0; round < 2; ++round) {
    for (const auto& [name, value] : postgres::kAlongTheMembers) raw_.run(std::string("SET ") + name + " = " + value);
    for (const auto& [sql, values] : {std::pair{sql_->members, std::string("'Organizer', '7', 10")},
                                      std::pair{sql_->members_after, std::string("'Organizer', '7', 10, 'u5'")}}) {
      const auto plan = plan_of(sql, values, "ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF");
      EXPECT_LT(rows_passed(plan), 400) << text_of(plan);
    }
    raw_.run("ANALYZE");
  }
}

TEST_P(PolicyPlans, AQuestionAboutManyPairsCostsTheSumOfItsUsersAndDomainsNotTheirProduct) {
  raw_.run("ANALYZE");
  std::string users, types, ids;
  for (int u = 1; u <= 400; ++u) users += (u == 1 ? "'u" : ", 'u") + std::to_string(u) + "'";
  for (int m = 0; m < 4'000; ++m) {
    types += m == 0 ? "'Merchant'" : ", 'Merchant'";
    ids += (m == 0 ? "'" : ", '") + std::to_string(m) + "'";
  }
  const auto plan = plan_of(sql_->among, "ARRAY[" + users + "], ARRAY[" + types + "], ARRAY[" + ids + "]",
                            "ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF");
  // 4,000 domains, what they inherit from, and 12,000 memberships, each of which passes a few nodes.
  EXPECT_LT(rows_passed(plan), 30 * (4'000 + 4'000 + 12'000)) << text_of(plan);
}

INSTANTIATE_TEST_SUITE_P(Ids, PolicyPlans, testing::Values("text", "bigint"));

}  // namespace
}  // namespace nx::store
