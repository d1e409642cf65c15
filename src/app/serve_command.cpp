#include <algorithm>
#include <optional>

#include "app/commands.hpp"
#include "app/instance.hpp"
#include "app/start_up.hpp"
#include "app/systemd_notifier.hpp"
#include "app/termination.hpp"
#include "app/unfinished_start_up.hpp"
#include "kafka/topic_retention.hpp"
#include "runtime/descriptor_limit.hpp"

namespace nx::app {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFailureCheck = 200ms;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

void warn_of_risks(const config::Configuration& configuration, const store::Database& database,
                   const observe::Logger& log) {
  const gateway::GatewayOptions& gateway = configuration.gateway;
  if (gateway.tls_cert.empty() && !gateway.tls_terminated && !is_loopback(gateway.host)) {
    log.warn("tokens cross the network unencrypted: this listener has no TLS",
             {{"host", gateway.host}, {"set", "SIGNAL_TLS_CERT and SIGNAL_TLS_KEY, or SIGNAL_TLS_TERMINATED=true"}});
  }
  if (std::find(gateway.cors_origins.begin(), gateway.cors_origins.end(), "*") != gateway.cors_origins.end()) {
    log.warn("any web page may connect", {{"set", "SIGNAL_CORS_ORIGINS=https://pos.example,tauri://localhost"}});
  }
  if (database.sqlite_options() != nullptr) {
    log.warn("SQLite serves one instance only", {{"database", database.shown()}});
  }
}

int run_until_told(Instance& instance, Termination& termination, const observe::Logger& log) {
  SystemdNotifier systemd([&instance](std::chrono::milliseconds within) { return instance.alive(within); });
  const std::string status = "listening on " + instance.address();
  systemd.ready(status);
  for (;;) {
    const auto request = termination.wait_for(kFailureCheck);
    if (request == Termination::Request::reload) {
      systemd.reloading();
      instance.reload();
      systemd.ready(status);
    }
    if (request == Termination::Request::stop) {
      log.info("stopping");
      systemd.stopping(instance.longest_stop());
      termination.end_within(instance.longest_stop(), &log, [part = instance.waiting_for()] { return part->load(); });
      instance.stop();
      log.info("stopped");
      return 0;
    }
    if (const auto failure = instance.failure()) {
      log.error("stopping, consuming has ended permanently", {{"reason", *failure}});
      systemd.stopping(instance.longest_stop());
      termination.end_at_next();
      termination.end_within(instance.longest_stop(), &log, [part = instance.waiting_for()] { return part->load(); });
      instance.stop();
      log.print("nx-signal serve: " + *failure);
      return 1;
    }
  }
}

}  // namespace

int run_serve(const config::Loaded& loaded, const observe::Logger& log) {
  Termination termination(&log);
  return run_or_say_why("serve", log, [&] {
    const config::Configuration& configuration = loaded.configuration;
    const store::Database database = or_fail(store::Database::of(config::database_options(configuration)));
    warn_of_risks(configuration, database, log);
    runtime::raise_descriptor_limit();
    const auto retention = [&configuration] {
      return kafka::topic_retention(configuration.kafka, configuration.kafka.topic);
    };
    std::optional<UnfinishedStartUp> start_up(std::in_place, log);
    Instance instance(configuration, database, {}, retention, log);
    instance.start();
    start_up.reset();
    log.info("listening", {{"address", instance.address()},
                           {"instance", instance.id()},
                           {"admin", instance.admin_address()},
                           {"descriptors", runtime::descriptor_limit()},
                           {"max_connections", instance.max_connections()},
                           {"database", database.shown()},
                           {"kafka", configuration.kafka.brokers}});
    return run_until_told(instance, termination, log);
  });
}

}  // namespace nx::app
