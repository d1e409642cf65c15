#include "ingest/rejoin.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTries = 5;

}  // namespace

void Rejoin::expect_partitions() {
  tries_left_ = kTries;
  backoff_.reset();
  next_ = Clock::now() + kAfter;
}

bool Rejoin::due() const {
  return tries_left_ != 0 && Clock::now() >= next_;
}

int Rejoin::begin() {
  --tries_left_;
  next_ = Clock::now() + backoff_.next();
  return tries_left_;
}

}  // namespace nx::ingest
