// Every key of the configuration, and values that can never work: refused with the key, what is wrong, and an example.

#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "config/configuration.hpp"

namespace nx::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Values = std::vector<std::string>;

std::string refusal(const std::map<std::string, std::string>& environment) {
  Sources given;
  given.environment = environment;
  const auto loaded = load(given);
  return loaded ? "" : loaded.error().message;
}

const Values kSwitch{"", "yes", "1", "TRUE"};
const Values kBad64{"", "-1", "1.5", "x", "0x10", " 1", "18446744073709551616"};

Values numbers(const Values& more) {
  Values all = kBad64;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Beside what may never stand in any setting (control characters, bytes that are no UTF-8). Empty: any text has a
/// meaning.
std::map<std::string, Values> never_works() {
  const std::string folder = testing::TempDir();
  const Values no_file{"/does/not/exist.pem", folder};
  const Values count32 = numbers({"4294967296", "2147483648"});
  const Values time = numbers({"0", "31536000000000"});
  const Values urls{
      "identity",    "ftp://h/x", "https://", "https:///x", "https://not a host/x", "https://h:notaport/x",
      "https://h:0/"};
  return {
      {"SIGNAL_HTTP_HOST", {"", "not a host!", "256.1.1.1", "a:b", "http://h", "-a", "a..b", "[::1", "1.2.3"}},
      {"SIGNAL_HTTP_PORT", {"", "-1", "65536", "http", "3000 "}},
      {"SIGNAL_ADMIN_LISTEN", {"9464", "host:", "host:65536", ":9464", "not a host!:1", "h:x"}},
      {"SIGNAL_TLS_CERT", no_file},
      {"SIGNAL_TLS_KEY", no_file},
      {"SIGNAL_TLS_TERMINATED", kSwitch},
      {"SIGNAL_TRUSTED_PROXIES", {"10.0.0.0/33", "proxy", "10.0.0.0/8,x", "::1/129"}},
      {"SIGNAL_WS_PATH",
       {"", "stream", "/a?b", "/a#b", "/a b", "/ä", "/a<b", "/health", "/health/ready", "/v1/notifications", "/v1",
        "/metrics", "/admin", "/admin/x", "/doc", "/doc/openapi.json", "/dev/info", "/page/a.mjs", "/jw-certs"}},
      {"SIGNAL_WORKERS", {"", "-1", "65", "4294967296", "two"}},
      {"SIGNAL_JWKS_URL", urls},
      {"SIGNAL_JWKS_TTL_MS", time},
      {"SIGNAL_JWKS_COOLDOWN_MS", numbers({"31536000000000"})},
      {"SIGNAL_JWKS_TIMEOUT_MS", numbers({"0", "4294967296"})},
      {"SIGNAL_JWKS_TLS_CA", no_file},
      {"SIGNAL_JWT_ISSUER", {"", "nx-signal-dev"}},
      {"SIGNAL_JWT_AUDIENCE", {""}},
      {"SIGNAL_JWT_APPLICATION_SECRET", {}},
      {"SIGNAL_JWT_PAYLOAD_CIPHER", {"", "aes", "AUTO"}},
      {"SIGNAL_REDIS_URL",
       {"redis:6379", "redis://", "redis://h:notaport", "redis://h:0", "redis://h:65536", "redis://not a host!:1",
        "redis+cluster://a:1,,b:2", "redis://h/x", "http://h"}},
      {"SIGNAL_REDIS_TLS_CA", no_file},
      {"SIGNAL_BUS_SUBSCRIPTION", {"", "all"}},
      {"SIGNAL_BUS_COMPAT", kSwitch},
      {"SIGNAL_KAFKA_BROKERS",
       {",", " , ", "127.0.0.1:notaport", "h:0", "h:65536", "not a host!:9092", "a:9092,b:", "::1:9092",
        "SASL_SSL://a:9092", "a:9092,PLAINTEXT://b:9092"}},
      {"SIGNAL_KAFKA_GROUP_ID", {"", std::string(250, 'a')}},
      {"SIGNAL_KAFKA_TOPIC", {"", "a b", "a/b", ".", std::string(250, 'a')}},
      {"SIGNAL_KAFKA_OFFSET_RESET", {"", "none"}},
      {"SIGNAL_KAFKA_ASSIGNOR", {"", "cooperative-sticky"}},
      {"SIGNAL_KAFKA_SESSION_TIMEOUT_MS", numbers({"0", "3600001", "4294967296"})},
      {"SIGNAL_KAFKA_MAX_POLL_INTERVAL_MS", numbers({"0", "1000", "86400001"})},
      {"SIGNAL_KAFKA_INSTANCE_ID", {std::string(250, 'a')}},
      {"SIGNAL_KAFKA_SASL_MECHANISM", {"plain", "GSSAPI"}},
      {"SIGNAL_KAFKA_SASL_USERNAME", {"without a mechanism"}},
      {"SIGNAL_KAFKA_SASL_PASSWORD", {"without a mechanism"}},
      {"SIGNAL_KAFKA_TLS", kSwitch},
      {"SIGNAL_KAFKA_TLS_CA", no_file},
      {"SIGNAL_KAFKA_DLQ_TOPIC", {"signal.activity-notification", "a b"}},
      {"SIGNAL_KAFKA_BOOT_TIMEOUT_MS", numbers({"0", "4294967296"})},
      {"SIGNAL_DATABASE_URL",
       {"mysql://db", "db", "postgresql://h/d?pgbouncer=true", "postgresql://h/d?schema=public",
        "postgresql://h:notaport/d", "postgresql://h:65536/d",
        "sqlite:", "sqlite::memory:", "postgresql://h/d?sslmode=on", "postgresql://h/d?target_session_attrs=master",
        "postgresql://h/d?gssencmode=x", "postgresql://h/d?channel_binding=x"}},
      {"SIGNAL_DATABASE_SCHEMA", {"", "pg_signal", std::string(64, 'a')}},
      {"SIGNAL_DATABASE_BOOT_TIMEOUT_MS", numbers({"4294967296"})},
      {"SIGNAL_RETENTION_DAYS", numbers({"36501", "4294967296"})},
      {"SIGNAL_POLICY_TABLE", {""}},
      {"SIGNAL_POLICY_MEMBERSHIP_VARIANTS", {"", ","}},
      {"SIGNAL_HINT_MAX_AGE_MS", numbers({"31536000000000"})},
      {"SIGNAL_EXTRA_FIELDS", {}},
      {"SIGNAL_WS_AUTH_TIMEOUT_MS", numbers({"0", "4294967296"})},
      {"SIGNAL_WS_HEARTBEAT_INTERVAL_MS", numbers({"0", "4294967296"})},
      {"SIGNAL_WS_HEARTBEAT_TIMEOUT_MS", numbers({"0", "4294967296"})},
      {"SIGNAL_WS_PING_INTERVAL_MS", numbers({"4294967296"})},
      {"SIGNAL_WS_ROOM_CHECK_INTERVAL_MS", numbers({"0", "99", "3600001"})},
      {"SIGNAL_WS_MAX_MESSAGE_BYTES", numbers({"0", "16383", "4294967296", "4294967297"})},
      {"SIGNAL_WS_MAX_PUSH_BYTES", numbers({"0", "4294967296"})},
      {"SIGNAL_WS_BACKPRESSURE_BYTES", numbers({"0", "4294967296"})},
      {"SIGNAL_WS_QUEUED_BYTES_TOTAL", numbers({"0", "1048575", "9999999999999999"})},
      {"SIGNAL_WS_MAX_CONNECTIONS", count32},
      {"SIGNAL_WS_MAX_CONNECTIONS_PER_ADDRESS", count32},
      {"SIGNAL_WS_MAX_HANDSHAKES", count32},
      {"SIGNAL_WS_MAX_CONNECTIONS_PER_USER", count32},
      {"SIGNAL_WS_MESSAGES_PER_SECOND", {"", "-1", "nan", "inf", "1e300", "x"}},
      {"SIGNAL_WS_TOKEN_EXPIRY", {"", "stay"}},
      {"SIGNAL_ADMIN_ROLES", {}},
      {"SIGNAL_ADMIN_CLAIM", {""}},
      {"SIGNAL_CORS_ORIGINS",
       {"pos.example", "https://pos.example/path", "https://u@pos.example", "https://*", "https://a.*.example",
        "https://pos.example:x", "https://pos.example:0", "https://", "file://", "https://ü.example", "**"}},
      {"SIGNAL_ADMIN_PAGE", kSwitch},
      {"SIGNAL_OTLP_URL", {"otel", "https://", "http://h:4318/v1/traces", "http://h/?a=b", "http://h/#a"}},
      {"SIGNAL_TRACE_RATIO", {"", "-0.1", "1.01", "nan", "inf", "1e300", "x", "1%"}},
      {"SIGNAL_LOG_LEVEL", {"", "loud"}},
      {"SIGNAL_LOG_FORMAT", {"xml"}},
      {"SIGNAL_DRAIN_MS", numbers({"86400001"})},
      {"SIGNAL_SHUTDOWN_GRACE_MS", numbers({"86400001"})},
  };
}

TEST(NeverWorks, EveryKeyRefusesTheValuesThatCanNotWorkByName) {
  auto table = never_works();
  for (const Key& key : keys()) {
    ASSERT_TRUE(table.contains(key.variable)) << key.variable << ": which values can never work?";
    Values values = table[key.variable];
    if (key.secrecy != Key::Secrecy::secret) values.insert(values.end(), {"a\nb", "\xff\xfe", "a\x7f"});
    for (const std::string& value : values) {
      std::map<std::string, std::string> environment{{key.variable, value}};
      if (std::string_view(key.variable) == "SIGNAL_TLS_CERT") environment["SIGNAL_TLS_KEY"] = "/etc/hostname";
      if (std::string_view(key.variable) == "SIGNAL_TLS_KEY") environment["SIGNAL_TLS_CERT"] = "/etc/hostname";
      if (std::string_view(key.variable) == "SIGNAL_KAFKA_TLS_CA") environment["SIGNAL_KAFKA_TLS"] = "true";
      if (std::string_view(key.variable) == "SIGNAL_JWT_ISSUER") environment["SIGNAL_JWKS_URL"] = "https://h/";
      const std::string said = refusal(environment);
      const bool partner = std::string_view(key.variable).starts_with("SIGNAL_KAFKA_SASL_");
      EXPECT_THAT(said, AllOf(HasSubstr(partner ? "SIGNAL_KAFKA_SASL_" : key.variable), HasSubstr("; for example ")))
          << key.variable << "='" << value << "'";
      EXPECT_THAT(said, Not(HasSubstr("\n")));
    }
    table.erase(key.variable);
  }
  EXPECT_TRUE(table.empty()) << table.begin()->first << " is no key";
}

TEST(NeverWorks, WhatWorksIsTaken) {
  for (const auto& [name, value] : std::multimap<std::string, std::string>{
           {"SIGNAL_HTTP_HOST", "::"},
           {"SIGNAL_HTTP_HOST", "[::1]"},
           {"SIGNAL_HTTP_HOST", "my_host.svc.cluster.local."},
           {"SIGNAL_HTTP_HOST", "fe80::1%eth0"},
           {"SIGNAL_ADMIN_LISTEN", "[::1]:0"},
           {"SIGNAL_ADMIN_LISTEN", ""},
           {"SIGNAL_KAFKA_BROKERS", "a:9092, b:9092,"},
           {"SIGNAL_KAFKA_BROKERS", "a:9092,[::1]:9092,bare"},
           {"SIGNAL_JWKS_URL", "http://u:p@h:80/jw-certs?x=1"},
           {"SIGNAL_JWKS_URL", "https://[::1]/"},
           {"SIGNAL_REDIS_URL", "rediss+cluster://:p%40@r_1:6379,[::1]:7000"},
           {"SIGNAL_DATABASE_URL", "postgresql:///signal?host=/var/run/postgresql"},
           {"SIGNAL_DATABASE_URL", "postgresql://u:p@h1:5432,h2/db?target_session_attrs=primary&sslmode=require"},
           {"SIGNAL_DATABASE_URL", "postgresql://u:p@h/db?ssl=true"},
           {"SIGNAL_WS_QUEUED_BYTES_TOTAL", "8589934592"},
           {"SIGNAL_WS_QUEUED_BYTES_TOTAL", "1048576"},
           {"SIGNAL_WS_MAX_MESSAGE_BYTES", "16384"},
           {"SIGNAL_WS_PATH", "/v1stream"},
           {"SIGNAL_WS_PATH", "/administration"},
           {"SIGNAL_WS_PATH", "/"},
           {"SIGNAL_DATABASE_SCHEMA", std::string(63, 'a')},
           {"SIGNAL_JWT_ISSUER", "nx-signal-dev"},  // of nx-signal dev, without a key set of an identity service
           {"SIGNAL_WS_MAX_CONNECTIONS", "0"},
           {"SIGNAL_DRAIN_MS", "0"},
           {"SIGNAL_TLS_CERT", ""},
           {"SIGNAL_KAFKA_DLQ_TOPIC", ""}}) {
    EXPECT_EQ(refusal({{name, value}}), "") << name << "=" << value;
  }
}

TEST(NeverWorks, AForeignParameterOfTheDatabaseUrlIsNamedAndNothingElseOfIt) {
  const std::string said =
      refusal({{"SIGNAL_DATABASE_URL", "postgresql://u:hunter2@h/db?sslmode=require&pgbouncer=true"}});
  EXPECT_THAT(said, AllOf(HasSubstr("?pgbouncer"), HasSubstr("remove it"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(refusal({{"SIGNAL_DATABASE_URL", "postgresql://u:p@h/db?schema=public"}}),
              AllOf(HasSubstr("?schema"), HasSubstr("SIGNAL_DATABASE_SCHEMA")));
  EXPECT_THAT(refusal({{"SIGNAL_DATABASE_URL", "postgresql://u:hunt?er2=1@h:x/db"}}), Not(HasSubstr("er2")));
}

TEST(NeverWorks, NoLineShowsWhatMayBeAPassword) {
  for (const auto& [name, value] :
       std::multimap<std::string, std::string>{{"SIGNAL_DATABASE_URL", "host=db password=SECRET"},
                                               {"SIGNAL_DATABASE_URL", "u:SECRET@db/s"},
                                               {"SIGNAL_DATABASE_URL", "postgresql:/u:SECRET@db"},
                                               {"SIGNAL_DATABASE_URL", "postgresql://u:SECRET"},
                                               {"SIGNAL_DATABASE_URL", "postgresql://h/d?sslmode=SECRET"},
                                               {"SIGNAL_JWKS_URL", "http:/u:SECRET@i/j"},
                                               {"SIGNAL_JWKS_URL", "http://u:SECRET"},
                                               {"SIGNAL_OTLP_URL", "u:SECRET@otel"},
                                               {"SIGNAL_REDIS_URL", "redis://u:a/SECRET"},
                                               {"SIGNAL_REDIS_URL", "redis://u:1/SECRET"},
                                               {"SIGNAL_REDIS_URL", "u:SECRET@redis"},
                                               {"SIGNAL_KAFKA_BROKERS", "u:SECRET@kafka:9092"},
                                               {"SIGNAL_KAFKA_BROKERS", "SASL_SSL://u:SECRET@kafka:9092"},
                                               {"SIGNAL_CORS_ORIGINS", "https://u:SECRET@pos.example"},
                                               {"SIGNAL_CORS_ORIGINS", "u:SECRET@pos.example"},
                                               {"SIGNAL_HTTP_HOST", "http://u:SECRET@h"},
                                               {"SIGNAL_HTTP_PORT", "http://u:SECRET@h:1"},
                                               {"SIGNAL_ADMIN_LISTEN", "http://u:SECRET@h:1"},
                                               {"SIGNAL_TRUSTED_PROXIES", "10.0.0.0/8,u:SECRET@h"},
                                               {"SIGNAL_KAFKA_TOPIC", "u:SECRET@kafka"},
                                               {"SIGNAL_WS_PATH", "ws://u:SECRET@h/stream"},
                                               {"SIGNAL_TLS_CERT", "https://u:SECRET@h/tls.crt"},
                                               {"SIGNAL_LOG_LEVEL", "u:SECRET@h"},
                                               {"SIGNAL_REDIS_URL_FILE", "redis://u:SECRET@h"},
                                               {"SIGNAL_KAFKA_SASL_PASSWORD_FILE", "SECRET"}}) {
    EXPECT_THAT(refusal({{name, value}}), AllOf(HasSubstr(name), Not(HasSubstr("SECRET")))) << value;
  }
}

TEST(NeverWorks, ACertificateAuthorityForALinkWithoutTlsIsAMistake) {
  const std::string file = "/etc/hostname";
  EXPECT_THAT(refusal({{"SIGNAL_KAFKA_TLS_CA", file}}), HasSubstr("SIGNAL_KAFKA_TLS=true"));
  EXPECT_THAT(refusal({{"SIGNAL_REDIS_TLS_CA", file}, {"SIGNAL_REDIS_URL", "redis://h"}}), HasSubstr("rediss://"));
  EXPECT_THAT(refusal({{"SIGNAL_JWKS_TLS_CA", file}, {"SIGNAL_JWKS_URL", "http://h"}}), HasSubstr("https://"));
  EXPECT_EQ(refusal({{"SIGNAL_JWKS_TLS_CA", file}, {"SIGNAL_JWKS_URL", "https://h"}}), "");
}

TEST(NeverWorks, AFileThatIsNamedMustBeAFile) {
  const std::string pipe = testing::TempDir() + "never_works_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refusal({{"SIGNAL_TLS_CERT", pipe}, {"SIGNAL_TLS_KEY", pipe}}),
              AllOf(HasSubstr("SIGNAL_TLS_CERT"), HasSubstr(pipe), HasSubstr("not a regular file")));
  EXPECT_THAT(refusal({{"SIGNAL_REDIS_URL_FILE", pipe}}),
              AllOf(HasSubstr("SIGNAL_REDIS_URL_FILE"), HasSubstr(pipe), HasSubstr("not a regular file")));
  Sources given;
  given.file = pipe;
  EXPECT_THAT(load(given).error().message,
              AllOf(HasSubstr("--config"), HasSubstr(pipe), HasSubstr("not a regular file")));
  EXPECT_EQ(::unlink(pipe.c_str()), 0);
}

TEST(NeverWorks, AFileOfASecretIsBoundedAndMayStandBehindLinks) {
  EXPECT_THAT(refusal({{"SIGNAL_KAFKA_SASL_PASSWORD_FILE", "/dev/zero"}}), HasSubstr("not a regular file"));
  EXPECT_THAT(refusal({{"SIGNAL_KAFKA_SASL_PASSWORD_FILE", testing::TempDir()}}), HasSubstr("not a regular file"));
  EXPECT_THAT(refusal({{"SIGNAL_KAFKA_SASL_PASSWORD_FILE", "/does/not/exist"}}),
              AllOf(HasSubstr("SIGNAL_KAFKA_SASL_PASSWORD_FILE"), HasSubstr("/does/not/exist")));

  const std::string name = testing::TempDir() + "secret_" + std::to_string(::getpid());
  const std::string link = name + "_link";
  ASSERT_EQ(::symlink(name.c_str(), link.c_str()), 0);  // as Kubernetes mounts them
  std::ofstream(name) << "redis://:hunter2@redis:6379\n";
  EXPECT_EQ(refusal({{"SIGNAL_REDIS_URL_FILE", link}}), "");
  std::ofstream(name) << std::string(65'537, 'x');
  EXPECT_THAT(refusal({{"SIGNAL_REDIS_URL_FILE", link}}), AllOf(HasSubstr(link), HasSubstr("more than 65536 bytes")));
  EXPECT_EQ(::unlink(link.c_str()), 0);
  EXPECT_EQ(::unlink(name.c_str()), 0);
}

TEST(NeverWorksInTheEnvironment, AnUnknownNameIsRefusedWhenItIsNearlyOneOfOursAndElseAWarning) {
  Sources given;
  given.environment = {{"SIGNAL_DEPLOY_COLOUR", "blue"}, {"SIGNAL_SHA", "1"}};
  const auto loaded = load(given);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(loaded->unknown, testing::UnorderedElementsAre("SIGNAL_DEPLOY_COLOUR", "SIGNAL_SHA"));
  for (const auto& [name, meant] :
       std::map<std::string, std::string>{{"SIGNAL_HTTP_PROT", "SIGNAL_HTTP_PORT"},
                                          {"SIGNAL_REDIS_URI", "SIGNAL_REDIS_URL"},
                                          {"SIGNAL_CORS_ORIGIN", "SIGNAL_CORS_ORIGINS"},
                                          {"SIGNAL_KAFKA_BROKER", "SIGNAL_KAFKA_BROKERS"},
                                          {"SIGNAL_JWT_ISUER", "SIGNAL_JWT_ISSUER"},
                                          {"SIGNAL_REDIS_URL_FIL", "SIGNAL_REDIS_URL_FILE"}}) {
    EXPECT_THAT(refusal({{name, "x"}}), AllOf(HasSubstr(name), HasSubstr("did you mean " + meant + "?")));
  }
}

TEST(NeverWorksAsOrigin, OfOneMeaningAreWrittenAsBrowsersDo) {
  Sources given;
  given.environment = {
      {"SIGNAL_CORS_ORIGINS",
       "https://pos.example/, https://POS.example:443, http://till:80, HTTPS://a.example:8443, tauri://localhost, "
       "https://*.Pos.example, https://[::1]:443, null, https://a.example:08443, https://a.example:0443, "
       "https://[::1]"}};
  const auto loaded = load(given);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(
      loaded->configuration.gateway.cors_origins,
      testing::ElementsAre("https://pos.example", "https://pos.example", "http://till", "https://a.example:8443",
                           "tauri://localhost", "https://*.pos.example", "https://[::1]", "null",
                           "https://a.example:8443", "https://a.example", "https://[::1]"));
}

}  // namespace
}  // namespace nx::config
