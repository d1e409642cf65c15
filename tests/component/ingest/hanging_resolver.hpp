#pragma once
// A resolver that does not answer: while one of these lives, every name look-up of this process waits for its end.

namespace nx::ingest::testing {

class HangingResolver {
 public:
  HangingResolver();
  ~HangingResolver();
  HangingResolver(const HangingResolver&) = delete;
  HangingResolver& operator=(const HangingResolver&) = delete;
};

}  // namespace nx::ingest::testing
