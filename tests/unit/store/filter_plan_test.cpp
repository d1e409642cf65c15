#include "store/filter_plan.hpp"

#include <gtest/gtest.h>

namespace nx::store {
namespace {

using Field = NotificationField;
using Source = FilterPlan::Source;

Where leaf(Field field, Operation operation, std::vector<Operand> operands = {}) {
  return where_of({.operation = operation, .subject = {.field = field}, .operands = std::move(operands)});
}
FilterPlan plan(std::vector<Where> parts) {
  FilterRequest request;
  request.where.parts = std::move(parts);
  return plan_of(request);
}
bool costly(std::vector<Where> parts, std::vector<OrderTerm> order = {}) {
  FilterRequest request;
  request.where.parts = std::move(parts);
  request.order = std::move(order);
  return is_costly(request);
}

TEST(FilterPlan, LeavesArchivedRowsOutUnlessTheWhereSpeaksOfThem) {
  EXPECT_EQ(plan({}).source, Source::inbox);
  EXPECT_EQ(plan({leaf(Field::archived_at, Operation::is_null)}).source, Source::inbox);
  EXPECT_EQ(plan({leaf(Field::archived_at, Operation::not_null)}).source, Source::archive);
  EXPECT_EQ(plan({leaf(Field::archived_at, Operation::greater, {EpochMs{1}})}).source, Source::archive);
  const Where either{
      .kind = Where::Kind::any,
      .parts = {leaf(Field::archived_at, Operation::is_null), leaf(Field::archived_at, Operation::not_null)}};
  EXPECT_EQ(plan({either}).source, Source::everything);
}

TEST(FilterPlan, WalksTheUnreadIndexWhereOnlyUnreadRowsAreWanted) {
  const FilterPlan unread = plan({leaf(Field::read_at, Operation::is_null)});
  EXPECT_EQ(unread.source, Source::unread);
  EXPECT_TRUE(unread.whole());
  // Archived rows do not count as unread, so their index does not hold them.
  EXPECT_FALSE(plan({leaf(Field::read_at, Operation::is_null), leaf(Field::archived_at, Operation::not_null)}).whole());
}

TEST(FilterPlan, TakesEndsOfSeqOutOfConditions) {
  const FilterPlan ends = plan({leaf(Field::seq, Operation::greater, {std::int64_t{5}}),
                                leaf(Field::seq, Operation::at_most, {std::int64_t{9}}),
                                leaf(Field::seq, Operation::between, {std::int64_t{1}, std::int64_t{8}})});
  EXPECT_EQ(ends.above, 5);
  EXPECT_EQ(ends.below, 9);
  EXPECT_TRUE(ends.whole());
  EXPECT_FALSE(plan({leaf(Field::seq, Operation::greater, {Operand{}})}).whole());
  EXPECT_FALSE(plan({leaf(Field::seq, Operation::not_equal, {std::int64_t{5}})}).whole());
}

TEST(FilterPlan, NarrowsIdsByTimesAndAsksTheRowsAgain) {
  const FilterPlan times = plan({leaf(Field::created_at, Operation::greater, {EpochMs{100}}),
                                 leaf(Field::created_at, Operation::less, {EpochMs{200}})});
  EXPECT_EQ(times.since, EpochMs{100});
  EXPECT_EQ(times.until, EpochMs{200});
  EXPECT_EQ(times.rest.parts.size(), 2u);
}

TEST(FilterPlan, LooksIdsUpAndAsksTheRestOfThem) {
  const FilterPlan ids = plan({leaf(Field::id, Operation::in, {NotificationId{}, NotificationId{}}),
                               leaf(Field::title, Operation::equal, {std::string{"x"}})});
  EXPECT_EQ(ids.source, Source::by_id);
  EXPECT_EQ(ids.ids.size(), 2u);
  EXPECT_EQ(ids.rest.parts.size(), 2u);  // the title, and that it is not archived
  EXPECT_EQ(plan({leaf(Field::id, Operation::in, {NotificationId{}, Operand{}})}).source, Source::inbox);
}

TEST(FilterPlan, AnOrderByCreatedAtWalksTheIds) {
  FilterRequest request;
  request.order = {{.subject = {.field = Field::created_at}, .descending = true},
                   {.subject = {.field = Field::title}, .descending = false}};
  const FilterPlan walk = plan_of(request);
  EXPECT_EQ(walk.source, Source::by_time);
  EXPECT_EQ(walk.kept, Source::inbox);
  EXPECT_EQ(walk.rest.parts.size(), 1u);  // that it is not archived
  EXPECT_FALSE(is_costly(request));
  request.where.parts = {leaf(Field::title, Operation::is_null)};
  EXPECT_TRUE(is_costly(request));
}

TEST(FilterPlan, ConditionsWithinGroupsMoveNothing) {
  const Where either{
      .kind = Where::Kind::any,
      .parts = {leaf(Field::seq, Operation::less, {std::int64_t{5}}), leaf(Field::title, Operation::is_null)}};
  const FilterPlan group = plan({either});
  EXPECT_FALSE(group.below);
  EXPECT_EQ(group.rest.parts.size(), 1u);
}

TEST(FilterPlan, OnlyWhatWalksAnIndexAndShowsWhatItPassesIsCheap) {
  EXPECT_FALSE(costly({}));
  EXPECT_FALSE(costly({leaf(Field::seq, Operation::less, {std::int64_t{5}})}));
  EXPECT_FALSE(costly({leaf(Field::read_at, Operation::is_null)}));
  EXPECT_FALSE(costly({leaf(Field::id, Operation::equal, {NotificationId{}}), leaf(Field::title, Operation::is_null)}));
  EXPECT_FALSE(costly({}, {{.subject = {.field = Field::seq}, .descending = false}}));
  EXPECT_TRUE(costly({leaf(Field::title, Operation::equal, {std::string{"x"}})}));
  EXPECT_TRUE(costly({}, {{.subject = {.field = Field::title}, .descending = false}}));
}

}  // namespace
}  // namespace nx::store
