// The next batch of a partition is stored while the hints of the one before are sent; order and offsets stay.

#include <mutex>

#include "component/ingest/fixture.hpp"

namespace nx::ingest::testing {
namespace {

using std::chrono::milliseconds;

/// Hints in the order in which they were sent. Those with a chosen title wait until they are let go on, or fail.
class Hints {
 public:
  delivery::PushHint push() {
    return [this](const fanout::Payload& head, const std::vector<fanout::HintRecipient>& to, const auto&) {
      while (hangs(*head)) std::this_thread::sleep_for(milliseconds{5});
      const std::lock_guard lock{mutex_};
      if (title_of(*head) == failing_title_) throw std::logic_error("hint broken on purpose");
      sent_.push_back(title_of(*head));
      return delivery::Pushed{.here = to.size()};
    };
  }
  void hang_for(const std::string& title) {
    const std::lock_guard lock{mutex_};
    hanging_title_ = title;
  }
  void fail_for(const std::string& title) {
    const std::lock_guard lock{mutex_};
    failing_title_ = title;
  }
  std::vector<std::string> sent() const {
    const std::lock_guard lock{mutex_};
    return sent_;
  }

 private:
  static std::string title_of(const std::string& head) {
    const std::size_t at = head.find(R"("title":")") + 9;
    return head.substr(at, head.find('"', at) - at);
  }
  bool hangs(const std::string& head) const {
    const std::lock_guard lock{mutex_};
    return !hanging_title_.empty() && title_of(head) == hanging_title_;
  }

  mutable std::mutex mutex_;  // guards all below
  std::string hanging_title_, failing_title_;
  std::vector<std::string> sent_;
};

class FollowedBatches : public Ingest {
 protected:
  void SetUp() override {
    Ingest::SetUp();
    push = hints.push();
  }
  void send(int from, int to, std::int32_t partition = 0) {
    std::vector<Sent> messages;
    for (int i = from; i < to; ++i) {
      messages.push_back({.value = message("n" + std::to_string(i)), .partition = partition});
    }
    producer->send(kTopic, messages);
  }
  /// One message is one batch, however slowly the consumer reads.
  void send_stored(int number) {
    const std::size_t before = rows.stored();
    send(number, number + 1);
    ASSERT_TRUE(eventually([&] { return rows.stored() == before + 1; })) << number;
  }
  bool commits(std::int64_t count) {
    return eventually([&] { return committed(broker->bootstrap(), kTopic) == count; });
  }
  static std::vector<std::string> titles(int from, int to) {
    std::vector<std::string> all;
    for (int i = from; i < to; ++i) all.push_back("n" + std::to_string(i));
    return all;
  }
  /// Lets hints that hang go on before the consumer ends, whatever has become of the test: made after it.
  struct LetGoOn {
    Hints& hints;
    ~LetGoOn() { hints.hang_for(""); }
  };

