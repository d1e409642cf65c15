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

#include "contract/hint_message.hpp"
#include "delivery/relay.hpp"
#include "fanout/shards.hpp"

namespace {

constexpr int kShards = 4;
constexpr int kHere = 5'000;  // users connected to this instance
const nx::fanout::Presence::LastReceived kNow{};

/// In the form of a UUID, 36 characters.
std::string user_id(std::mt19937_64& random) {
  std::string text(36, '\0');
  std::snprintf(text.data(), text.size() + 1, "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(random()),
                static_cast<unsigned>(random() & 0xffffU), static_cast<unsigned>(random() & 0xfffU),
                static_cast<unsigned>(random() & 0xfffU),
                static_cast<unsigned long long>(random() & 0xffff'ffff'ffffULL));
  return text;
}

std::string message(std::mt19937_64& random) {
  nx::contract::UsersMessage built("another-instance", {1'700'000'000'000});
  while (built.users() < nx::contract::kUsersAMessage) built.add({user_id(random)}, 123'456, 42);
  return built.finish(R"({"event":"observation/signal/notification/created","data":{"id":"n1","title":")" +
                      std::string(1'000, 'x') + "\"}");
}

double thread_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double median(std::vector<double>& rounds) {
  const auto middle = rounds.begin() + static_cast<std::ptrdiff_t>(rounds.size() / 2);
  std::nth_element(rounds.begin(), middle, rounds.end());
  return *middle;
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
  for (int i = 0; i < kShards; ++i) shards.add([] {});
  for (std::uint32_t i = 0; i < kHere; ++i) {
    const std::uint32_t shard = i % kShards;
    shards.presence().add_user({user_id(random)}, {{i, 1}, shard}, kNow, 0);
    shards.presence().count_open(shard, 1);
  }
  std::vector<double> relayed;
  std::vector<double> scanned;
  std::size_t quotes = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string fresh = message(random);  // ids that no cache has seen
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
  const double cost = median(relayed);
  const double floor = median(scanned);
  std::printf(
      "users message: %.0f µs of CPU for 1,000 ids of which none is here (goal 100), %.0f times one pass over its "
      "bytes\n",
      cost, cost / std::max(floor, 0.001));
}
