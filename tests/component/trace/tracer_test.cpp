// The export to a collector that answers, refuses, hangs or is absent.

#include "trace/tracer.hpp"

#include <unistd.h>

#include <gtest/gtest.h>

#include "component/answering_server.hpp"
#include "component/eventually.hpp"
#include "json/value.hpp"

namespace nx::trace {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using nx::testing::eventually;

const observe::Logger kQuiet{{.level = observe::Level::error}};

class TracerTest : public ::testing::Test {
 protected:
  TracerOptions options(std::string url) const {
    return {
        .url = std::move(url), .source = {"1", "i", "topic", "group", "sqlite"}, .timeout = timeout, .interval = 10ms};
  }
  static void add(SpanWriter& writer, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      writer.add(
          {.self = writer.child_of({{1, 2}, 3}), .parent = 3, .begin = now(), .end = now(), .details = Frame{1}});
    }
  }
  static std::size_t spans_in(const std::string& body) {
    const auto document = json::parse(body);
    EXPECT_TRUE(document);
    if (!document) return 0;
    const auto& of_resource = document->find("resourceSpans")->items().at(0);
    return of_resource.find("scopeSpans")->items().at(0).find("spans")->items().size();
  }
  std::chrono::milliseconds timeout = 60s;
};

TEST_F(TracerTest, SendsTheSpansOfAllThreadsAsJson) {
  AnsweringServer server("{}");
  Tracer tracer(options(server.address() + "/"), kQuiet);
  SpanWriter& one = tracer.writer();
  SpanWriter& other = tracer.writer();
  add(one, 2);
  add(other, 3);
  tracer.start();

  ASSERT_TRUE(eventually([&] { return tracer.stats().exported == 5; }));
  tracer.stop(10s);
  EXPECT_TRUE(server.last_request().starts_with("POST /v1/traces HTTP/1.1\r\n"));
  EXPECT_NE(server.last_request().find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  std::size_t sent = 0;
  for (const std::string& body : server.bodies()) sent += spans_in(body);
  EXPECT_EQ(sent, 5U);
}

TEST_F(TracerTest, TheStopSendsWhatIsLeft) {
  AnsweringServer server("{}");
  Tracer tracer(options(server.address()), kQuiet);
  SpanWriter& writer = tracer.writer();
  tracer.start();
  add(writer, 700);
  tracer.stop(60s);

  EXPECT_EQ(tracer.stats().exported, 700U);
}

TEST_F(TracerTest, SpansThatTheCollectorRejectsAreCounted) {
  AnsweringServer server(R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}})");
  Tracer tracer(options(server.address()), kQuiet);
  add(tracer.writer(), 5);
  tracer.start();

  EXPECT_TRUE(eventually([&] { return tracer.stats().exported == 3 && tracer.stats().refused == 2; }));
}

TEST_F(TracerTest, AnAnswerThatIsNotOfACollectorRejectsNothing) {
  for (const char* body :
       {"", "not json", "[]", R"({"partialSuccess":7})", R"({"partialSuccess":{"rejectedSpans":-1}})",
        R"({"partialSuccess":{"rejectedSpans":"99999999999999999999"}})"}) {
    AnsweringServer server(body);
    Tracer tracer(options(server.address()), kQuiet);
    add(tracer.writer(), 1);
    tracer.start();
    EXPECT_TRUE(eventually([&] { return tracer.stats().exported == 1; })) << body;
  }
}

