#include "config/configuration.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Sources sources() {
  return {};
}

std::string refusal(const Sources& given) {
  const auto loaded = load(given);
  return loaded ? "" : loaded.error().message;
}

/// A file below the test's temporary folder, removed with it.
struct TemporaryFile {
  explicit TemporaryFile(const std::string& text)
      : path(testing::TempDir() + "configuration_test_" + std::to_string(getpid())) {
    std::ofstream(path) << text;
  }
  ~TemporaryFile() { static_cast<void>(std::remove(path.c_str())); }
  std::string path;
};

TEST(Configuration, DefaultsAreThoseOfTheTable) {
  const auto loaded = load(sources());
  ASSERT_TRUE(loaded);
  const std::string printed = print_redacted(loaded->configuration);
  for (const Key& key : keys()) {
    EXPECT_THAT("\n" + printed, HasSubstr("\n" + std::string(key.variable) + " = " + key.default_text + "\n"));
  }
}

TEST(Configuration, ADefaultOfACommandIsTakenWhereNothingIsGivenAndCountsAsNotGiven) {
  Sources given = sources();
  given.defaults = {{"SIGNAL_HTTP_HOST", "127.0.0.1"}, {"SIGNAL_ADMIN_LISTEN", ""}, {"SIGNAL_HTTP_PORT", "1"}};
  given.environment = {{"SIGNAL_HTTP_PORT", "3002"}};

  const auto loaded = load(given);

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->configuration.gateway.host, "127.0.0.1");
  EXPECT_EQ(loaded->configuration.admin_listen, "");
  EXPECT_EQ(loaded->configuration.gateway.port, 3002);
  EXPECT_THAT(loaded->given, testing::ElementsAre(testing::Key("SIGNAL_HTTP_PORT")));
}

TEST(Configuration, FlagGoesOverEnvironmentOverFileOverIgnisNames) {
  const TemporaryFile file("http_port = 3003\nws_path = \"/file\"\nkafka_topic = \"file\"\n");
  Sources given = sources();
  given.file = file.path;
  given.environment = {{"SIGNAL_HTTP_PORT", "3002"},
                       {"SIGNAL_WS_PATH", "/environment"},
                       {"APP_ENV_SERVER_PORT", "3004"},
                       {"APP_ENV_SERVER_HOST", "ignis"}};
  given.flags = {{"http-port", "3001"}};

  const auto loaded = load(given);

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->configuration.gateway.port, 3001);
  EXPECT_EQ(loaded->configuration.gateway.ws_path, "/environment");
  EXPECT_EQ(loaded->configuration.kafka.topic, "file");
  EXPECT_EQ(loaded->configuration.gateway.host, "ignis");
}

TEST(Configuration, UnknownKeysAreRefusedByName) {
  Sources given = sources();
  given.environment = {{"SIGNAL_HTTP_PROT", "3000"}};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_HTTP_PROT"));

  const TemporaryFile file("http_prot = 3000\n");
  given = sources();
  given.file = file.path;
  EXPECT_THAT(refusal(given), HasSubstr("http_prot"));
}

TEST(Configuration, ForeignNamesAndServiceLinksAreLeftAlone) {
  Sources given = sources();
  given.environment = {{"PATH", "/bin"},
                       {"APP_ENV_SOMETHING", ""},
                       {"SIGNAL_SERVICE_HOST", "10.0.0.1"},
                       {"SIGNAL_SERVICE_PORT_HTTP", "80"},
                       {"SIGNAL_PORT_3000_TCP_PROTO", "tcp"},
                       {"SIGNAL_PORT", "tcp://10.0.0.1:3000"},
                       {"SIGNAL_HTTP_PORT", "tcp://10.0.0.1:3000"}};

  const auto loaded = load(given);

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->ignored.size(), 5u);
  EXPECT_EQ(loaded->configuration.gateway.port, 3000);
}

TEST(Configuration, AnAddressInTheWrongPlaceIsRefusedAndNotTakenForAServiceLink) {
  for (const char* name : {"SIGNAL_REDIS_URL", "SIGNAL_DATABASE_URL", "SIGNAL_WORKERS", "SIGNAL_REDIS_URI"}) {
    Sources given = sources();
    given.environment = {{name, "tcp://10.0.0.1:6379"}};
    EXPECT_THAT(refusal(given), HasSubstr(name));
  }
}

TEST(Configuration, UnparsableValuesAreNamedWithAnExample) {
  const std::map<std::string, std::string> bad = {
      {"SIGNAL_HTTP_PORT", "65536"},        {"SIGNAL_WORKERS", "-1"},
      {"SIGNAL_TLS_TERMINATED", "yes"},     {"SIGNAL_JWKS_TTL_MS", "12h"},
      {"SIGNAL_WS_TOKEN_EXPIRY", "stay"},   {"SIGNAL_WS_MESSAGES_PER_SECOND", "nan"},
      {"SIGNAL_WS_MAX_CONNECTIONS", "1e3"}, {"SIGNAL_LOG_LEVEL", "loud"}};
  for (const auto& [name, value] : bad) {
    Sources given = sources();
    given.environment = {{name, value}};
    EXPECT_THAT(refusal(given), AllOf(HasSubstr(name), HasSubstr(value), HasSubstr("for example"))) << name;
  }
}

