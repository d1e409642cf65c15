#include "app/dev_command.hpp"

#include <filesystem>
#include <iostream>

#include "app/reader_lookups.hpp"
#include "app/sqlite_location.hpp"
#include "app/termination.hpp"
#include "client/produce.hpp"
#include "crypto/random.hpp"
#include "delivery/notify.hpp"
#include "delivery/relay.hpp"
#include "dev/dev_routes.hpp"
#include "dev/loopback_guard.hpp"
#include "gateway/gateway.hpp"
#include "ingest/embedded_broker.hpp"
#include "ingest/kafka_consumer.hpp"
#include "rest/health.hpp"
#include "rest/notifications.hpp"
#include "rest/router.hpp"
#include "store/sqlite_store.hpp"

namespace nx::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReaderThreads = 4;
constexpr std::size_t kReaderQueue = 1'024;
constexpr int kPartitions = 3;  // contract §10

/// Start-up failed: what, and the exit code.
struct Failed {
  Error error;
};

template <class T>
T or_fail(Result<T> result) {
  if (!result) throw Failed{result.error()};
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Configuration adapted_to_dev(const Loaded& loaded) {
  Configuration c = loaded.configuration;
  const auto given = [&](const char* variable) { return loaded.given.contains(variable); };
  if (!given("SIGNAL_HTTP_HOST")) c.gateway.host = "127.0.0.1";
  if (c.gateway.host != "127.0.0.1" && c.gateway.host != "localhost" && c.gateway.host != "::1") {
    throw Failed{
        {ErrorKind::invalid, "--http-host: '" + c.gateway.host +
                                 "' is not loopback, and dev answers nobody else; for example --http-host 127.0.0.1"}};
  }
  if (!given("SIGNAL_DRAIN_MS")) c.gateway.drain = 0ms;
  if (!given("SIGNAL_SHUTDOWN_GRACE_MS")) c.gateway.shutdown_grace = 0ms;
  if (!given("SIGNAL_CORS_ORIGINS")) c.gateway.refuse_upgrade = dev::refuse_foreign;
  c.auth.refuse_dev_issuer = false;
  return c;
}

std::vector<store::Repositories> open_readers(store::SqliteOptions options, std::size_t count) {
  options.statement_timeout = 2s;  // contract §3: REST statements
  std::vector<store::Repositories> readers;
  for (std::size_t i = 0; i < count; ++i) {
    readers.push_back(
        {or_fail(store::open_sqlite_notifications(options)), or_fail(store::open_sqlite_policies(options))});
  }
  return readers;
}

std::string scheme(const Configuration& configuration, const char* plain) {
  return configuration.gateway.tls_cert.empty() ? plain : std::string(plain) + "s";
}

/// As a reader can paste it: relative to where we were started, when we are below it.
std::string program_path() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "nx-signal";
  const auto relative = program.lexically_relative(std::filesystem::current_path(error)).string();
  return error || relative.empty() || relative.starts_with("..") ? program.string() : relative;
}

/// Everything of one process. Members are constructed top to bottom and destroyed bottom to top.
class Dev {
 public:
  Dev(const Configuration& configuration, std::string database_path, const observe::Logger& log)
      : configuration_(configuration),
        log_(log),
        database_{std::move(database_path), configuration.membership_variants} {
    const std::string migrated = or_fail(store::migrate_sqlite(database_));
    log_.info("database ready", {{"path", database_.path}, {"did", migrated}});
    or_fail(store::replace_sqlite_policies(database_, sample_.policies()));
    or_fail(broker_.create_topic(configuration_.kafka.topic, kPartitions));
    configuration_.kafka.brokers = broker_.bootstrap();
    // Unlike a real broker, the mock cluster answers a waiting fetch when its time is up, not when a message comes.
    configuration_.kafka.fetch_wait = 20ms;
    if (configuration_.auth.jwks_url.empty()) {
      configuration_.auth.fetch_keys = [this] { return Result<std::string>(identity_.jwks()); };
    }
    build();
  }

  ~Dev() { stop(); }
  Dev(const Dev&) = delete;
  Dev& operator=(const Dev&) = delete;

  void start() {
    or_fail(gateway_->start());
    const std::string at = gateway_->address();
    addresses_ = {scheme(configuration_, "http") + "://" + at,
                  scheme(configuration_, "ws") + "://" + at + configuration_.gateway.ws_path,
                  configuration_.kafka.brokers, configuration_.kafka.topic, program_path()};
    listening_.store(true, std::memory_order_release);
    or_fail(consumer_->start());
    log_.info(
        "listening",
        {{"address", at}, {"url", addresses_.http}, {"stream", addresses_.stream}, {"broker", addresses_.broker}});
  }

  void reload() {
    if (const auto done = gateway_->reload_tls(); !done) {
      log_.error("certificate not reloaded, the old one stays", {{"reason", done.error().message}});
    } else {
      log_.info("certificate reloaded");
    }
  }

