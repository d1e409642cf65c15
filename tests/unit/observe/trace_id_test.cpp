#include "observe/trace_id.hpp"

#include <gtest/gtest.h>

namespace nx::observe {
namespace {

TEST(TraceId, IsReadFromASampledTraceparent) {
  const auto trace = sampled_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

  ASSERT_TRUE(trace);
  std::string text;
  append_trace_id(text, *trace);
  EXPECT_EQ(text, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_TRUE(sampled_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03")) << "another flag beside it";
  EXPECT_TRUE(sampled_trace("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")) << "a later version";
}

TEST(TraceId, IsAbsentIfNobodyRecordsTheTraceOrTheTextIsNotATraceparent) {
  EXPECT_FALSE(sampled_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")) << "not sampled";
  EXPECT_FALSE(sampled_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02")) << "not sampled";
  EXPECT_FALSE(sampled_trace("00-00000000000000000000000000000000-b7ad6b7169203331-01")) << "no trace";
  EXPECT_FALSE(sampled_trace("00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01")) << "not hexadecimal";
  EXPECT_FALSE(sampled_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"));
  EXPECT_FALSE(sampled_trace(""));
}

}  // namespace
}  // namespace nx::observe
