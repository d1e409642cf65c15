#include "replay/dead_letter_requests.hpp"

#include <atomic>
#include <future>
#include <map>
#include <new>
#include <set>
#include <thread>
#include <utility>

#include "component/eventually.hpp"
#include "component/replay/real_topics.hpp"

namespace nx::replay {
namespace {

using nx::testing::eventually;
using ::testing::HasSubstr;

class DeadLetterRequestsTest : public RealTopics {
 protected:
  Result<DeadLetterPage> list(std::size_t limit, std::optional<DeadLetterCursor> before = std::nullopt) {
    return answer<DeadLetterPage>([&](auto done) { return requests().list(limit, before, done); });
  }
  Result<LetterSent> replay(const kafka::Position& at, std::optional<std::string> value = std::nullopt) {
    return answer<LetterSent>([&](auto done) { return requests().replay(at, value, done); });
  }
  DeadLetterRequests& requests() {
    if (!requests_) requests_ = std::make_unique<DeadLetterRequests>(topics_, log_);
    return *requests_;
  }

  observe::Logger log_{{.level = observe::Level::error, .fd = -1}};
  std::unique_ptr<DeadLetterRequests> requests_;

 private:
  /// Asks again while the thread of the request before ends.
  template <class Value, class Ask>
  Result<Value> answer(Ask ask) {
    const auto said = std::make_shared<std::promise<Result<Value>>>();
    EXPECT_TRUE(eventually([&] { return ask([said](Result<Value> value) { said->set_value(std::move(value)); }); }));
    return said->get_future().get();
  }
};

TEST_F(DeadLetterRequestsTest, ListsLettersOfAllPartitionsNewestFirstPageByPage) {
  std::vector<Sent> sent;
  for (int i = 0; i < 25; ++i) {
    Sent one = letter("{" + std::to_string(i), 0, i, 1'796'025'600'000 + i);
    one.partition = i % 2;
    sent.push_back(one);
  }
  send(topics_.dlq_topic, sent);

  std::vector<std::string> seen;
  std::optional<DeadLetterCursor> before;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = list(4, before);
    ASSERT_TRUE(page) << page.error().message;
    for (const DeadLetter& one : page->letters) {
      seen.push_back(one.record.value);
      EXPECT_EQ(one.reason, "message: is cut");
      EXPECT_EQ(one.source->topic, "notifications");
      EXPECT_EQ(one.record.headers, (std::vector<kafka::Header>{{"own", "header"}}));
    }
    if (page->next.empty()) break;
    before = page->next;
  }

  ASSERT_EQ(seen.size(), 25U);
  for (int i = 0; i < 25; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], "{" + std::to_string(24 - i));
}

TEST_F(DeadLetterRequestsTest, AnEmptyTopicIsAnEmptyPage) {
  const auto page = list(10);
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->letters.empty());
  EXPECT_TRUE(page->next.empty());
}

