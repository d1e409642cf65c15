#include "emitter/include/nxsignal/emitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/emitter/subscriber.hpp"
#include "component/redis_server.hpp"
#include "component/tls_redis_server.hpp"

namespace nxsignal {
namespace {

using nx::testing::free_port;
using nx::testing::RedisCluster;
using nx::testing::RedisServer;
using nx::testing::Subscriber;
using nx::testing::TlsRedisServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Status = Outcome::Status;

Options options(std::string url) {
  Options made;
  made.url = std::move(url);
  return made;
}

std::string local(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

constexpr const char* kBroadcast = R"(ws:broadcast {"serverId":"emitter","type":"broadcast","event":"e"})";

TEST(Emitter, PublishesEachKindOverOneConnection) {
  const RedisServer server;
  Subscriber subscriber(server.port());
  Emitter emitter(options(server.url()));

  EXPECT_TRUE(emitter.to_user("u1", "created", R"({ "a": 1 })"));
  EXPECT_TRUE(emitter.to_user(7, "created"));
  EXPECT_TRUE(emitter.to_room("r", "e", "0", std::vector<std::string>{"c1", "c2"}));
  EXPECT_TRUE(emitter.to_client("c1", "e"));
  EXPECT_TRUE(emitter.broadcast("e"));

  EXPECT_EQ(subscriber.next(),
            R"(ws:user:u1 {"serverId":"emitter","type":"user","target":"u1","event":"created","data":{"a":1}})");
  EXPECT_EQ(subscriber.next(), R"(ws:user:7 {"serverId":"emitter","type":"user","target":7,"event":"created"})");
  EXPECT_EQ(
      subscriber.next(),
      R"(ws:room:r {"serverId":"emitter","type":"room","target":"r","event":"e","data":0,"exclude":["c1","c2"]})");
  EXPECT_EQ(subscriber.next(), R"(ws:client:c1 {"serverId":"emitter","type":"client","target":"c1","event":"e"})");
  EXPECT_EQ(subscriber.next(), kBroadcast);
  const std::string clients = server.cli("client list type normal");
  EXPECT_NE(clients.find("name=nx-signal-emitter"), std::string::npos);
  EXPECT_EQ(clients.find("name=nx-signal-emitter"), clients.rfind("name=nx-signal-emitter"));
}

TEST(Emitter, SendsALargePushWhole) {
  const RedisServer server;
  Subscriber subscriber(server.port());
  Emitter emitter(options(server.url()));
  const std::string data = "\"" + std::string(200'000, 'x') + "\"";

  EXPECT_TRUE(emitter.broadcast("e", data));

  EXPECT_THAT(subscriber.next(), testing::EndsWith(",\"data\":" + data + "}"));
}

TEST(Emitter, DoesNotConnectForArgumentsThatAreWrong) {
  Emitter emitter(options("redis://" + local(free_port())));

  const Outcome outcome = emitter.to_user("u", "e", "{");

  EXPECT_EQ(outcome.status, Status::invalid);
  EXPECT_THAT(outcome.error, HasSubstr("data: not JSON"));
}

TEST(Emitter, SaysWhatIsWrongWithAUrlWithoutItsPassword) {
  Emitter emitter(options("http://u:s3cret@h"));

  const Outcome outcome = emitter.broadcast("e");

  EXPECT_EQ(outcome.status, Status::invalid);
  EXPECT_THAT(outcome.error, AllOf(HasSubstr("redis://"), Not(HasSubstr("s3cret"))));
}

TEST(Emitter, LogsInWithAPassword) {
  const RedisServer server({"--requirepass", "s3cret"});
  Emitter good(options("redis://:s3cret@" + local(server.port())));
  Emitter bad(options("redis://:wr0ng@" + local(server.port())));
  Emitter none(options(server.url()));

  EXPECT_TRUE(good.broadcast("e"));
  const Outcome refused = bad.broadcast("e");
  EXPECT_EQ(refused.status, Status::invalid);
  EXPECT_THAT(refused.error, AllOf(HasSubstr(local(server.port()) + ": AUTH"), HasSubstr("WRONGPASS"),
                                   HasSubstr("SIGNAL_REDIS_URL"), Not(HasSubstr("wr0ng"))));
  EXPECT_THAT(none.broadcast("e").error, HasSubstr("NOAUTH"));
}

TEST(Emitter, LogsInAsAnAclUserAndNamesWhatTheAclLacks) {
  const RedisServer server;
  Subscriber subscriber(server.port());
  server.cli("acl setuser pusher on '>s3cret' resetchannels '&ws:user:*' -@all +publish");
  Emitter emitter(options("redis://pusher:s3cret@" + local(server.port())));

  EXPECT_TRUE(emitter.to_user("u", "e"));
  const Outcome refused = emitter.broadcast("e");
  EXPECT_EQ(refused.status, Status::invalid);
  EXPECT_THAT(refused.error, AllOf(HasSubstr("NOPERM"), HasSubstr("&ws:"), Not(HasSubstr("s3cret"))));

  server.cli("acl setuser pusher '&ws:*'");
  EXPECT_TRUE(emitter.broadcast("e"));
  subscriber.next();
  EXPECT_EQ(subscriber.next(), kBroadcast);
}

TEST(Emitter, FailsWhileTheServerIsAwayAndConnectsAgainAtTheNextPush) {
  RedisServer server;
  Emitter emitter(options(server.url()));
  ASSERT_TRUE(emitter.broadcast("before"));

  server.end();
  const Outcome away = emitter.broadcast("away");
  EXPECT_EQ(away.status, Status::unavailable);
  EXPECT_THAT(away.error, HasSubstr("cannot connect to " + local(server.port()) + ": Connection refused"));

  server.start();
  Subscriber subscriber(server.port());
  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_EQ(subscriber.next(), kBroadcast);
}

TEST(Emitter, LosesNoPushToAServerThatWasAwayBetweenTwo) {
  RedisServer server;
  Emitter emitter(options(server.url()));
  ASSERT_TRUE(emitter.broadcast("before"));

  server.end();
  server.start();
  Subscriber subscriber(server.port());

  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_EQ(subscriber.next(), kBroadcast);
}

TEST(Emitter, DoesNotWaitLongerThanItsTimeouts) {
  RedisServer server;
  Options impatient = options(server.url());
  impatient.connect_timeout = impatient.reply_timeout = std::chrono::seconds(1);
  Emitter emitter(impatient);
  Emitter fresh(impatient);
  ASSERT_TRUE(emitter.broadcast("before"));
  server.pause();

  const Outcome unanswered = emitter.broadcast("e");
  const Outcome ungreeted = fresh.broadcast("e");

  EXPECT_EQ(unanswered.status, Status::unavailable);
  EXPECT_THAT(unanswered.error, HasSubstr("no answer in time; the push may have been sent nevertheless"));
  EXPECT_EQ(ungreeted.status, Status::unavailable);
  EXPECT_THAT(ungreeted.error, HasSubstr(local(server.port()) + ": no answer in time"));
  server.resume();
  EXPECT_TRUE(emitter.broadcast("e"));
}

TEST(Emitter, WorksWithAServerBeforeRedis6) {
  const RedisServer server({"--rename-command", "HELLO", "", "--requirepass", "s3cret"});
  Emitter emitter(options("redis://:s3cret@" + local(server.port())));
  Emitter wrong(options("redis://:wr0ng@" + local(server.port())));

  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_THAT(wrong.broadcast("e").error, AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("wr0ng"))));
}

TEST(Emitter, TriesTheNextNodeOfSeveral) {
  const RedisServer server;
  const std::string gone = local(free_port());
  Emitter emitter(options("redis+cluster://" + gone + "," + local(server.port())));
  Emitter alone(options("redis+cluster://" + gone));

  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_THAT(alone.broadcast("e").error, HasSubstr("cannot connect to " + gone));
}

TEST(Emitter, ReachesEveryNodeOfAClusterThroughAnyThatIsLeft) {
  RedisCluster cluster;
  Subscriber subscriber(cluster.nodes[5]->port());
  Emitter emitter(options(cluster.url()));

  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_EQ(subscriber.next(), kBroadcast);
  cluster.nodes[0]->end(SIGKILL);
  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_EQ(subscriber.next(), kBroadcast);
}

TEST(Emitter, SpeaksTlsWithAServerWhoseCertificateIsTrusted) {
  TlsRedisServer tls("IP:127.0.0.1");
  Subscriber subscriber(tls.server().port());
  Options trusting = options("rediss://" + local(tls.port));
  trusting.tls_ca = tls.certificate();
  Emitter emitter(trusting);

  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_TRUE(emitter.broadcast("e"));
  EXPECT_EQ(subscriber.next(), kBroadcast);
  EXPECT_EQ(subscriber.next(), kBroadcast);
}

TEST(Emitter, RefusesAServerThatIsNotTrustedOrOfAnotherName) {
  TlsRedisServer tls("DNS:other.example");
  Options strict = options("rediss://" + local(tls.port));
  Emitter untrusting(strict);
  strict.tls_ca = tls.certificate();
  Emitter other_name(strict);
  strict.tls_ca = "/nonexistent/ca.pem";
  Emitter without(strict);

  EXPECT_THAT(untrusting.broadcast("e").error, HasSubstr("the certificate is not trusted"));
  EXPECT_THAT(other_name.broadcast("e").error, HasSubstr("mismatch"));
  EXPECT_THAT(without.broadcast("e").error, HasSubstr("/nonexistent/ca.pem"));
  EXPECT_EQ(without.broadcast("e").status, Status::invalid);
}

TEST(Emitter, SaysWhenAServerSpeaksNoTls) {
  const RedisServer server;
  Options secure = options("rediss://" + local(server.port()));
  secure.connect_timeout = std::chrono::milliseconds(500);
  Emitter emitter(secure);

  EXPECT_THAT(emitter.broadcast("e").error, HasSubstr("TLS with " + local(server.port())));
}

}  // namespace
}  // namespace nxsignal
