#pragma once
// One running Signal: database, authenticator, gateway, bus, consumer, and the routes that every instance has. `serve`
// runs it with real parts, `dev` with embedded ones. Members are constructed top to bottom and destroyed bottom to top.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/maintenance_runner.hpp"
#include "app/metrics.hpp"
#include "app/revocation_feed.hpp"
#include "auth/authenticator.hpp"
#include "bus/bus.hpp"
#include "config/configuration.hpp"
#include "contract/instance_record.hpp"
#include "delivery/broadcast_worker.hpp"
#include "delivery/hint_push.hpp"
#include "delivery/notify.hpp"
#include "delivery/relay.hpp"
#include "gateway/gateway.hpp"
#include "ingest/kafka_consumer.hpp"
#include "model/time.hpp"
#include "observe/log.hpp"
#include "operators/operators.hpp"
#include "replay/dead_letter_requests.hpp"
#include "resolve/recipient_resolver.hpp"
#include "rest/router.hpp"
#include "store/database.hpp"
#include "store/database_watch.hpp"
#include "store/repositories.hpp"
#include "trace/tracer.hpp"
#include "transport/http_message.hpp"

namespace nx::app {

class Instance {
 public:
  /// Wraps the handler of the public listener; may be empty.
  using Guard = std::function<transport::HttpHandler(transport::HttpHandler)>;

  /// Opens the database within SIGNAL_DATABASE_BOOT_TIMEOUT_MS. `retention`: see MaintenanceRunner; may be empty.
  /// Throws Failed.
  Instance(config::Configuration configuration, store::Database database, Guard guard,
           MaintenanceRunner::Retention retention, const observe::Logger& log);
  ~Instance();  // calls stop()
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Add routes before start().
  rest::Router& router() { return router_; }
  gateway::Gateway& gateway() { return *gateway_; }
  store::ReaderPool& readers() { return *readers_; }

  /// Opens the listener and the admin listener, then starts to consume. Throws Failed.
  void start();
  const std::string& id() const { return bus_hints_.server_id; }  // identifies this process
  std::string address() const { return gateway_->address(); }
  std::string admin_address() const { return admin_ ? admin_->address() : std::string(); }

  /// The maximum number of sockets; 0: no limit.
  std::size_t max_connections() const { return gateway_->admission()->limits().connections; }

  /// Whether every loop that serves clients or operators has begun a turn within that time. Any thread, from the end of
  /// start() to stop().
  bool alive(std::chrono::milliseconds within) const {
    return gateway_->longest_silence() < within && (!admin_ || admin_->longest_silence() < within);
  }

  /// Sends a direct push as another service would: over the bus; if there is none, to the clients of this instance. Any
  /// thread.
  void publish(std::string channel, std::string message);

  /// An upper bound for the duration of stop(), however slow the dependencies and the clients are.
  std::chrono::milliseconds longest_stop() const;
  /// The part that stop() waits for, a literal for the log; empty before stop(). Outlives the instance. Any thread.
  std::shared_ptr<const std::atomic<const char*>> waiting_for() const { return waiting_for_; }

  /// Reloads certificate and key.
  void reload();

  /// The reason why the instance cannot continue although nobody stopped it. Any thread.
  std::optional<std::string> failure() const { return consumer_->failure(); }

  /// Stops part by part: first no new rows, then the sockets, then the threads that answer them.
  void stop();

 private:
  void open_database();
  void build_gateway(const Guard& guard);
  void read_revocations();
  void build_bus();
  void build_operators();
  void build_pipeline();
  void build_admin();
  void add_routes();
  bool accepting() const {
    return listening_.load(std::memory_order_acquire) && !stopping_.load() && gateway_->accepting();
  }
  bool bus_connected() const { return !bus_ || bus_->connected(); }
  bool ready() const { return accepting() && consumer_->ready() && watch_->reachable() && bus_connected(); }
  std::string readiness() const;
  MetricSources metric_sources() const;
  contract::InstanceRecord description() const;  // from the start of the operators' thread to its end

  config::Configuration configuration_;
  store::Database database_;
  MaintenanceRunner::Retention retention_;
  const observe::Logger& log_;
  std::unique_ptr<trace::Tracer> tracer_;  // null: tracing is off; outlives all threads that record spans
  rest::Router router_, admin_router_;
  std::vector<store::Repositories> opened_;  // until the threads of the pool take them
  std::unique_ptr<store::ReaderPool> readers_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<RevocationFeed> revocations_;
  std::unique_ptr<operators::Operators> operators_;
  std::unique_ptr<replay::DeadLetterRequests> dead_letters_;  // null: SIGNAL_KAFKA_DLQ_TOPIC is not set
  std::unique_ptr<delivery::Relay> relay_;
  std::unique_ptr<bus::Bus> bus_;  // null: SIGNAL_REDIS_URL is not set
  delivery::BusHints bus_hints_;
  /// The objects that one worker of the consumer owns.
  struct Ingest {
    store::Repositories repositories;
    std::unique_ptr<resolve::RecipientResolver> resolver;
    std::unique_ptr<delivery::Notify> notify;
  };
  std::vector<Ingest> ingest_;
  std::shared_ptr<delivery::NotifyStats> notified_ = std::make_shared<delivery::NotifyStats>();
  store::Repositories broadcast_tables_;  // until the worker takes them
  std::unique_ptr<delivery::BroadcastWorker> broadcasts_;
  std::unique_ptr<ingest::KafkaConsumer> consumer_;
  std::unique_ptr<store::DatabaseWatch> watch_;
  std::unique_ptr<MaintenanceRunner> maintenance_;
  std::unique_ptr<gateway::Gateway> admin_;
  const EpochMs started_at_ = now_wall();
  std::atomic<bool> listening_{false}, stopping_{false};
  bool stopped_ = false;
  const std::shared_ptr<std::atomic<const char*>> waiting_for_ = std::make_shared<std::atomic<const char*>>("");
};

}  // namespace nx::app
