#include "dialogue.hpp"

namespace nx::session {

using Texts = std::vector<std::string>;

class CatchUpTest : public Dialogue {
 protected:
  void begin(std::int64_t since) { connect(",\"since\":" + std::to_string(since)); }
  static MissedHints page(std::int64_t first, std::int64_t last, bool complete, std::int64_t newest) {
    MissedHints out;
    for (std::int64_t seq = first; seq <= last; ++seq) out.hints.push_back({seq, "row " + std::to_string(seq)});
    out.complete = complete;
    out.newest_seq = newest;
    out.unread = 4;
    return out;
  }
};

TEST_F(CatchUpTest, RowsThenCaughtUpThenWhatWasHeld) {
  begin(7);
  ASSERT_EQ(connection.missed_questions.size(), 1U);
  EXPECT_EQ(connection.missed_questions[0].since, 7);
  session.push("live 9", "", 9);
  session.push("direct", "", 0);
  session.push("live 10", "", 10);
  session.on_missed(page(8, 9, true, 9));
  session.push("live 11", "", 11);
  EXPECT_EQ(received(),
            (Texts{"row 8", "row 9", R"({"event":"caught-up","data":{"count":2,"complete":true,"seq":9,"unread":4}})",
                   "direct", "live 10", "live 11"}));
  EXPECT_EQ(connection.rows_sent, (std::vector<std::int64_t>{8, 9}));
}

TEST_F(CatchUpTest, APushOfASentRowThatComesLateIsNoRepeat) {
  begin(7);
  session.on_missed(page(8, 9, true, 9));
  session.push("live 9", "", 9);
  EXPECT_EQ(received().size(), 3U);
}

TEST_F(CatchUpTest, APushBelowTheCaughtUpSeqLongAfterwardsIsOfADatabaseThatNumbersAnew) {
  begin(7);
  session.on_missed(page(8, 9, true, 9));
  pass(kLatePush);
  session.push("live 4", "", 4);
  EXPECT_EQ(received().back(), "live 4");
}

TEST_F(CatchUpTest, PagesFollowEachOtherUpToTheLimit) {
  begin(0);
  std::int64_t next = 1;
  while (session.catching_up()) {
    const auto asked = connection.missed_questions.back();
    ASSERT_EQ(asked.since, next - 1);
    session.on_missed(page(next, next + static_cast<std::int64_t>(asked.limit) - 1, false, 1'000));
    next += static_cast<std::int64_t>(asked.limit);
  }
  const Texts said = received();
  ASSERT_EQ(said.size(), kMaxMissedHints + 1);
  EXPECT_EQ(said.back(), R"({"event":"caught-up","data":{"count":500,"complete":false,"seq":500,"unread":4}})");
}

TEST_F(CatchUpTest, RowsWaitForAClientThatReadsSlowly) {
  begin(0);
  connection.queued = connection.settings.backpressure_bytes;
  session.on_missed(page(1, 3, true, 3));
  EXPECT_TRUE(received().empty());
  connection.queued = 0;
  session.on_drained();
  EXPECT_EQ(received().size(), 4U);
}

TEST_F(CatchUpTest, ItEndsIncompleteWhenItTakesTooLong) {
  begin(0);
  connection.queued = connection.settings.backpressure_bytes;
  session.on_missed(page(1, 3, true, 3));
  pass(kCatchUpTimeout);
  EXPECT_EQ(received().back(), R"({"event":"caught-up","data":{"count":0,"complete":false,"seq":0,"unread":4}})");
}

TEST_F(CatchUpTest, MoreHeldThanTheBoundEndsIncompleteAtTheLastRow) {
  connection.settings.backpressure_bytes = 1'000;
  begin(0);
  for (int i = 0; i < 20; ++i) session.push("live", "", 3 + i);
  session.on_missed(page(1, 2, true, 2));
  const Texts said = received();
  EXPECT_EQ(said.at(2), R"({"event":"caught-up","data":{"count":2,"complete":false,"seq":2,"unread":4}})");
  EXPECT_GT(said.size(), 3U);
  EXPECT_LT(said.size(), 23U);
}

TEST_F(CatchUpTest, WhatWasHeldIsSealedInPiecesAsTheClientTakesIt) {
  connection.settings.backpressure_bytes = 100'000;
  begin(0);
  const std::string filler(4'000, 'x');
  const std::size_t each = crypto::Sealer::envelope_size(filler.size() + 2);
  for (char name = 'a'; name < 'p'; ++name) session.push(std::string{name, ' '}, filler, 0);
  connection.taken = connection.frames.size();
  session.on_missed(page(1, 1, true, 1));

  std::string order;
  std::size_t pieces = 1;
  bool interrupted = false;
  for (;; ++pieces) {
    EXPECT_LE(connection.queued_bytes(), 25'000 + 2 * each) << "in piece " << pieces;
    for (const std::string& text : received()) {
      if (text.ends_with('x')) order.push_back(text.front());
    }
    if (!session.catching_up()) break;
    if (!std::exchange(interrupted, true)) session.push("z ", filler, 0);  // live, and behind all of them
    pass(kCatchUpTimeout);                                                 // it is told no second end
    connection.taken = connection.frames.size();
    session.on_drained();
  }
  EXPECT_EQ(order, "abcdefghijklmnoz");
  EXPECT_GE(pieces, 3U);
  EXPECT_EQ(session.held_bytes(), 0U);
}

TEST_F(CatchUpTest, NothingIsLeftOutOnceTheEndWasTold) {
  connection.settings.backpressure_bytes = 100'000;
  begin(0);
  const std::string filler(4'000, 'x');
  for (int i = 0; i < 30; ++i) session.push("held ", filler, 0);  // not all of them: `complete` is false
  connection.taken = connection.frames.size();
  session.on_missed(page(1, 1, true, 1));
  ASSERT_TRUE(session.catching_up());
  for (int i = 0; i < 40; ++i) session.push("live ", filler, 0);  // and the client takes none
  EXPECT_LE(session.held_bytes(), 100'000U);
  while (session.catching_up()) {
    connection.taken = connection.frames.size();
    session.on_drained();
  }
  std::size_t live = 0;
  for (const std::string& text : received()) live += text.starts_with("live ") ? 1 : 0;
  EXPECT_EQ(live, 40U);
}

TEST_F(CatchUpTest, WhatIsHeldIsToldToTheLineUntilItIsSentOrTheSessionEnds) {
  begin(0);
  EXPECT_EQ(session.held_bytes(), 0U);
  session.push("live 3", "", 3);
  EXPECT_EQ(session.held_bytes(), crypto::Sealer::envelope_size(6));
  EXPECT_EQ(connection.holds, 1);
  session.on_missed(page(1, 2, true, 2));
  EXPECT_EQ(session.held_bytes(), 0U);

  RecordingConnection own;
  Session other(own, kId);
  other.on_message(R"({"event":"authenticate","data":{"token":"t","clientPublicKey":")" + peer.public_base64() +
                   R"(","since":0}})");
  other.on_verified(TokenUse::handshake, claims());
  other.push("live 3", "", 3);
  ASSERT_GT(other.held_bytes(), 0U);
  other.close(kSlowConsumer);
  EXPECT_EQ(other.held_bytes(), 0U);
  EXPECT_EQ(own.closed->code, kSlowConsumer.code);
}

TEST_F(CatchUpTest, TheRowsOfThePageInHandAreHeldUntilTheyAreSent) {
  begin(0);
  connection.queued = connection.settings.backpressure_bytes;
  session.on_missed(page(1, 3, true, 3));
  EXPECT_GT(session.held_bytes(), 0U);
  connection.queued = 0;
  session.on_drained();
  EXPECT_EQ(session.held_bytes(), 0U);
}

TEST_F(CatchUpTest, AnAbsentDatabaseEndsItAtTheSinceWithoutACount) {
  begin(7);
  session.push("live 8", "", 8);
  session.on_missed(fail(ErrorKind::unavailable, "away"));
  EXPECT_EQ(received(),
            (Texts{R"({"event":"caught-up","data":{"count":0,"complete":false,"seq":7,"unread":null}})", "live 8"}));
}

TEST_F(CatchUpTest, ASinceAboveTheInboxIsToldTheInboxsOwnAndHearsWhatFollows) {
  begin(900);
  session.push("live 3", "", 3);  // committed after the snapshot
  session.on_missed(page(1, 0, true, 2));
  session.push("live 4", "", 4);
  EXPECT_EQ(received(), (Texts{R"({"event":"caught-up","data":{"count":0,"complete":false,"seq":2,"unread":4}})",
                               "live 3", "live 4"}));
}

TEST_F(CatchUpTest, ASinceThatNoAnswerConfirmedWithholdsNothing) {
  begin(900);
  session.on_missed(fail(ErrorKind::unavailable, "away"));
  session.push("live 3", "", 3);
  EXPECT_EQ(received().back(), "live 3");
}

TEST_F(CatchUpTest, AnotherEpochIsAnsweredAsASinceOfZero) {
  connect(R"(,"since":900,"epoch":"old")");
  MissedHints first = page(1, 0, true, 2);
  first.epoch = "new";
  session.on_missed(std::move(first));
  ASSERT_EQ(connection.missed_questions.size(), 2U);
  EXPECT_EQ(connection.missed_questions[1].since, 0);
  MissedHints again = page(1, 2, true, 2);
  again.epoch = "new";
  session.on_missed(std::move(again));
  EXPECT_EQ(received(),
            (Texts{"row 1", "row 2",
                   R"({"event":"caught-up","data":{"count":2,"complete":true,"seq":2,"unread":4,"epoch":"new"}})"}));
}

TEST_F(CatchUpTest, TheEpochThatTheClientKnowsChangesNothing) {
  connect(R"(,"since":1,"epoch":"same")");
  MissedHints rows = page(2, 2, true, 2);
  rows.epoch = "same";
  session.on_missed(std::move(rows));
  EXPECT_EQ(connection.missed_questions.size(), 1U);
  EXPECT_EQ(received().back(),
            R"({"event":"caught-up","data":{"count":1,"complete":true,"seq":2,"unread":4,"epoch":"same"}})");
}

TEST_F(CatchUpTest, AnEpochThatIsNoTextIsAnotherOneAndNullIsNone) {
  for (const auto& [epoch, questions] : {std::pair{"7", 2U}, std::pair{"{}", 2U}, std::pair{"null", 1U}}) {
    SCOPED_TRACE(epoch);
    RecordingConnection own;
    Session other(own, kId);
    other.on_message(R"({"event":"authenticate","data":{"token":"t","clientPublicKey":")" + peer.public_base64() +
                     R"(","since":5,"epoch":)" + epoch + "}}");
    other.on_verified(TokenUse::handshake, claims());
    MissedHints rows = page(1, 0, true, 9);
    rows.epoch = "e";
    other.on_missed(std::move(rows));
    EXPECT_EQ(own.missed_questions.size(), questions);
  }
}

TEST_F(CatchUpTest, AnEpochThatChangesBetweenPagesBeginsAnew) {
  begin(0);
  MissedHints first = page(1, static_cast<std::int64_t>(kMissedPage), false, 1'000);
  first.epoch = "one";
  session.on_missed(std::move(first));
  MissedHints second = page(1, 0, true, 3);
  second.epoch = "two";
  session.on_missed(std::move(second));
  EXPECT_EQ(connection.missed_questions.back().since, 0);
  MissedHints whole = page(1, 3, true, 3);
  whole.epoch = "two";
  session.on_missed(std::move(whole));
  EXPECT_NE(received().back().find(R"("complete":true,"seq":3,"unread":4,"epoch":"two")"), std::string::npos);
}

TEST_F(CatchUpTest, ABadSinceGetsAnErrorAndNoCatchUp) {
  for (const char* since : {"-1", "1.5", "\"7\"", "null", "1e3"}) {
    SCOPED_TRACE(since);
    RecordingConnection own;
    Session other(own, kId);
    other.on_message(R"({"event":"authenticate","data":{"token":"t","clientPublicKey":")" + peer.public_base64() +
                     R"(","since":)" + since + "}}");
    other.on_verified(TokenUse::handshake, claims());
    EXPECT_EQ(own.frames.size(), 2U);
    EXPECT_TRUE(own.missed_questions.empty());
    EXPECT_TRUE(other.is_open());
    EXPECT_FALSE(own.closed);
  }
}

TEST_F(CatchUpTest, WithoutSinceNothingIsAsked) {
  connect();
  EXPECT_TRUE(connection.missed_questions.empty());
  EXPECT_TRUE(received().empty());
}

}  // namespace nx::session
