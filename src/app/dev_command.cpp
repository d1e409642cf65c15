#include "app/dev_command.hpp"

#include <filesystem>
#include <unistd.h>

#include <fmt/core.h>

#include "app/instance.hpp"
#include "app/sqlite_location.hpp"
#include "app/start_up.hpp"
#include "app/termination.hpp"
#include "config/url_redaction.hpp"
#include "dev/dev_routes.hpp"
#include "dev/loopback_guard.hpp"
#include "kafka/embedded_broker.hpp"
#include "kafka/producer.hpp"
#include "observe/line_writer.hpp"
#include "runtime/descriptor_limit.hpp"
#include "store/sqlite_store.hpp"

namespace nx::app {
namespace {

using namespace std::chrono_literals;

constexpr int kPartitions = 3;

config::Configuration adapted_to_dev(const config::Loaded& loaded) {
  config::Configuration c = loaded.configuration;
  if (c.gateway.host != "127.0.0.1" && c.gateway.host != "localhost" && c.gateway.host != "::1") {
    throw Failed{{ErrorKind::invalid, fmt::format("--http-host: '{}' is not a loopback address, and dev serves only "
                                                  "this machine; for example --http-host 127.0.0.1",
                                                  c.gateway.host)}};
  }
  if (c.gateway.ws_path == "/") {
    throw Failed{{ErrorKind::invalid, "SIGNAL_WS_PATH: '/' is the path of dev's page; for example /stream"}};
  }
  if (!loaded.given.contains("SIGNAL_CORS_ORIGINS")) c.gateway.refuse_upgrade = dev::refuse_foreign;
  c.auth.refuse_dev_issuer = false;
  return c;
}

std::string scheme(const config::Configuration& configuration, const char* plain) {
  return configuration.gateway.tls_cert.empty() ? plain : std::string(plain) + "s";
}

/// In a form to paste into a shell: relative to the working directory if the program is below it.
std::string program_path() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "nx-signal";
  const auto relative = program.lexically_relative(std::filesystem::current_path(error)).string();
  return error || relative.empty() || relative.starts_with("..") ? program.string() : relative;
}

/// The parts that `dev` embeds around one instance: broker, identity, sample rows, the page.
class Dev {
 public:
  Dev(const config::Configuration& configuration, const std::string& database_path, const observe::Logger& log)
      : log_(log) {
    config::Configuration own = configuration;
    const store::Database database = store::Database::sqlite(database_path, config::database_options(own));
    log_.info("database ready", {{"path", database_path}, {"did", or_fail(database.migrate())}});
    or_fail(store::replace_sqlite_policies(*database.sqlite_options(), sample_.policies()));
    or_fail(broker_.create_topic(own.kafka.topic, kPartitions));
    own.kafka.brokers = broker_.bootstrap();
    // The mock cluster answers the first member of a group after 3 s.
    own.kafka.partitions = ingest::KafkaOptions::Partitions::all;
    // Unlike a real broker, the mock cluster answers a waiting fetch when its time is up, not when a message arrives.
    own.kafka.fetch_wait = 20ms;
    if (own.auth.jwks_url.empty()) {
      own.auth.fetch_keys = [this] { return Result<std::string>(identity_.jwks()); };
    }
    producer_ =
        std::make_unique<kafka::Producer>(or_fail(kafka::Producer::make({{own.kafka.connection()}, own.kafka.topic})));
    const auto api = own.gateway.refuse_upgrade ? dev::ApiOrigins::own : dev::ApiOrigins::configured;
    const auto guard = [api](transport::HttpHandler inner) { return dev::guard_loopback(std::move(inner), api); };
    instance_ = std::make_unique<Instance>(
        own, database, guard, MaintenanceRunner::Retention{},  // the mock cluster does not answer admin calls
        log_);
    add_routes();
    addresses_ = {scheme(own, "http") + "://", scheme(own, "ws") + "://", own.kafka.brokers, own.kafka.topic,
                  program_path()};
    path_ = own.gateway.ws_path;
  }
  ~Dev() { instance_->stop(); }
  Dev(const Dev&) = delete;
  Dev& operator=(const Dev&) = delete;

  void start() {
    instance_->start();
    const std::string at = instance_->address();
    addresses_.http += at;
    addresses_.stream += at + path_;
    listening_.store(true, std::memory_order_release);
    log_.info(
        "listening",
        {{"address", at}, {"url", addresses_.http}, {"stream", addresses_.stream}, {"broker", addresses_.broker}});
  }
  void reload() { instance_->reload(); }
  void stop() { instance_->stop(); }
  std::chrono::milliseconds longest_stop() const { return instance_->longest_stop(); }

  dev::Addresses addresses() const {
    return listening_.load(std::memory_order_acquire) ? addresses_ : dev::Addresses{};
  }

 private:
  void add_routes() {
    dev::add_dev_routes(
        instance_->router(),
        {.identity = identity_,
         .sample = sample_,
         .readers = instance_->readers(),
         .produce = [this](const std::string& key, const std::string& value) { return producer_->send(key, value); },
         .publish = [this](std::string channel,
                           std::string message) { instance_->publish(std::move(channel), std::move(message)); },
         .addresses = [this] { return addresses(); },
         .log = log_});
  }

  const observe::Logger& log_;
  dev::SampleData sample_ = dev::sample_data();
  dev::Identity identity_;
  kafka::EmbeddedBroker broker_ = or_fail(kafka::EmbeddedBroker::start());
  std::unique_ptr<kafka::Producer> producer_;
  dev::Addresses addresses_;
  std::string path_;
  std::atomic<bool> listening_{false};
  std::unique_ptr<Instance> instance_;  // last, because its threads use all members above
};

}  // namespace

int run_dev(const config::Loaded& loaded, const DevFlags& flags, const observe::Logger& log) {
  Termination termination(&log);
  return run_or_say_why("dev", log, [&] {
    const config::Configuration configuration = adapted_to_dev(loaded);
    runtime::raise_descriptor_limit();
    if (!configuration.redis_url.empty() && !flags.unsafe) {
      throw Failed{
          {ErrorKind::invalid, fmt::format("SIGNAL_REDIS_URL is set: dev's test notifications would reach the "
                                           "subscribers of {}; unset it, or add --unsafe-dev if that is intended",
                                           config::redact_url(configuration.redis_url))}};
    }
    const SqliteLocation location = or_fail(SqliteLocation::prepare(configuration.database_url, flags.keep));
    Dev dev(configuration, location.path(), log);
    dev.start();
    observe::LineWriter out({.fd = STDOUT_FILENO});  // its reader may be gone
    out.add(dev::welcome_text(dev.addresses()));
    while (termination.wait() == Termination::Request::reload) dev.reload();
    log.info("stopping");
    termination.end_within(dev.longest_stop(), &log);
    dev.stop();
    log.info("stopped");
    return 0;
  });
}

}  // namespace nx::app