TEST(Configuration, SecretsAreRefusedAsFlagsAndNeverEchoed) {
  Sources given = sources();
  given.flags = {{"jwt-application-secret", "hunter2"}};
  EXPECT_THAT(refusal(given), AllOf(HasSubstr("ps"), Not(HasSubstr("hunter2"))));

  given.flags = {{"redis-url", "redis://user:hunter2@host:6379"}};
  EXPECT_THAT(refusal(given), AllOf(HasSubstr("--redis-url"), Not(HasSubstr("hunter2"))));

  given.flags = {{"redis-url", "redis://host:6379"}};
  EXPECT_EQ(refusal(given), "");
}

TEST(Configuration, SecretsMayComeFromAFile) {
  const TemporaryFile file("hunter2\n");
  Sources given = sources();
  given.environment = {{"SIGNAL_JWT_APPLICATION_SECRET_FILE", file.path}};
  const auto loaded = load(given);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->configuration.auth.application_secret, "hunter2");
  EXPECT_THAT(print_redacted(loaded->configuration),
              AllOf(HasSubstr("SIGNAL_JWT_APPLICATION_SECRET = ***"), Not(HasSubstr("hunter2"))));

  given.environment["SIGNAL_JWT_APPLICATION_SECRET"] = "other";
  EXPECT_THAT(refusal(given), HasSubstr("both"));
  given.environment = {{"SIGNAL_JWT_APPLICATION_SECRET_FILE", "/does/not/exist"}};
  EXPECT_THAT(refusal(given), HasSubstr("/does/not/exist"));
  given.environment = {{"SIGNAL_HTTP_PORT_FILE", file.path}};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_HTTP_PORT_FILE"));
}

TEST(Configuration, RequiredKeysAreAskedForByName) {
  Sources given = sources();
  given.required = {"SIGNAL_KAFKA_BROKERS"};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_KAFKA_BROKERS: is required"));
  given.environment = {{"APP_ENV_KAFKA_BROKERS", "a:9092"}};
  EXPECT_EQ(refusal(given), "");
}

TEST(Configuration, IgnisLinksBecomeUrls) {
  Sources given = sources();
  given.environment = {{"APP_ENV_REDIS_WS_HOST", "redis"},    {"APP_ENV_REDIS_WS_PASSWORD", "a/b"},
                       {"APP_ENV_POSTGRES_HOST", "db"},       {"APP_ENV_POSTGRES_USERNAME", "u"},
                       {"APP_ENV_POSTGRES_PASSWORD", "p@ss"}, {"APP_ENV_POSTGRES_DATABASE", "nx"}};
  const auto loaded = load(given);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->configuration.redis_url, "redis://:a%2Fb@redis:6379");
  EXPECT_EQ(loaded->configuration.database_url, "postgresql://u:p%40ss@db:5432/nx");
  EXPECT_THAT(print_redacted(loaded->configuration), AllOf(Not(HasSubstr("p%40ss")), Not(HasSubstr("a%2Fb"))));
  given.environment["SIGNAL_JWT_ISSUER"] = "https://u:hunter2@identity";
  const auto with_issuer = load(given);
  ASSERT_TRUE(with_issuer) << with_issuer.error().message;
  EXPECT_THAT(print_redacted(with_issuer->configuration),
              AllOf(HasSubstr("https://***@identity"), Not(HasSubstr("hunter2"))));
}

TEST(Configuration, ConflictsAreRefused) {
  Sources given = sources();
  given.environment = {{"SIGNAL_TLS_CERT", "/x"}};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_TLS_KEY"));
  given.environment = {{"SIGNAL_WS_PATH", "stream"}};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_WS_PATH"));
}

TEST(Configuration, AddressesOfAnotherFormAreRefused) {
  const std::multimap<std::string, std::string> bad = {{"SIGNAL_JWKS_URL", "ftp://identity/jw-certs"},
                                                       {"SIGNAL_REDIS_URL", "redis:6379"},
                                                       {"SIGNAL_DATABASE_URL", "mysql://db"},
                                                       {"SIGNAL_OTLP_URL", "grpc://otel:4318"},
                                                       {"SIGNAL_TRUSTED_PROXIES", "10.0.0.0/33"},
                                                       {"SIGNAL_ADMIN_LISTEN", "9464"},
                                                       {"SIGNAL_ADMIN_LISTEN", "host:"},
                                                       {"SIGNAL_ADMIN_LISTEN", "host:65536"},
                                                       {"SIGNAL_ADMIN_LISTEN", ":9464"}};
  for (const auto& [name, value] : bad) {
    Sources given = sources();
    given.environment = {{name, value}};
    EXPECT_THAT(refusal(given), AllOf(HasSubstr(name), HasSubstr(value), HasSubstr("for example"))) << name;
  }
  Sources given = sources();
  given.environment = {{"SIGNAL_ADMIN_LISTEN", ""}, {"SIGNAL_JWKS_URL", ""}};
  EXPECT_EQ(refusal(given), "");
}

