// A topic that is deleted and made again under its consumers.

#include "component/ingest/real_kafka.hpp"

namespace nx::ingest::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How a topic is made again, and what its consumers were at.
struct Remake {
  milliseconds gone{0};
  int messages = 0;  // of the new topic; the old one has 300
  int consumers = 1;
  bool holding = false;  // the database is away meanwhile
};

class RemadeTopic : public RealKafka {
 protected:
  std::size_t new_ones() const {
    std::size_t count = 0;
    for (const auto& [title, times] : rows.titles()) count += title.starts_with('n') ? 1U : 0U;
    return count;
  }
  std::vector<Sent> titled(const std::string& stem, int count) const {
    std::vector<Sent> messages;
    for (int i = 0; i < count; ++i)
      messages.push_back({.value = message(stem + std::to_string(i)), .partition = i % 3});
    return messages;
  }

  void run(const Remake& remake) {
    topics.create(topic, 3);
    std::vector<std::unique_ptr<Instance>> all;
    for (int i = 0; i < remake.consumers; ++i) all.push_back(start(options()));
    send(titled("old", 300));
    ASSERT_TRUE(eventually([this] { return rows.stored() == 300; }));
    ASSERT_TRUE(eventually([this] { return committed(broker.plaintext, topic, group) == 300; }));
    if (remake.holding) {
      rows.set_away(true);
      send({{.value = message("held"), .partition = 0}});
      ASSERT_TRUE(eventually([&] { return all[0]->consumer().stats().retries > 1; }));
    }

    topics.remove(topic);
    std::this_thread::sleep_for(remake.gone);
    topics.create(topic, 3);
    const auto back = Clock::now();
    send(titled("n", remake.messages));
    if (remake.holding) {
      std::this_thread::sleep_for(seconds{3});
      rows.set_away(false);
    }

    EXPECT_TRUE(eventually([&] { return new_ones() == static_cast<std::size_t>(remake.messages); }))
        << new_ones() << " of " << remake.messages;
    std::printf("topic made again after %.1f s: all of the new one stored %.1f s after it was back\n",
                std::chrono::duration<double>(remake.gone).count(), seconds_since(back));
    EXPECT_LT(seconds_since(back), kPatience * 10);
    if (remake.holding) {
      EXPECT_TRUE(eventually([&] { return rows.titles().contains("held"); })) << "what only we had is lost";
    }
    for (const auto& [title, times] : rows.titles()) EXPECT_EQ(times, 1) << title;
    EXPECT_TRUE(book.says("error kafka topic"));
    EXPECT_TRUE(eventually([&] { return all[0]->consumer().ready(); }));
    EXPECT_TRUE(eventually([&] { return committed(broker.plaintext, topic, group) == remake.messages; }));
    const auto stopping = Clock::now();
    all.clear();
    EXPECT_LT(seconds_since(stopping), kPatience * 10) << "a client that does not end holds the program up";
  }
};

TEST_F(RemadeTopic, ShorterThanTheOldOne) {
  run({.gone = seconds{2}, .messages = 30});
}
// The old position is a good one in the new topic: nothing but the group's vanished offsets tells.
TEST_F(RemadeTopic, AtOnceAndLongerThanTheOldOne) {
  run({.gone = milliseconds{0}, .messages = 900, .consumers = 2});
}
TEST_F(RemadeTopic, WhileTheDatabaseIsAway) {
  run({.gone = seconds{3}, .messages = 900, .holding = true});
}

// librdkafka can leave a whole group without partitions after such a change, by a race that no test can order. What a
// member does then is seen where it rightly has none: two members, one partition.
TEST_F(RemadeTopic, AMemberThatIsLeftWithoutPartitionsJoinsAgainAndNothingIsLost) {
  topics.create(topic, 2);
  std::vector<std::unique_ptr<Instance>> all;
  for (int i = 0; i < 2; ++i) all.push_back(start(options()));
  const auto assigned = [&](int i) { return all[static_cast<std::size_t>(i)]->consumer().stats().assigned_partitions; };
  ASSERT_TRUE(eventually([&] { return assigned(0) == 1 && assigned(1) == 1; }));
  send({{.value = message("old0"), .partition = 0}, {.value = message("old1"), .partition = 1}});
  ASSERT_TRUE(eventually([&] { return committed(broker.plaintext, topic, group) == 2; }));
  topics.remove(topic);
  ASSERT_TRUE(eventually([&] { return book.says("error kafka topic"); }));
  topics.create(topic, 1);
  ASSERT_TRUE(eventually([&] { return assigned(0) + assigned(1) == 1; }));
  send({{.value = message("n0"), .partition = 0}});
  ASSERT_TRUE(eventually([&] { return new_ones() == 1; }));

  EXPECT_TRUE(eventually([&] { return book.says("warn kafka group joined again"); }));
  send({{.value = message("n1"), .partition = 0}});
  EXPECT_TRUE(eventually([&] { return new_ones() == 2 && assigned(0) + assigned(1) == 1; }));
  for (const auto& [title, times] : rows.titles()) EXPECT_EQ(times, 1) << title;
}

}  // namespace
}  // namespace nx::ingest::testing