  /// The wiring reversed: no new rows, then the sockets, then the threads that answer them.
  void stop() {
    if (std::exchange(stopped_, true)) return;
    if (consumer_) consumer_->stop();
    if (gateway_) gateway_->shutdown();
    // Their threads post to the gateway's loops, so they end before it.
    readers_.reset();
    authenticator_.reset();
  }

  dev::Addresses addresses() const {
    return listening_.load(std::memory_order_acquire) ? addresses_ : dev::Addresses{};
  }

 private:
  void build() {
    auto connections = std::make_shared<std::vector<store::Repositories>>(open_readers(database_, kReaderThreads));
    auto next = std::make_shared<std::atomic<std::size_t>>(0);
    readers_ = std::make_unique<store::ReaderPool>("reader", kReaderThreads, kReaderQueue, [connections, next] {
      return std::move((*connections)[next->fetch_add(1)]);
    });
    authenticator_ = std::make_unique<auth::Authenticator>(configuration_.auth, log_);
    gateway_ = std::make_unique<gateway::Gateway>(
        configuration_.gateway, *authenticator_, reader_lookups(*readers_),
        dev::guard_loopback(
            [this](transport::HttpRequest request, runtime::EventLoop& home, transport::Respond respond) {
              router_(std::move(request), home, std::move(respond));
            }),
        log_);
    relay_ = std::make_unique<delivery::Relay>(
        delivery::RelayOptions{uuid_text(crypto::uuid_v4()), configuration_.max_push_bytes},
        delivery::relay_to(gateway_->fan_out()), log_);
    notifications_ = or_fail(store::open_sqlite_notifications(database_));
    policies_ = or_fail(store::open_sqlite_policies(database_));
    resolver_ = std::make_unique<resolve::RecipientResolver>(*policies_);
    notify_ = std::make_unique<delivery::Notify>(*resolver_, *notifications_, delivery::push_to(gateway_->fan_out()),
                                                 configuration_.notify, log_);
    consumer_ = std::make_unique<ingest::KafkaConsumer>(configuration_.kafka, *notify_, log_);
    producer_ = std::make_unique<client::Producer>(or_fail(
        client::Producer::make({.brokers = configuration_.kafka.brokers, .topic = configuration_.kafka.topic})));
    add_routes();
  }

  void add_routes() {
    rest::add_health_routes(router_, {.accepting = [this] { return gateway_->accepting(); },
                                      .ready = [this] { return gateway_->accepting() && consumer_->ready(); }});
    rest::add_notification_routes(
        router_,
        {.authenticate = [this](std::string token, runtime::EventLoop& home,
                                auto done) { authenticator_->authenticate(std::move(token), home, std::move(done)); },
         .readers = *readers_,
         .tell_user = [this](const UserId& user,
                             const fanout::Payload& frame) { gateway_->fan_out().to_user(user, frame); },
         .log = log_});
    dev::add_dev_routes(router_, {.identity = identity_,
                                  .sample = sample_,
                                  .readers = *readers_,
                                  .produce = [this](const std::string& key,
                                                    const std::string& value) { return producer_->send(key, value); },
                                  .publish = [this](std::string_view message) { (*relay_)(message); },
                                  .addresses = [this] { return addresses(); },
                                  .log = log_});
  }

  Configuration configuration_;
  const observe::Logger& log_;
  store::SqliteOptions database_;
  dev::SampleData sample_ = dev::sample_data();
  dev::Identity identity_;
  ingest::EmbeddedBroker broker_ = or_fail(ingest::EmbeddedBroker::start());
  std::unique_ptr<client::Producer> producer_;
  rest::Router router_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<delivery::Relay> relay_;
  std::unique_ptr<store::ActivityNotificationRepository> notifications_;
  std::unique_ptr<store::PolicyDefinitionRepository> policies_;
  std::unique_ptr<resolve::RecipientResolver> resolver_;
  std::unique_ptr<delivery::Notify> notify_;
  std::unique_ptr<ingest::KafkaConsumer> consumer_;
  std::unique_ptr<store::ReaderPool> readers_;
  dev::Addresses addresses_;
  std::atomic<bool> listening_{false};
  bool stopped_ = false;
};

}  // namespace

int run_dev(const Loaded& loaded, Database database, const observe::Logger& log) {
  Termination termination;
  try {
    const Configuration configuration = adapted_to_dev(loaded);
    const SqliteLocation location =
        or_fail(SqliteLocation::prepare(configuration.database_url, database == Database::kept ? Keep::yes : Keep::no));
    Dev dev(configuration, location.path(), log);
    dev.start();
    std::cout << dev::welcome_text(dev.addresses()) << std::flush;
    while (termination.wait() == Termination::Request::reload) dev.reload();
    log.info("stopping");
    dev.stop();
    log.info("stopped");
    return 0;
  } catch (const Failed& failed) {
    std::cerr << "nx-signal dev: " << failed.error.message << "\n";
    return failed.error.kind == ErrorKind::invalid ? 2 : 1;
  } catch (const std::exception& error) {
    std::cerr << "nx-signal dev: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace nx::app
