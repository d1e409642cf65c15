// Both implementations run every test of the shared suites: a suite that one of them does not instantiate would pass
// unnoticed.

#include <iostream>
#include <string>

#include <gtest/gtest.h>

namespace nx::store {
namespace {

int tests_of(const std::string& backend) {
  int count = 0;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    if (std::string{suite.name()}.starts_with(backend + "/")) count += suite.total_test_count();
  }
  return count;
}

TEST(RepositorySuites, RunEveryTestOnBothDatabases) {
  const int sqlite = tests_of("Sqlite");
  const int postgres = tests_of("Postgres");
  std::cout << "repository suites: " << sqlite << " tests on SQLite, " << postgres << " on PostgreSQL\n";

  EXPECT_GT(sqlite, 0);
  EXPECT_EQ(sqlite, postgres);
}

}  // namespace
}  // namespace nx::store
