#include "app/instance.hpp"

#include <utility>

#include "app/admin_guard.hpp"
#include "app/admin_listener.hpp"
#include "app/bus_options.hpp"
#include "app/dead_letters.hpp"
#include "app/operator_callbacks.hpp"
#include "app/reader_lookups.hpp"
#include "app/start_up.hpp"
#include "app/tracing.hpp"
#include "config/listen_address.hpp"
#include "crypto/random.hpp"
#include "delivery/bus_dispatch.hpp"

namespace nx::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReaderThreads = 3;  // together with ingest, broadcasts, watch and maintenance 8 connections
constexpr std::size_t kIngestWorkers = 2;  // an embedded database has one writer: one worker then
constexpr std::size_t kReaderQueue = 1'024;
constexpr std::chrono::milliseconds kFlushBus = 1s;  // for hints that wait for Redis at the stop
constexpr std::chrono::milliseconds kFlushSpans = 1s;
constexpr std::chrono::milliseconds kFinishBatch = 2s;  // for a slow database or Redis; the rest is redelivered
// limit for statements, a closing consumer, last close frames, a request for dead letters, and the spans
constexpr std::chrono::milliseconds kOfTheRest = 20s;

}  // namespace

Instance::Instance(config::Configuration configuration, store::Database database, Guard guard,
                   MaintenanceRunner::Retention retention, const observe::Logger& log)
    : configuration_(std::move(configuration)),
      database_(std::move(database)),
      retention_(std::move(retention)),
      log_(log) {
  bus_hints_.server_id = uuid_text(crypto::uuid_v4());
  tracer_ = make_tracer(configuration_, id(), database_.product(), log_);
  open_database();
  build_gateway(guard);
  read_revocations();
  build_bus();
  build_operators();
  build_pipeline();
  build_admin();
  add_routes();
}

Instance::~Instance() {
  stop();
}

void Instance::open_database() {
  const auto open = [this](store::Database::Use use) {
    return open_database_within(configuration_.database_boot_timeout, log_,
                                [this, use] { return database_.repositories(use); });
  };
  const std::size_t workers = database_.is_embedded() ? 1 : kIngestWorkers;
  for (std::size_t i = 0; i < workers; ++i) ingest_.push_back({open(store::Database::Use::ingest), nullptr, nullptr});
  broadcast_tables_ = open(store::Database::Use::broadcasts);
  for (std::size_t i = 0; i < kReaderThreads; ++i) opened_.push_back(open(store::Database::Use::reader));
  auto next = std::make_shared<std::atomic<std::size_t>>(0);
  readers_ = std::make_unique<store::ReaderPool>("reader", kReaderThreads, kReaderQueue,
                                                 [this, next] { return std::move(opened_[next->fetch_add(1)]); });
}

/// Reads the revocations before any client is accepted.
void Instance::read_revocations() {
  const auto learned = [this](const store::Revocation& revocation) {
    gateway_->answer(contract::DisconnectUser{revocation.user, revocation.revoked_at},
                     [](const contract::Findings&) {});
  };
  revocations_ = std::make_unique<RevocationFeed>(authenticator_->revocations(), learned, log_);
  const auto read = [this](store::ActivityNotificationRepository& rows) {
    return revocations_->read(
        [&rows](const store::Revocation& after, std::size_t limit) { return rows.revocations(after, limit); });
  };
  or_fail(read(*ingest_.front().repositories.notifications));
  auto probe = open_database_within(configuration_.database_boot_timeout, log_,
                                    [this] { return database_.repositories(store::Database::Use::probe); });
  // A read that fails is repeated a second later.
  watch_ = std::make_unique<store::DatabaseWatch>(
      std::move(probe), [read](store::ActivityNotificationRepository& rows) { static_cast<void>(read(rows)); }, log_);
}

void Instance::build_gateway(const Guard& guard) {
  authenticator_ = std::make_unique<auth::Authenticator>(configuration_.auth, log_);
  transport::HttpHandler handler = [this](transport::HttpRequest request, runtime::EventLoop& home,
                                          transport::Respond respond) {
    router_(std::move(request), home, std::move(respond));
  };
  session::Lookups lookups = reader_lookups(*readers_, configuration_.notify.hint_max_age);
  if (!configuration_.redis_url.empty() && configuration_.bus_subscription == "exact") {
    lookups.subscriptions = bus_subscriptions(bus_);
  }
  gateway_ = std::make_unique<gateway::Gateway>(configuration_.gateway, *authenticator_, std::move(lookups),
                                                guard ? guard(std::move(handler)) : std::move(handler), log_);
}

void Instance::build_bus() {
  bus_hints_.compat = configuration_.bus_compat;
  relay_ = std::make_unique<delivery::Relay>(
      delivery::RelayOptions{bus_hints_.server_id, configuration_.max_push_bytes, tracer_ != nullptr},
      gateway_->fan_out(), log_);
  if (configuration_.redis_url.empty()) return;
  // The operators are constructed after the bus, and before it starts.
  const delivery::OperatorListener to_operators{
      .question = [this](std::string_view message) { operators_->receive_question(message); },
      .answer = [this](std::string_view message) { operators_->receive_answer(message); }};
  std::function<void(EpochMs)> restored;  // without hints there are no late ones
  if (configuration_.notify.hint_max_age > 0ms) {
    restored = [this](EpochMs since) { gateway_->push_late_hints(since); };
  }
  bus_ = std::make_unique<bus::Bus>(
      or_fail(bus_options(configuration_, bus_hints_.server_id)),
      bus::Bus::Receiver{.message = delivery::BusDispatch(*relay_, to_operators),
                         .too_large = [this](std::string_view, std::size_t bytes) { relay_->skipped(bytes); },
                         .restored = std::move(restored)},
      log_);
  bus_hints_.wait_for_room = [this](auto deadline) { return bus_->wait_for_room(deadline); };
  bus_hints_.publish = [this](std::string channel, std::string message) {
    bus_->publish(std::move(channel), std::move(message));
  };
}