  Hints hints;
};

TEST_F(FollowedBatches, TheNextBatchOfAPartitionIsStoredWhileHintsAreSentAndItsOwnHintsWaitForThem) {
  hints.hang_for("n0");
  const auto consumer = start(options());
  const LetGoOn at_the_end{hints};
  send_stored(0);

  send_stored(1);
  send(2, 3);
  std::this_thread::sleep_for(milliseconds{300});
  EXPECT_EQ(rows.stored(), 2U) << "a third batch of the partition is with a worker";
  EXPECT_TRUE(hints.sent().empty());
  EXPECT_LE(committed(broker->bootstrap(), kTopic), 0) << "an offset is committed before its hint is sent";

  hints.hang_for("");
  ASSERT_TRUE(eventually([this] { return hints.sent().size() == 3; }));
  EXPECT_EQ(hints.sent(), titles(0, 3));
  EXPECT_TRUE(commits(3));
}

TEST_F(FollowedBatches, ABatchWithoutHintsDoesNotLetTheNextOneOvertake) {
  hints.hang_for("n0");
  const auto consumer = start(options());
  const LetGoOn at_the_end{hints};
  producer->send(kTopic, {{.value = message("n0", R"(,"id":"k")"), .partition = 0}});
  ASSERT_TRUE(eventually([this] { return rows.stored() == 1; }));
  producer->send(kTopic, {{.value = message("again", R"(,"id":"k")"), .partition = 0}});
  ASSERT_TRUE(eventually([this] { return rows.calls() == 2; }));
  send(1, 2);
  std::this_thread::sleep_for(milliseconds{300});
  EXPECT_TRUE(hints.sent().empty());

  hints.hang_for("");
  ASSERT_TRUE(eventually([this] { return hints.sent().size() == 2; }));
  EXPECT_EQ(hints.sent(), titles(0, 2));
  EXPECT_TRUE(commits(3));
}

TEST_F(FollowedBatches, OneThousandMessagesOfEachOfThreePartitionsAreHintedInTheirOrder) {
  for (int partition = 0; partition < 3; ++partition) send(partition * 1'000, (partition + 1) * 1'000, partition);

  const auto consumer = start(options());

  ASSERT_TRUE(eventually([this] { return hints.sent().size() == 3'000; }));
  std::map<int, std::vector<std::string>> of;
  for (const std::string& title : hints.sent()) of[std::stoi(title.substr(1)) / 1'000].push_back(title);
  for (int partition = 0; partition < 3; ++partition) {
    EXPECT_EQ(of[partition], titles(partition * 1'000, (partition + 1) * 1'000));
  }
  EXPECT_TRUE(commits(3'000));
}

TEST_F(FollowedBatches, ABatchThatIsHeldBackWhileEarlierHintsAreSentIsStoredLater) {
  hints.hang_for("n0");
  const auto consumer = start(options());
  const LetGoOn at_the_end{hints};
  send_stored(0);

  rows.set_away(true);
  send(1, 3);
  ASSERT_TRUE(eventually([this] { return rows.calls() >= 2; }));
  hints.hang_for("");
  ASSERT_TRUE(eventually([&] { return consumer->stats().held_partitions == 1; }));
  EXPECT_TRUE(commits(1));

  rows.set_away(false);
  ASSERT_TRUE(eventually([this] { return hints.sent().size() == 3; }));
  EXPECT_EQ(hints.sent(), titles(0, 3));
  EXPECT_TRUE(commits(3));
}

TEST_F(FollowedBatches, ABatchWithADeadLetterIsSettledBeforeTheNextIsStored) {
  rows.hang_for("hangs");
  hints.hang_for("n0");
  const auto consumer = start(options());
  const LetGoOn at_the_end{hints};
  producer->send(kTopic, {{.value = message("hangs"), .partition = 0}});
  ASSERT_TRUE(eventually([this] { return rows.hanging() == 1; }));
  producer->send(kTopic, {{.value = message("n0"), .partition = 0}, {.value = "{not json", .partition = 0}});
  ASSERT_TRUE(eventually([&] { return consumer->stats().records == 3; }));  // together they are the next batch
  rows.let_go_on();
  ASSERT_TRUE(eventually([this] { return rows.stored() == 2; }));

  send(1, 2);
  std::this_thread::sleep_for(milliseconds{300});
  EXPECT_EQ(rows.stored(), 2U);

  hints.hang_for("");
  EXPECT_TRUE(commits(4));
  EXPECT_EQ(hints.sent(), (std::vector<std::string>{"hangs", "n0", "n1"}));
}

TEST_F(FollowedBatches, AnExceptionWhileHintsAreSentEndsConsumingAndNothingOfThePartitionIsCommitted) {
  hints.hang_for("n0");
  auto consumer = start(options());
  {
    const LetGoOn at_the_end{hints};
    send_stored(0);
    send_stored(1);
    hints.fail_for("n0");
  }
  ASSERT_TRUE(eventually([&] { return consumer->failure().has_value(); }));
  EXPECT_NE(consumer->failure()->find("hint broken on purpose"), std::string::npos) << *consumer->failure();
  consumer.reset();

  hints.fail_for("");
  consumer = start(options());
  EXPECT_TRUE(commits(2));
  EXPECT_EQ(rows.redelivered(), 2U);
  const auto sent = hints.sent();
  EXPECT_EQ((std::vector<std::string>{sent.end() - 2, sent.end()}), titles(0, 2));
}

TEST_F(FollowedBatches, AConsumerThatStopsWaitsForHintsAndCommitsTheirOffsets) {
  hints.hang_for("n0");
  auto consumer = start(options());
  const LetGoOn at_the_end{hints};
  send_stored(0);
  send_stored(1);

  std::thread later{[this] {
    std::this_thread::sleep_for(milliseconds{300});
    hints.hang_for("");
  }};
  consumer->stop();
  later.join();

  EXPECT_EQ(hints.sent(), titles(0, 2));
  EXPECT_EQ(committed(broker->bootstrap(), kTopic), 2);
}

TEST_F(FollowedBatches, APartitionThatIsTakenAwayWithTwoBatchesAtWorkLosesNothing) {
  hints.hang_for("n0");
  const auto first = start(options());
  const LetGoOn at_the_end{hints};
  send_stored(0);
  send_stored(1);

  const auto second = start(options());
  ASSERT_TRUE(eventually([&] { return second->stats().assigned_partitions > 0; }));
  hints.hang_for("");
  EXPECT_TRUE(commits(2));
  for (int partition = 0; partition < 3; ++partition) send(10 * partition + 10, 10 * partition + 15, partition);
  EXPECT_TRUE(commits(17));
  EXPECT_EQ(rows.stored(), 17U);
}

TEST_F(FollowedBatches, APartitionWhoseHintsAreBeingSentLeavesTheFreeWorkerToTheOthers) {
  hints.hang_for("n0");
  rows.hang_for("hangs");
  const auto consumer = start(options());
  const LetGoOn at_the_end{hints};
  send_stored(0);
  producer->send(kTopic, {{.value = message("hangs"), .partition = 1}});
  ASSERT_TRUE(eventually([this] { return rows.hanging() == 1; }));

  send(1, 2);
  producer->send(kTopic, {{.value = message("other"), .partition = 2}});
  ASSERT_TRUE(eventually([&] { return consumer->stats().records == 4; }));
  rows.let_go_on();

  ASSERT_TRUE(eventually([this] { return rows.stored() == 4; }));
  const auto order = rows.order();
  EXPECT_NE(order[2].find("/2/"), std::string::npos) << order[2];
  EXPECT_NE(order[3].find("/0/"), std::string::npos) << order[3];
}

}  // namespace
}  // namespace nx::ingest::testing
