// What a hint for a thousand users costs an instance that holds none of them: every instance pays that for every such
// message.
//   users_message [ROUNDS]      301 by default; prints the median CPU time of a message, and the same for scanning its
//   bytes once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "../tests/component/delivery/users_elsewhere.hpp"
#include "delivery/relay.hpp"
#include "fanout/shards.hpp"
#include "quantile.hpp"

namespace {

double thread_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 301;
  if (rounds < 1) {
    std::fprintf(stderr, "usage: users_message [ROUNDS]\n");
    return 2;
  }
  const nx::observe::Logger quiet{{.level = nx::observe::Level::error}};
  std::mt19937_64 random{11};
  nx::fanout::Shards shards;
  nx::fanout::FanOut fan_out{shards};
  nx::delivery::Relay relay{{.server_id = "this-instance"}, fan_out, quiet};
  for (int i = 0; i < nx::delivery::kShards; ++i) shards.add([] {});
  nx::delivery::connect_users(shards, random);
  std::vector<double> relayed;
  std::vector<double> scanned;
  std::size_t quotes = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string fresh = nx::delivery::users_message(random);  // ids that no cache has seen
    double began = thread_microseconds();
    relay.to_users(fresh);
    relayed.push_back(thread_microseconds() - began);
    began = thread_microseconds();
    quotes += static_cast<std::size_t>(std::count(fresh.begin(), fresh.end(), '"'));
    scanned.push_back(thread_microseconds() - began);
  }
  if (relay.stats().nobody.value() != static_cast<std::uint64_t>(rounds) || quotes == 0) {
    std::fprintf(stderr, "users_message: a message was not read as one for nobody here\n");
    return 1;
  }
  const double cost = nx::bench::median(relayed);
  const double floor = nx::bench::median(scanned);
  std::printf(
      "users message: %.0f µs of CPU for 1,000 ids of which none is here (goal 100), %.0f times one pass over its "
      "bytes\n",
      cost, cost / std::max(floor, 0.001));
}