void Instance::build_operators() {
  operators_ =
      std::make_unique<operators::Operators>(operator_callbacks(id(), {.gateway = *gateway_,
                                                                       .feed = *revocations_,
                                                                       .describe = [this] { return description(); },
                                                                       .bus = bus_.get()}),
                                             operators::OperatorLimits{}, log_);
  dead_letters_ = dead_letter_requests(configuration_.kafka, log_);
}

void Instance::publish(std::string channel, std::string message) {
  if (bus_) {
    bus_->publish(std::move(channel), std::move(message));
  } else {
    (*relay_)(message);
  }
}

void Instance::build_pipeline() {
  broadcasts_ = std::make_unique<delivery::BroadcastWorker>(
      bus_hints_.server_id, std::move(broadcast_tables_), delivery::push_hint(gateway_->fan_out(), bus_hints_),
      delivery::BroadcastOptions{.hint_max_age = configuration_.notify.hint_max_age, .spans = writer_of(tracer_)},
      log_);
  configuration_.notify.broadcast_stored = [this] { broadcasts_->wake(); };
  std::vector<delivery::Notify*> workers;
  for (Ingest& one : ingest_) {
    configuration_.notify.spans = writer_of(tracer_);
    one.resolver = std::make_unique<resolve::RecipientResolver>(*one.repositories.policies);
    one.notify = std::make_unique<delivery::Notify>(*one.resolver, *one.repositories.notifications,
                                                    delivery::push_hint(gateway_->fan_out(), bus_hints_),
                                                    configuration_.notify, log_, notified_);
    workers.push_back(one.notify.get());
  }
  configuration_.kafka.retention = std::chrono::hours{24 * configuration_.retention_days};
  configuration_.kafka.clock_is_right = [this] {
    return listening_.load(std::memory_order_acquire) && maintenance_->clock_is_right();
  };
  consumer_ = std::make_unique<ingest::KafkaConsumer>(configuration_.kafka, std::move(workers), log_);
}

void Instance::build_admin() {
  const auto address = config::parse_listen_address(configuration_.admin_listen);
  if (!address) return;
  transport::HttpHandler routes = [this](transport::HttpRequest request, runtime::EventLoop& home,
                                         transport::Respond respond) {
    admin_router_(std::move(request), home, std::move(respond));
  };
  admin_ = std::make_unique<gateway::Gateway>(
      admin_options(*address, gateway_->admission()), *authenticator_, session::Lookups{},
      guard_host(transport::HostNames::of_listener(address->host), std::move(routes)), log_);
}

void Instance::start() {
  if (tracer_) tracer_->start();
  or_fail(gateway_->start());
  revocations_->tell();  // not later: clients arrive before Kafka has answered
  if (admin_) or_fail(admin_->start());
  operators_->start();
  if (bus_) bus_->start(gateway_->address());
  broadcasts_->start();
  or_fail(consumer_->start());
  const store::MaintenancePlan plan{.retention_days = configuration_.retention_days};
  maintenance_ =
      std::make_unique<MaintenanceRunner>([this] { return database_.maintenance(); }, retention_, plan, log_);
  listening_.store(true, std::memory_order_release);
}

void Instance::reload() {
  if (!gateway_->has_tls()) {
    log_.warn("nothing to reload", {{"reason", "SIGHUP reloads the certificate, and SIGNAL_TLS_CERT is not set"}});
  } else if (const auto done = gateway_->reload_tls(); !done) {
    log_.error("certificate not reloaded, the old one stays", {{"reason", done.error().message}});
  } else {
    log_.info("certificate reloaded");
  }
}

std::chrono::milliseconds Instance::longest_stop() const {
  return configuration_.gateway.drain + configuration_.gateway.shutdown_grace + kOfTheRest;
}

void Instance::stop() {
  if (std::exchange(stopped_, true)) return;
  stopping_.store(true);  // so that the load balancer learns it before anything is waited for
  // Each may be executing a statement, which may take seconds: all are told to stop before the first wait.
  watch_->stop_soon();
  if (maintenance_) maintenance_->stop_soon();
  for (const Ingest& one : ingest_) one.notify->finish_within(kFinishBatch);
  if (bus_) bus_->end_waits_within(kFinishBatch);
  broadcasts_->stop_soon();
  if (dead_letters_) dead_letters_->stop_soon();
  const auto wait_for = [this](const char* part) { waiting_for_->store(part, std::memory_order_relaxed); };
  wait_for("the Kafka consumer");
  consumer_->stop();
  wait_for("the broadcasts");
  broadcasts_->stop();
  wait_for("the clients");
  if (listening_.load(std::memory_order_relaxed)) {
    gateway_->shutdown();
  } else {
    gateway_->stop();  // start-up failed: no client was accepted
  }
  wait_for("Redis");
  if (bus_) bus_->stop(kFlushBus);
  wait_for("the operators' requests");
  operators_->stop();
  wait_for("the request for dead letters");
  dead_letters_.reset();
  wait_for("the operators' listener");
  if (admin_) admin_->stop();
  wait_for("maintenance and the watch of the database");
  maintenance_.reset();
  watch_.reset();
  // These threads post to the gateways' loops, so they end before the gateways.
  wait_for("the database's readers and the key set");
  readers_->abandon();  // the callers are gone
  readers_.reset();
  authenticator_.reset();
  wait_for("the collector of traces");
  if (tracer_) tracer_->stop(kFlushSpans);
}

}  // namespace nx::app
