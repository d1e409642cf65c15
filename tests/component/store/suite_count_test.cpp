// Every database runs every test of the shared suites: a suite that one of them does not instantiate would pass
// unnoticed. Which databases there are is read from the suite that each of them begins with, IngestSuite.

#include <iostream>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace nx::store {
namespace {

/// By suite, how many tests each instance has: `Postgres/IngestSuite` is the suite IngestSuite on Postgres.
std::map<std::string, std::map<std::string, int>> instances() {
  std::map<std::string, std::map<std::string, int>> found;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    const std::string name = suite.name();
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) continue;
    found[name.substr(slash + 1)][name.substr(0, slash)] += suite.total_test_count();
  }
  return found;
}

TEST(SuiteCount, EveryDatabaseRunsEveryTestOfTheSharedSuites) {
  const auto suites = instances();
  ASSERT_TRUE(suites.contains("IngestSuite"));
  std::set<std::string> databases;
  for (const auto& [database, tests] : suites.at("IngestSuite")) databases.insert(database);
  EXPECT_GE(databases.size(), 2U);

  int compared = 0;
  for (const auto& [suite, by_instance] : suites) {
    if (!databases.contains(by_instance.begin()->first)) continue;  // of values that are no databases
    ++compared;
    for (const std::string& database : databases) {
      ASSERT_TRUE(by_instance.contains(database)) << suite << " does not run on " << database;
      EXPECT_EQ(by_instance.at(database), by_instance.begin()->second) << suite << " on " << database;
    }
    EXPECT_EQ(by_instance.size(), databases.size()) << suite << " runs on a database that has no IngestSuite";
  }
  std::cout << "repository suites: " << compared << " on each of " << databases.size() << " databases\n";
  EXPECT_GT(compared, 1);
}

}  // namespace
}  // namespace nx::store
