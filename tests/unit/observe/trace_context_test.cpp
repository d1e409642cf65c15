#include "observe/trace_context.hpp"

#include <gtest/gtest.h>

namespace nx::observe {
namespace {

constexpr const char* kHeader = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, IsReadFromASampledTraceparentAndWrittenAsItWas) {
  const auto context = sampled_context(kHeader);

  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace, (TraceId{.high = 0x0af7651916cd43dd, .low = 0x8448eb211c80319c}));
  EXPECT_EQ(context->span, 0xb7ad6b7169203331U);
  EXPECT_EQ(traceparent_text(*context), kHeader);
}

TEST(TraceContext, OtherFlagsAndLaterVersionsAreRead) {
  EXPECT_TRUE(sampled_context("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"));
  EXPECT_TRUE(sampled_context("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
  EXPECT_TRUE(sampled_context("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff"));
}

TEST(TraceContext, IsReadButNotSampledIfNobodyRecordsTheTrace) {
  const auto parsed = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->sampled);
  EXPECT_FALSE(sampled_context("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));
  EXPECT_FALSE(sampled_context("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02"));
}

TEST(TraceContext, IsAbsentIfTheTextIsNotATraceparent) {
  for (const std::string text : {
           "",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",        // too short
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",  // version 00 has no more
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",   // no dash before more
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",       // not a version
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",       // no trace
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",       // no span
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",       // upper case
           "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",       // not hexadecimal
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-101",       // a dash elsewhere
           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",       // no dashes
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692\"3331-01",      // a quote
           "00-+af7651916cd43dd8448eb211c80319c- 7ad6b7169203331-01",       // a sign and a space
       }) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
    EXPECT_FALSE(sampled_context(text)) << text;
  }
  EXPECT_FALSE(sampled_context("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-" + std::string(100, 'x')));
}

}  // namespace
}  // namespace nx::observe