TEST_F(TracerTest, AnAnswerOverItsBoundsIsAFailure) {
  constexpr std::size_t kTooMuch = 65UL * 1024;
  std::string fields;
  while (fields.size() < kTooMuch) fields += "X-Field: " + std::string(1'000, 'x') + "\r\n";
  for (const bool in_head : {true, false}) {
    AnsweringServer server("");
    server.answer(in_head ? "{}" : std::string(kTooMuch, ' '), "200 OK", in_head ? fields : "");
    Tracer tracer(options(server.address()), kQuiet);
    add(tracer.writer(), 1);
    tracer.start();
    ASSERT_TRUE(eventually([&] { return tracer.stats().requests_failed > 0; })) << in_head;
    EXPECT_EQ(tracer.stats().exported, 0U);
  }
}

TEST_F(TracerTest, A503IsRepeatedAndItsSpansArriveOnce) {
  AnsweringServer server("");
  server.answer("", "503 Service Unavailable", "Retry-After: 1\r\n");
  Tracer tracer(options(server.address()), kQuiet);
  SpanWriter& writer = tracer.writer();
  add(writer, 4);
  tracer.start();
  server.await_requests(1);
  server.answer("{}");

  ASSERT_TRUE(eventually([&] { return tracer.stats().exported == 4; }));
  EXPECT_GE(tracer.stats().requests_failed, 1U);
  EXPECT_EQ(tracer.stats().no_room, 0U);
}

TEST_F(TracerTest, WhileTheCollectorHangsNobodyWaitsAndWhatDoesNotFitIsCounted) {
  AnsweringServer server("{}");
  server.hold();
  Tracer tracer(options(server.address()), kQuiet);
  SpanWriter& writer = tracer.writer();
  tracer.start();
  add(writer, 1);
  server.await_requests(1);
  constexpr std::size_t kMany = 2 * ExportQueue::kMaxSpans;
  std::size_t added = 1;
  for (; added < kMany; added += 500) {
    add(writer, 500);
    std::this_thread::sleep_for(20ms);  // the queue fills, not only the ring of this thread
  }

  EXPECT_TRUE(
      eventually([&] { return tracer.stats().no_room >= kMany - ExportQueue::kMaxSpans - SpanWriter::kSpans; }));
  const auto began = Clock::now();
  tracer.stop(200ms);
  EXPECT_LT(Clock::now() - began, 5s) << "the time-out of the request is a minute";
  EXPECT_EQ(tracer.stats().exported, 0U);
}

TEST_F(TracerTest, ARequestThatIsNotAnsweredEndsAfterItsTimeOutAndIsRepeated) {
  timeout = 100ms;
  AnsweringServer server("{}");
  server.hold();
  Tracer tracer(options(server.address()), kQuiet);
  add(tracer.writer(), 1);
  tracer.start();

  ASSERT_TRUE(eventually([&] { return tracer.stats().requests_failed >= 1; }));
  server.release();
  EXPECT_TRUE(eventually([&] { return tracer.stats().exported == 1; }));
}

TEST_F(TracerTest, WithoutACollectorTheSpansWaitAndTheStopIsBounded) {
  std::string nobody;
  {
    const AnsweringServer gone("");
    nobody = gone.address();
  }
  Tracer tracer(options(nobody), kQuiet);
  add(tracer.writer(), 10);
  tracer.start();

  ASSERT_TRUE(eventually([&] { return tracer.stats().requests_failed >= 1; }));
  EXPECT_EQ(tracer.stats().refused, 0U);
  const auto began = Clock::now();
  tracer.stop(200ms);
  EXPECT_LT(Clock::now() - began, 5s);
}

TEST_F(TracerTest, LogsOnceThatTheCollectorFailsAndOnceThatItIsBack) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  AnsweringServer server("");
  server.answer("", "404 Not Found");
  {
    const observe::Logger log{{.level = observe::Level::info, .format = observe::LogFormat::json, .fd = ends[1]}};
    Tracer tracer(options(server.address()), log);
    SpanWriter& writer = tracer.writer();
    tracer.start();
    for (std::uint64_t i = 1; i <= 3; ++i) {
      add(writer, 1);
      ASSERT_TRUE(eventually([&] { return tracer.stats().refused == i; }));
    }
    server.answer("{}");
    add(writer, 1);
    ASSERT_TRUE(eventually([&] { return tracer.stats().exported == 1; }));
    tracer.stop(10s);
  }
  close(ends[1]);
  std::string text(4'096, '\0');
  const ssize_t size = read(ends[0], text.data(), text.size());
  close(ends[0]);
  ASSERT_GT(size, 0);
  text.resize(static_cast<std::size_t>(size));
  EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;
  EXPECT_NE(text.find(R"("event":"spans not exported","reason":"HTTP status 404")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("event":"spans exported again")"), std::string::npos) << text;
}

}  // namespace
}  // namespace nx::trace
