#include <chrono>
#include <iomanip>
#include <iostream>
#include <thread>

#include <fmt/core.h>

#include "app/bus_options.hpp"
#include "app/commands.hpp"
#include "app/printable.hpp"
#include "app/stoppable_work.hpp"
#include "auth/key_set.hpp"
#include "auth/key_set_download.hpp"
#include "bus/bus.hpp"
#include "client/listen.hpp"
#include "config/url_redaction.hpp"
#include "crypto/random.hpp"
#include "kafka/boot_check.hpp"
#include "store/database.hpp"

namespace nx::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRedisWithin{5'000};
constexpr std::chrono::milliseconds kRedisAskAgain{5};

/// The result of one check: a sentence, or the reason for the failure.
using Finding = Result<std::string>;

class Report {
 public:
  template <class Check>
  void run(const char* name, Check check) {
    const auto begun = Clock::now();
    const Finding finding = check();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
    std::cout << (stopped_  ? "stop  "
                  : finding ? "ok    "
                            : "FAIL  ")
              << std::left << std::setw(10) << name << std::right << std::setw(6) << took.count() << " ms  "
              << (finding ? *finding : finding.error().message) << std::endl;
    failed_ = failed_ || !finding;
  }
  void warn(const char* name, const std::string& lack) {
    std::cout << "warn  " << std::left << std::setw(10) << name << std::right << "           " << lack << std::endl;
  }
  /// The check that runs was stopped before its end.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  int exit_code() const { return stopped_ ? kStopped : failed_ ? 1 : 0; }

 private:
  bool failed_ = false;
  bool stopped_ = false;
};

void check_database(Report& report, const store::Database& database) {
  bool usable = false;
  report.run("database", [&]() -> Finding {
    auto opened = database.repositories(store::Database::Use::probe);
    if (!opened) return error_of(opened);
    const auto answer = opened->notifications->unread_count({""});
    if (!answer) return error_of(answer);
    usable = true;
    return database.shown() + ", tables have the version that this program needs, policy table is readable";
  });
  if (!usable) return;
  const auto lacks = database.policy_lacks();
  if (!lacks) return report.warn("policies", lacks.error().message);
  for (const std::string& lack : *lacks) report.warn("policies", lack);
}

/// The result for the users that were counted.
std::string counted(const store::Audit& audit) {
  if (audit.wrong_users == 0) return fmt::format("{} users, every counter equals its rows", audit.users);
  std::string names;
  for (const auto& wrong : audit.wrong) {
    if (names.size() < 200) names += (names.empty() ? "" : ", ") + wrong.user.value;
  }
  return fmt::format("{} of {} users have counters that differ from their rows ({}); run `nx-signal migrate --recount`",
                     audit.wrong_users, audit.users, names);
}

void check_counters(Report& report, const store::Database& database, std::int64_t after) {
  report.run("counters", [&]() -> Finding {
    auto maintenance = database.maintenance();
    if (!maintenance) return error_of(maintenance);
    StoppableWork work("counters", "users", after);
    const auto audit = (*maintenance)->audit(work.slices());
    // Users that were counted before a failure may have wrong counters, so no position to continue at is printed.
    if (!audit) return error_of(audit);
    if (work.stopped()) {
      report.stop();
      if (work.position() == after) return counted(*audit);
      return fmt::format("{}; continue with `nx-signal check --deep --continue-at {}`", counted(*audit),
                         work.position());
    }
    if (work.stop_requested()) report.stop();  // during the last slice
    if (audit->wrong_users == 0) return counted(*audit);
    return fail(ErrorKind::unavailable, counted(*audit));
  });
}

void check_kafka(Report& report, const ingest::KafkaOptions& kafka) {
  report.run("kafka", [&]() -> Finding {
    if (const auto reached = kafka::check_brokers(kafka, ingest::topics_of(kafka)); !reached) return error_of(reached);
    return fmt::format("{}, topic {}{}", kafka.brokers, kafka.topic,
                       kafka.dlq_topic.empty() ? "" : ", DLQ " + kafka.dlq_topic);
  });
}

/// Like `serve`: a subscription, and a probe that returns through each master.
void check_redis(Report& report, const config::Configuration& configuration) {
  report.run("redis", [&]() -> Finding {
    auto options = bus_options(configuration, uuid_text(crypto::uuid_v4()));
    if (!options) return error_of(options);
    const std::string shown = options->url.text();
    const observe::Logger silent({.level = observe::Level::error, .fd = -1});
    bus::Bus bus(std::move(*options), {.message = [](auto, auto) {}, .too_large = [](auto, auto) {}}, silent);
    bus.start({});
    const auto deadline = Clock::now() + kRedisWithin;
    while (!bus.connected() && Clock::now() < deadline) std::this_thread::sleep_for(kRedisAskAgain);
    if (!bus.connected()) return fail(ErrorKind::unavailable, bus.problem() + "; check SIGNAL_REDIS_URL");
    return shown + ", subscribed, probes return";
  });
}

void check_identity(Report& report, const auth::AuthOptions& auth) {
  std::vector<auth::KeySet::Unusable> unusable;
  report.run("identity", [&]() -> Finding {
    const std::string shown = config::redact_url(auth.jwks_url);
    auth::KeySetDownload download(auth.jwks_url, auth.jwks_timeout, auth.jwks_tls_ca);
    const auto body = download.get();
    const auto keys = body ? auth::KeySet::parse(*body) : error_of(body);
    if (!keys)
      return fail(ErrorKind::unavailable, fmt::format("{}: {}; check SIGNAL_JWKS_URL", shown, keys.error().message));
    unusable = keys->unusable();
    if (keys->size() == 0) {
      return fail(ErrorKind::unavailable,
                  shown + ": the set has no key that can verify a token; check SIGNAL_JWKS_URL");
    }
    return fmt::format("{}, {} {}", shown, keys->size(), keys->size() == 1 ? "key" : "keys");
  });
  for (const auto& one : unusable) {
    report.warn("identity", fmt::format("key {} cannot be used: {}", printable(one.kid), printable(one.why)));
  }
}

void check_stream(Report& report, const CheckFlags& flags) {
  report.run("stream", [&]() -> Finding {
    client::ListenOptions options;
    options.url = flags.url;
    options.token = flags.token;
    if (flags.insecure) options.trust.check = client::CertificateCheck::skip;
    if (const auto done = client::shake_hands(options); !done) {
      return fail(ErrorKind::unavailable, fmt::format("{}: {}", config::redact_url(flags.url), done.error().message));
    }
    return config::redact_url(flags.url) +
           (flags.token.empty() ? ", upgrade answered (a token would check the handshake)" : ", handshake completed");
  });
}

}  // namespace

int run_check(const config::Configuration& configuration, const CheckFlags& flags, const observe::Logger& log) {
  const auto database = store::Database::of(config::database_options(configuration));
  if (!database) {
    std::cerr << "nx-signal check: " << database.error().message << "\n";
    return 2;
  }
  log.debug("checking");
  Report report;
  check_database(report, *database);
  if (flags.deep) check_counters(report, *database, flags.continue_at);
  if (report.stopped()) return report.exit_code();
  check_kafka(report, configuration.kafka);
  check_redis(report, configuration);
  check_identity(report, configuration.auth);
  if (!flags.url.empty()) check_stream(report, flags);
  return report.exit_code();
}

}  // namespace nx::app
