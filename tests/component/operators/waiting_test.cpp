// The thread of operators without a bus: when it sleeps, and when it wakes.

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "component/eventually.hpp"
#include "crypto/random.hpp"
#include "operators/operators.hpp"

namespace nx::operators {
namespace {

using namespace std::chrono_literals;
using contract::Findings;
using nx::testing::eventually;

const observe::Logger kQuiet{{.level = observe::Level::error, .fd = -1}};

/// Of this process's thread of that name: how often it has gone to sleep.
std::optional<long> sleeps_of(const std::string& name) {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(thread.path() / "comm"), comm);
    if (comm != name) continue;
    std::ifstream status(thread.path() / "status");
    for (std::string word; status >> word;) {
      long sleeps = 0;
      if (word == "voluntary_ctxt_switches:" && status >> sleeps) return sleeps;
    }
  }
  return std::nullopt;
}

TEST(Waiting, WhileNobodyAsksItsThreadSleeps) {
  OperatorCallbacks callbacks;
  callbacks.instance = uuid_text(crypto::uuid_v4());
  Operators operators(callbacks, {}, kQuiet);
  operators.start();
  ASSERT_TRUE(eventually([] { return sleeps_of("operators").value_or(0) > 0; }));
  const long before = *sleeps_of("operators");
  std::this_thread::sleep_for(500ms);
  EXPECT_LE(*sleeps_of("operators") - before, 2);
  operators.stop();
}

TEST(Waiting, AQuestionThatNobodyAnswersEndsInTimeAndSoDoesTheNext) {
  OperatorCallbacks callbacks;
  callbacks.instance = uuid_text(crypto::uuid_v4());
  callbacks.here = [](const contract::OperatorAsk&, const std::function<void(Findings)>&) {};
  Operators operators(callbacks, {.wait = 50ms}, kQuiet);
  operators.start();
  std::atomic<int> named{0};
  for (int i = 0; i < 3; ++i) {
    operators.ask(contract::ListClients{}, [&named](const std::optional<Gathered>& gathered) {
      named += static_cast<int>(gathered->missing.size());
    });
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_TRUE(eventually([&] { return named == 3; }));
  operators.ask(contract::ListClients{}, [&named](const auto&) { ++named; });
  EXPECT_TRUE(eventually([&] { return named == 4; }));
  operators.stop();
}

}  // namespace
}  // namespace nx::operators
