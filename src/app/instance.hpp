#pragma once
// One running Signal: database, authenticator, gateway, bus, consumer, and the routes that every instance has. `serve`
// runs it on real parts, `dev` on embedded ones. Members are constructed top to bottom and destroyed bottom to top.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/maintenance_runner.hpp"
#include "app/revocation_feed.hpp"
#include "auth/authenticator.hpp"
#include "bus/bus.hpp"
#include "config/configuration.hpp"
#include "delivery/broadcast_worker.hpp"
#include "delivery/hint_push.hpp"
#include "delivery/notify.hpp"
#include "delivery/relay.hpp"
#include "gateway/gateway.hpp"
#include "ingest/kafka_consumer.hpp"
#include "observe/log.hpp"
#include "operators/operators.hpp"
#include "resolve/recipient_resolver.hpp"
#include "rest/router.hpp"
#include "store/database.hpp"
#include "store/database_watch.hpp"
#include "store/repositories.hpp"

namespace nx::app {

class Instance {
 public:
  /// Wraps what answers the public listener's requests; may be empty.
  using Guard = std::function<transport::HttpHandler(transport::HttpHandler)>;

  /// Opens the database within SIGNAL_DATABASE_BOOT_TIMEOUT_MS. `retention`: see MaintenanceRunner; may be empty.
  /// Throws Failed.
  Instance(config::Configuration configuration, store::Database database, Guard guard,
           MaintenanceRunner::Retention retention, const observe::Logger& log);
  ~Instance();  // stop()
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Routes are added before start().
  rest::Router& router() { return router_; }
  gateway::Gateway& gateway() { return *gateway_; }
  store::ReaderPool& readers() { return *readers_; }

  /// Listens, joins the group, opens the admin listener. Throws Failed.
  void start();
  const std::string& id() const { return bus_hints_.server_id; }  // of this process
  std::string address() const { return gateway_->address(); }
  std::string admin_address() const { return admin_ ? admin_->address() : std::string(); }

  /// Sockets at most; 0: no limit.
  std::size_t max_connections() const { return gateway_->admission()->limits().connections; }

  /// A direct push, as another service would make it: over the bus, or where there is none to the clients here. Any
  /// thread.
  void publish(std::string channel, std::string message);

  /// How long stop() takes at the most, however slow what it waits for.
  std::chrono::milliseconds longest_stop() const;

  /// Re-reads certificate and key.
  void reload();

  /// Why the instance can not go on although nobody stopped it. Any thread.
  std::optional<std::string> failure() const { return consumer_->failure(); }

  /// The reverse of start-up: no new rows, then the sockets, then the threads that answer them.
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
  std::string metrics() const;

  config::Configuration configuration_;
  store::Database database_;
  MaintenanceRunner::Retention retention_;
  const observe::Logger& log_;
  rest::Router router_, admin_router_;
  std::vector<store::Repositories> opened_;  // until the pool's threads take them
  std::unique_ptr<store::ReaderPool> readers_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<RevocationFeed> revocations_;
  std::unique_ptr<operators::Operators> operators_;
  std::unique_ptr<delivery::Relay> relay_;
  std::unique_ptr<bus::Bus> bus_;  // null: no SIGNAL_REDIS_URL
  delivery::BusHints bus_hints_;
  /// What one worker of the consumer has for itself.
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
  std::atomic<bool> listening_{false}, stopping_{false};
  bool stopped_ = false;
};

}  // namespace nx::app
