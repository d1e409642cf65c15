#include "dev/sample_data.hpp"

#include <set>

#include <gtest/gtest.h>

namespace nx::dev {
namespace {

TEST(SampleData, is_one_organisation_two_merchants_and_six_users) {
  const SampleData sample = sample_data();
  std::set<std::string> ids;
  for (const SampleUser& user : sample.users) ids.insert(user.id);
  EXPECT_EQ(sample.merchants.size(), 2U);
  EXPECT_EQ(ids.size(), 6U);
}

TEST(SampleData, both_merchants_inherit_from_the_organisation) {
  const SampleData sample = sample_data();
  std::set<std::string> inheriting;
  for (const store::PolicyRow& row : sample.policies()) {
    if (row.variant == "domain_inherits" && row.target_id == sample.organization.id) inheriting.insert(row.subject_id);
  }
  EXPECT_EQ(inheriting, (std::set<std::string>{sample.merchants[0].id, sample.merchants[1].id}));
}

TEST(SampleData, somebody_belongs_nowhere_and_has_no_row) {
  const SampleData sample = sample_data();
  std::set<std::string> joined;
  for (const store::PolicyRow& row : sample.policies()) {
    if (row.subject_type == "User") joined.insert(row.subject_id);
  }
  EXPECT_EQ(joined.size(), 5U);
  EXPECT_FALSE(joined.contains("u-outsider"));
}

TEST(SampleData, memberships_come_in_the_old_and_the_new_variant) {
  std::set<std::string> variants;
  for (const store::PolicyRow& row : sample_data().policies()) variants.insert(row.variant);
  EXPECT_EQ(variants, (std::set<std::string>{"domain_inherits", "group", "join_domain"}));
}

TEST(SampleData, places_have_names_and_unknown_ones_their_id) {
  EXPECT_EQ(sample_data().place_name("harbour"), "Lantern Harbour");
  EXPECT_EQ(sample_data().place_name("elsewhere"), "elsewhere");
}

}  // namespace
}  // namespace nx::dev