TEST(Configuration, LimitsThatWouldLetNobodyInAreRefused) {
  for (const char* name :
       {"SIGNAL_JWKS_TTL_MS", "SIGNAL_JWKS_TIMEOUT_MS", "SIGNAL_WS_AUTH_TIMEOUT_MS", "SIGNAL_WS_HEARTBEAT_INTERVAL_MS",
        "SIGNAL_WS_HEARTBEAT_TIMEOUT_MS", "SIGNAL_WS_MAX_MESSAGE_BYTES", "SIGNAL_WS_BACKPRESSURE_BYTES"}) {
    Sources given = sources();
    given.environment = {{name, "0"}};
    EXPECT_THAT(refusal(given), HasSubstr(name));
  }
}

TEST(Configuration, ARequiredKeyThatIsEmptyIsNotSet) {
  Sources given = sources();
  given.required = {"SIGNAL_DATABASE_URL"};
  given.environment = {{"SIGNAL_DATABASE_URL", ""}};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_DATABASE_URL: is required"));
}

TEST(Configuration, SaslIsAllOrNothing) {
  Sources given = sources();
  given.environment = {{"SIGNAL_KAFKA_SASL_USERNAME", "u"}};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_KAFKA_SASL_MECHANISM: is not set"));
  given.environment = {{"SIGNAL_KAFKA_SASL_PASSWORD", "p"}};
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_KAFKA_SASL_MECHANISM: is not set"));
  given.environment = {{"SIGNAL_KAFKA_SASL_USERNAME", "u"}};
  given.environment["SIGNAL_KAFKA_SASL_MECHANISM"] = "PLAIN";
  EXPECT_THAT(refusal(given), HasSubstr("SIGNAL_KAFKA_SASL_PASSWORD: is not set"));
  given.environment["SIGNAL_KAFKA_SASL_PASSWORD"] = "p";
  EXPECT_EQ(refusal(given), "");
}

TEST(Configuration, SaslOfAnIgnisDeploymentCountsWhereItIsSwitchedOn) {
  Sources given = sources();
  given.environment = {{"APP_ENV_KAFKA_SASL_USERNAME", "u"}, {"APP_ENV_KAFKA_SASL_PASSWORD", "p"}};
  EXPECT_EQ(load(given)->configuration.kafka.sasl_mechanism, "");
  EXPECT_EQ(load(given)->configuration.kafka.sasl_username, "");

  given.environment["APP_ENV_KAFKA_SASL_ENABLE"] = "true";
  EXPECT_EQ(load(given)->configuration.kafka.sasl_mechanism, "SCRAM-SHA-512");
  EXPECT_EQ(load(given)->configuration.kafka.sasl_username, "u");
  given.environment["APP_ENV_KAFKA_SASL_MECHANISM"] = "PLAIN";
  EXPECT_EQ(load(given)->configuration.kafka.sasl_mechanism, "PLAIN");
}

TEST(Configuration, ListsInTheFileHoldTextOnly) {
  Sources given = sources();
  const TemporaryFile good("cors_origins = [\"https://a\", \"tauri://localhost\"]\n");
  given.file = good.path;
  EXPECT_THAT(load(given)->configuration.gateway.cors_origins, testing::ElementsAre("https://a", "tauri://localhost"));
  const TemporaryFile bad("cors_origins = [\"https://a\", 5]\n");
  given.file = bad.path;
  EXPECT_THAT(refusal(given), HasSubstr("cors_origins"));
}

TEST(Configuration, EveryKeyIsDocumented) {
  const std::string page = keys_as_markdown();
  for (const Key& key : keys()) EXPECT_THAT(page, HasSubstr("`" + std::string(key.variable) + "`"));
}

TEST(Configuration, TheEnvironmentFileNamesEveryKeyOnceAndSetsNone) {
  const std::string file = keys_as_environment_file({"SIGNAL_REDIS_URL"});
  std::size_t lines = 0;
  for (const Key& key : keys()) {
    const std::string line = "\n#" + std::string(key.variable) + "=";
    EXPECT_NE(file.find(line), std::string::npos) << key.variable;
    EXPECT_EQ(file.find(line), file.rfind(line)) << key.variable;
  }
  for (std::size_t at = 0; at < file.size(); at = file.find('\n', at) + 1, ++lines)
    EXPECT_TRUE(file[at] == '#' || file[at] == '\n');
  EXPECT_GT(lines, 2 * keys().size());
  EXPECT_LT(file.find("#SIGNAL_REDIS_URL="), file.find("#SIGNAL_HTTP_HOST="));  // the required ones come first
}

}  // namespace
}  // namespace nx::config
