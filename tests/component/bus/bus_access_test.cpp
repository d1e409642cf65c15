// The bus and a Redis with passwords, rules of access and TLS.

#include <gmock/gmock.h>

#include "component/bus/peer.hpp"
#include "component/redis_server.hpp"
#include "component/tls_redis_server.hpp"

namespace nx::bus::testing {
namespace {

using namespace std::chrono_literals;
using nx::testing::RedisServer;
using nx::testing::TlsRedisServer;
using ::testing::HasSubstr;

TEST(BusAccess, GoesOnWhereItMayNotAskForTheRole) {
  RedisServer redis;
  redis.cli("acl setuser default -role");
  LogPipe pipe;
  Peer a(redis.url(), "a", {}, *pipe.log);
  ASSERT_TRUE(a.connected()) << a.bus->problem();
  EXPECT_THAT(pipe.text(), HasSubstr("a failover may go unnoticed"));
  EXPECT_THAT(pipe.text(), HasSubstr("+role"));
}

TEST(BusAccess, SaysThatAPasswordIsMissing) {
  RedisServer redis({"--requirepass", "secret"});
  Peer a(redis.url(), "a");
  EXPECT_TRUE(eventually([&] { return a.bus->problem().find("NOAUTH") != std::string::npos; })) << a.bus->problem();
  EXPECT_THAT(a.bus->problem(), HasSubstr("a password is missing in SIGNAL_REDIS_URL"));
}

TEST(BusAccess, SpeaksWithPasswordAndAclUser) {
  RedisServer redis({"--requirepass", "se cret"});
  Peer a("redis://:se%20cret@127.0.0.1:" + std::to_string(redis.port()), "a");
  EXPECT_TRUE(a.connected());
  // PSUBSCRIBE wants its pattern in the list to the letter: `&ws:*` would not do. docs/security.md has this line.
  redis.cli(
      "-a 'se cret' acl setuser signal on '>pw' resetkeys resetchannels '&ws:broadcast' '&ws:room:*' '&ws:client:*' "
      "'&ws:user:*' '&signal:*' -@all +hello +ping +publish +subscribe +psubscribe +unsubscribe '+cluster|slots'");
  Peer b("redis://signal:pw@127.0.0.1:" + std::to_string(redis.port()), "b");
  EXPECT_TRUE(b.connected());
}

TEST(BusAccess, SpeaksTlsAndHoldsTheCertificateAgainstTheHost) {
  TlsRedisServer redis("IP:127.0.0.1");
  const std::string port = std::to_string(redis.port);
  const auto trusting = [&redis](BusOptions& options) {
    options.tls = *transport::TlsClientContext::load(redis.certificate());
  };
  Peer a("rediss://127.0.0.1:" + port, "a", trusting);
  Peer b("rediss://127.0.0.1:" + port, "b", trusting);
  ASSERT_TRUE(a.connected() && b.connected());
  const std::string large(900'000, 'x');
  a.bus->publish("ws:user:u", large);
  EXPECT_TRUE(eventually([&] { return b.messages().size() == 1; }));
  EXPECT_EQ(b.messages(), (Peer::Messages{{"ws:user:u", large}}));

  for (const auto& [url, adapt] : std::vector<std::pair<std::string, std::function<void(BusOptions&)>>>{
           {"rediss://localhost:" + port, trusting},  // the certificate is for another name
           {"rediss://127.0.0.1:" + port,
            [](BusOptions& options) { options.tls = *transport::TlsClientContext::load(""); }}}) {
    LogPipe pipe;
    Peer refused(url, "c", adapt, *pipe.log);
    EXPECT_TRUE(eventually([&] { return pipe.text().find("SIGNAL_REDIS_TLS_CA") != std::string::npos; }))
        << pipe.text();
    EXPECT_FALSE(refused.bus->connected());
  }
}

TEST(BusAccess, SaysWhatIsWrongWithThePasswordAndNeverThePassword) {
  RedisServer redis({"--requirepass", "secret"});
  LogPipe pipe;
  Peer a("redis://:wrong-secret@127.0.0.1:" + std::to_string(redis.port()), "a", {}, *pipe.log);

  ASSERT_TRUE(eventually([&] { return pipe.text().find("SIGNAL_REDIS_URL") != std::string::npos; }));
  EXPECT_THAT(pipe.text(), HasSubstr("WRONGPASS"));
  EXPECT_EQ(pipe.text().find("wrong-secret"), std::string::npos);
  EXPECT_FALSE(a.bus->connected());
}

TEST(BusAccess, SaysWhatTheAclLacks) {
  RedisServer redis;
  redis.cli("acl setuser default resetchannels '&ws:*'");
  LogPipe pipe;
  Peer a(redis.url(), "a", {}, *pipe.log);

  ASSERT_TRUE(eventually([&] { return pipe.text().find("NOPERM") != std::string::npos; }));
  EXPECT_FALSE(a.bus->connected());
}

TEST(BusAccess, SaysThatASingleRedisIsNoCluster) {
  RedisServer redis;
  Peer a("redis+cluster://127.0.0.1:" + std::to_string(redis.port()), "a");

  EXPECT_TRUE(eventually([&] { return a.bus->problem().find("cluster support disabled") != std::string::npos; }, 3s))
      << a.bus->problem();
}

}  // namespace
}  // namespace nx::bus::testing
