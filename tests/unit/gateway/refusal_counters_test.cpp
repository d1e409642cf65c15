#include "gateway/refusal_counters.hpp"

#include <gtest/gtest.h>

namespace nx::gateway {

TEST(RefusalCounters, EveryStatusIsCountedUnderItsOwnAndUnknownOnesTogether) {
  RefusalCounters refusals;
  for (const int status : kCountedRefusals) refusals.add(status);
  for (const int other : {401, 500, -1}) refusals.add(other);
  for (std::size_t i = 0; i < kCountedRefusals.size(); ++i) {
    EXPECT_EQ(refusals.value(i), kCountedRefusals[i] == 0 ? 4U : 1U) << kCountedRefusals[i];
  }
}

}  // namespace nx::gateway
