// What is PostgreSQL's own about the policy table: types of ids, where the table is, and what `check` says about it.

#include <gmock/gmock.h>

#include "component/store/postgres_fixture.hpp"

namespace nx::store {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PostgresPoliciesTest : public testing::Test {
 protected:
  /// Columns of these types, without an index.
  void create(const std::string& subject_id, const std::string& target_id) {
    raw_.run(
        R"(CREATE SCHEMA identity; CREATE TABLE identity."PolicyDefinition" (variant text NOT NULL, subject_type text NOT NULL,
      subject_id )" +
        subject_id + ", target_type text NOT NULL, target_id " + target_id + ", deleted_at timestamptz)");
  }
  void add(const std::string& values) {
    raw_.run(
        R"(INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id) VALUES )" +
        values);
  }
  std::unique_ptr<PolicyDefinitionRepository> open() {
    auto opened = open_postgres_policies(options_);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  std::vector<std::string> merchant(const std::string& id) {
    const auto users = open()->users_of_merchant(id, 1'000);
    EXPECT_TRUE(users) << users.error().message;
    std::vector<std::string> texts;
    for (const UserId& user : *users) texts.push_back(user.value);
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  PostgresDatabase database_;
  PostgresOptions options_ = database_.options();
  PostgresRaw raw_{database_.url()};
};

TEST_F(PostgresPoliciesTest, IdsMayBeOfTwoTypes) {
  create("text COLLATE \"C\"", "integer");
  add("('join_domain', 'User', 'u1', 'Merchant', 7), ('domain_inherits', 'Merchant', '7', 'Organizer', 8), "
      "('join_domain', 'User', 'u2', 'Organizer', 8)");

  EXPECT_THAT(merchant("7"), ElementsAre("u1", "u2"));
  EXPECT_THAT(merchant("07"), IsEmpty());
  EXPECT_THAT(merchant("99999999999999999999"), IsEmpty()) << "beyond bigint";
  EXPECT_THAT(merchant("9223372036854775808"), IsEmpty());
  EXPECT_EQ(open()->joined_through({"u2"}, {"merchant:7"}), (Domain{"Organizer", "8"}));
}

TEST_F(PostgresPoliciesTest, ATableThatIsChangedMeanwhileIsReadInItsNewShapeFromTheSecondTimeOn) {
  create("text", "text");
  add("('join_domain', 'User', 'u1', 'Merchant', '7')");
  const auto policies = open();
  ASSERT_TRUE(policies->users_of_merchant("7", 1'000));
  for (const char* change :
       {R"(ALTER TABLE identity."PolicyDefinition" ALTER target_id TYPE bigint USING target_id::bigint)",
        R"(ALTER TABLE identity."PolicyDefinition" DROP COLUMN deleted_at)"}) {
    raw_.run(change);
    const auto first = policies->users_of_merchant("7", 1'000);
    EXPECT_FALSE(first) << change;
    EXPECT_EQ(first.error().kind, ErrorKind::unavailable);
    const auto second = policies->users_of_merchant("7", 1'000);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->size(), 1U);
  }
}

TEST_F(PostgresPoliciesTest, IdsMayBeUuids) {
  create("uuid", "varchar(40)");
  add("('join_domain', 'User', '0192f000-0000-7000-8000-00000000000a', 'Merchant', 'm1'), "
      "('domain_inherits', 'Merchant', '0192f000-0000-7000-8000-00000000000b', 'Merchant', 'm1')");

  EXPECT_THAT(merchant("m1"), ElementsAre("0192f000-0000-7000-8000-00000000000a"));
  EXPECT_THAT(merchant("0192f000-0000-7000-8000-00000000000b"), ElementsAre("0192f000-0000-7000-8000-00000000000a"));
  EXPECT_EQ(open()->joined_through({"0192F000-0000-7000-8000-00000000000A"}, {"merchant:m1"}), std::nullopt)
      << "another text is another id";
  EXPECT_EQ(open()->joined_through({"nobody"}, {"merchant:m1"}), std::nullopt);
}

TEST_F(PostgresPoliciesTest, AWalkOverMembersFollowsTheColumnsOwnOrder) {
  const std::string uuid = "0192f000-0000-7000-8000-00000000000";
  for (const auto& [type, ids] : {std::pair{"uuid", std::vector{uuid + "1", uuid + "2", uuid + "a"}},
                                  std::pair{"bigint", std::vector<std::string>{"-7", "9", "10"}},
                                  std::pair{"text COLLATE \"und-x-icu\"", std::vector<std::string>{"a", "B", "c"}},
                                  std::pair{"varchar(40) COLLATE \"C\"", std::vector<std::string>{"B", "a", "c"}}}) {
    for (const bool indexed : {false, true}) {
      raw_.run("DROP SCHEMA IF EXISTS identity CASCADE");
      create(type, "text");
      if (indexed) {
        raw_.run(R"(CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id, subject_id))");
      }
      for (const std::string& id : ids) add("('group', 'User', '" + id + "', 'Organizer', 'o1')");
      auto policies = open();
      ASSERT_EQ(policies->members_in_order(), indexed);
      std::optional<std::string> after;
      for (const std::string& id : ids) {
        const auto next = policies->members_after({"org:o1"}, after, 1);
        ASSERT_TRUE(next) << next.error().message;
        EXPECT_THAT(*next, ElementsAre(UserId{id})) << type;
        EXPECT_TRUE(*policies->is_member_after({id}, {"org:o1"}, after));
        after = id;
        EXPECT_FALSE(*policies->is_member_after({id}, {"org:o1"}, after));
      }
      EXPECT_THAT(*policies->members_after({"org:o1"}, after, 1), IsEmpty());
    }
  }
}

TEST_F(PostgresPoliciesTest, AnErrorOfTheTableItselfIsNoMessagesFault) {
  create("text", "text");
  raw_.run(
      R"(ALTER TABLE identity."PolicyDefinition" RENAME TO "Rows"; CREATE VIEW identity."PolicyDefinition" AS
           SELECT variant, subject_type, (10 / (length(subject_id) - 2))::text AS subject_id, target_type, target_id FROM identity."Rows")");
  auto policies = open();
  raw_.run(R"(INSERT INTO identity."Rows" VALUES ('join_domain', 'User', 'u1', 'Organizer', 'o1', NULL))");

  const auto users = policies->users_of_organizer("o1", 1'000);

  ASSERT_FALSE(users);
  EXPECT_EQ(users.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(users.error().message, HasSubstr("22012"));
  const auto merchant = policies->users_of_merchant("o1", 1'000);
  EXPECT_TRUE(merchant) << merchant.error().message;
}

TEST_F(PostgresPoliciesTest, TextThatNoColumnCanHoldMatchesNobody) {
  create("text", "text");
  add("('join_domain', 'User', 'u1', 'Organizer', 'o1')");
  auto policies = open();

  EXPECT_THAT(*policies->users_of_organizer(std::string("o1\0", 3), 1'000), IsEmpty());
  EXPECT_THAT(*policies->users_of_organizer("\xff", 1'000), IsEmpty());
  EXPECT_THAT(*policies->users_of_organizer("\xed\xa0\x80", 1'000), IsEmpty());
  const std::vector<Membership> asked{
      {{std::string("u1\0", 3)}, {"org:o1"}}, {{"u1"}, {"org:o1"}}, {{"u1"}, {"org:\xc0\x80"}}};
  EXPECT_EQ(policies->members_among(asked)->size(), 1U);
}

TEST_F(PostgresPoliciesTest, AMissingTableOrColumnIsUnavailableAndNamed) {
  EXPECT_EQ(open_postgres_policies(options_).error().kind, ErrorKind::unavailable);
  EXPECT_THAT(open_postgres_policies(options_).error().message, HasSubstr("identity.PolicyDefinition"));
  EXPECT_THAT(*audit_postgres_policies(options_), ElementsAre(HasSubstr("identity.PolicyDefinition")));

  create("text", "numeric");
  raw_.run(R"(ALTER TABLE identity."PolicyDefinition" DROP COLUMN variant)");
  EXPECT_THAT(open_postgres_policies(options_).error().message, HasSubstr("variant"));
  EXPECT_THAT(*audit_postgres_policies(options_), ElementsAre(HasSubstr("no column variant"), HasSubstr("numeric")));
}

TEST_F(PostgresPoliciesTest, ATableThatMayNotBeReadIsUnavailable) {
  create("text", "text");
  const std::string role = "stranger_" + std::to_string(::getpid());
  raw_.run("CREATE ROLE " + role + " LOGIN PASSWORD 'signal-secret'; GRANT USAGE ON SCHEMA identity TO " + role);
  options_.url.replace(options_.url.find("signal:"), 6, role);

  EXPECT_THAT(open_postgres_policies(options_).error().message, HasSubstr("42501"));
  raw_.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_F(PostgresPoliciesTest, WithoutASchemaTheSearchPathFindsIt) {
  raw_.run(
      R"(CREATE TABLE "odd ""name""" (variant text, subject_type text, subject_id text, target_type text, target_id text);
    INSERT INTO "odd ""name""" VALUES ('join_domain', 'User', 'u1', 'Organizer', 'o1'))");
  options_.policy_table = R"(odd "name")";

  EXPECT_EQ(open()->users_of_organizer("o1", 1'000)->size(), 1U);
}

TEST_F(PostgresPoliciesTest, TheAuditNamesMissingIndexesAndWalks) {
  create("text", "bigint");
  EXPECT_THAT(
      *audit_postgres_policies(options_),
      testing::UnorderedElementsAre(AllOf(HasSubstr("no index"), HasSubstr("variant, target_type, target_id")),
                                    AllOf(HasSubstr("no index"), HasSubstr("variant, subject_type, subject_id")),
                                    HasSubstr("users of an organizer"), HasSubstr("users of a merchant"),
                                    HasSubstr("belongs to a room"), HasSubstr("many users")));

  raw_.run(R"(CREATE INDEX ON identity."PolicyDefinition" (target_type, variant, target_id);
              CREATE INDEX ON identity."PolicyDefinition" (variant, subject_type, subject_id))");
  EXPECT_THAT(*audit_postgres_policies(options_),
              ElementsAre(AllOf(HasSubstr("in the order of a room's members"),
                                HasSubstr("CREATE INDEX ON \"identity\".\"PolicyDefinition\" (variant, target_type, "
                                          "target_id, subject_id)"))));
  EXPECT_FALSE(open()->members_in_order());

  raw_.run(R"(CREATE INDEX ON identity."PolicyDefinition" (target_type, variant, target_id, subject_id))");
  EXPECT_TRUE(open()->members_in_order());
  EXPECT_THAT(*audit_postgres_policies(options_), IsEmpty());
}

}  // namespace
}  // namespace nx::store