TEST_F(DeadLetterRequestsTest, APageOfLargeLettersIsShort) {
  std::vector<Sent> sent;
  for (int i = 0; i < 40; ++i) sent.push_back(letter(std::string(70'000, 'x'), 0, i));
  send(topics_.dlq_topic, sent);

  const auto page = list(40);

  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->letters.size(), 15U) << "of 64 KiB and a few bytes in 1 MiB";
  EXPECT_TRUE(page->letters.front().truncated);
  EXPECT_EQ(page->next.at(0), 25);
}

TEST_F(DeadLetterRequestsTest, PagesOfLargeLettersOfTwoPartitionsHaveEachOnceInOrder) {
  std::vector<Sent> sent;
  for (int i = 0; i < 40; ++i) {
    sent.push_back(letter(std::string(70'000, 'x'), 0, i, 1'796'025'600'000 + i));
    sent.back().partition = i % 3 == 0 ? 1 : 0;
  }
  send(topics_.dlq_topic, sent);

  std::set<std::int64_t> seen;
  std::map<std::int32_t, std::int64_t>
      last;  // offset seen of each partition; its producer may have sent in another order
  std::optional<DeadLetterCursor> before;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = list(40, before);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_LE(page->letters.size(), 15U);
    for (const DeadLetter& one : page->letters) {
      EXPECT_TRUE(seen.insert(one.source->offset).second) << one.source->offset;
      const auto [place, first] = last.try_emplace(one.record.at.partition, one.record.at.offset);
      if (!first) {
        EXPECT_LT(one.record.at.offset, std::exchange(place->second, one.record.at.offset));
      }
    }
    if (page->next.empty()) break;
    before = page->next;
  }

  EXPECT_EQ(seen.size(), 40U);
}

TEST_F(DeadLetterRequestsTest, ARepairedLetterIsSentWithTheIdentityOfItsMessage) {
  send(topics_.dlq_topic, {letter("{", 2, 5)});

  const auto sent = replay({0, 0}, message("repaired"));

  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->source, "notifications/2/5/1796025600000");
  const auto found = records(topics_.topic);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at, sent->at);
  EXPECT_EQ(found[0].value, message("repaired"));
}

TEST_F(DeadLetterRequestsTest, WhatWouldBeADeadLetterAgainAndWhatIsNotThereAreRefused) {
  send(topics_.dlq_topic, {letter("{", 2, 5)});

  EXPECT_EQ(replay({0, 0}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(replay({0, 0}, "[]").error().kind, ErrorKind::invalid);
  for (const kafka::Position& nowhere : {kafka::Position{0, 1}, kafka::Position{1, 0}, kafka::Position{2, 0}}) {
    EXPECT_EQ(replay(nowhere, message("x")).error().kind, ErrorKind::not_found);
  }
  EXPECT_TRUE(records(topics_.topic).empty());
}

TEST_F(DeadLetterRequestsTest, OneIsServedAtATimeAndTheNextAfterIt) {
  std::promise<void> go;
  const auto released = go.get_future().share();
  ASSERT_TRUE(requests().list(1, std::nullopt, [released](const auto&) { released.wait(); }));
  EXPECT_FALSE(requests().list(1, std::nullopt, [](const auto&) { FAIL() << "it is busy"; }));
  EXPECT_FALSE(requests().replay({0, 0}, std::nullopt, [](const auto&) { FAIL() << "it is busy"; }));
  go.set_value();
  EXPECT_TRUE(list(1)) << "as soon as the first is done";
}

TEST_F(DeadLetterRequestsTest, BrokersThatAreAwayAreAnErrorWithinTheTimeOut) {
  topics_.connection.brokers = "127.0.0.1:1";
  topics_.connection.boot_timeout = std::chrono::milliseconds{300};
  const auto page = list(1);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
  const auto sent = replay({0, 0}, message("x"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(sent.error().message, HasSubstr("not reachable"));
}

TEST_F(DeadLetterRequestsTest, ARequestEndsInItsOwnTimeHoweverLongOneAnswerMayTake) {
  topics_.connection.brokers = "127.0.0.1:1";
  topics_.connection.boot_timeout = std::chrono::minutes{30};
  topics_.within = std::chrono::milliseconds{300};
  const auto page = list(1);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(replay({0, 0}, message("x")).error().message, HasSubstr("not reachable within"));
}

TEST_F(DeadLetterRequestsTest, ACallerThatThrowsEndsOnlyItsOwnRequest) {
  ASSERT_TRUE(requests().list(1, std::nullopt, [](const auto&) { throw std::bad_alloc(); }));
  EXPECT_TRUE(list(1));
}

TEST_F(DeadLetterRequestsTest, EachOfManyThreadsIsServedOrTurnedAway) {
  constexpr int kShards = 4, kRequests = 100;
  DeadLetterRequests& asked = requests();
  std::atomic<int> answered{0};
  std::vector<std::thread> shards;
  for (int i = 0; i < kShards; ++i) {
    shards.emplace_back([&] {
      for (int served = 0; served < kRequests;) {
        if (asked.replay({0, 0}, "[]", [&answered](const auto&) { ++answered; })) {
          ++served;
        } else {
          std::this_thread::yield();
        }
      }
    });
  }
  for (std::thread& one : shards) one.join();
  requests_.reset();
  EXPECT_EQ(answered, kShards * kRequests);
}

}  // namespace
}  // namespace nx::replay
