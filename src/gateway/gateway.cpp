#include "gateway/gateway.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "gateway/acceptor.hpp"
#include "gateway/shard.hpp"
#include "runtime/descriptor_limit.hpp"

namespace nx::gateway {

namespace {

/// One shard per core on a machine with up to four cores. With more cores, some are left to Kafka, SQL and the kernel
/// (docs/architecture.md#threads).
unsigned default_workers() {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  if (cores <= 4) return cores;
  return std::min(fanout::kMaxShards, cores <= 16 ? cores - 1 : cores - cores / 16);
}

std::shared_ptr<Admission> make_admission(const GatewayOptions& options) {
  Admission::Limits limits = admission_limits(runtime::descriptor_limit(), options.max_connections);
  limits.per_address = options.max_connections_per_address;
  limits.handshakes = options.max_handshakes;
  return std::make_shared<Admission>(limits);
}

}  // namespace

struct Gateway::State {
  State(GatewayOptions given, auth::Authenticator& authenticator, session::Lookups lookups,
        transport::HttpHandler handler, const observe::Logger& log)
      : context{.options = given,
                .trusted_proxies = {},
                .origin_policy = OriginPolicy(given.cors_origins),
                .tls = nullptr,
                .admission = given.admission ? given.admission : make_admission(given),
                .ledger = QueueLedger(given.queued_bytes_total),
                .authenticator = authenticator,
                .lookups = std::move(lookups),
                .handler = std::move(handler),
                .log = log,
                .fanout_shards = {},
                .shards = {}},
        fan_out(context.fanout_shards) {}

  GatewayContext context;
  fanout::FanOut fan_out;
  std::unique_ptr<Acceptor> acceptor;
  std::atomic<bool> accepting{false};
  bool ended = false;

  /// Closes the acceptor on the loop of shard 0, its home, and waits until that is done.
  void close_listener() {
    if (!acceptor) return;
    auto closed = std::make_shared<std::promise<void>>();
    context.shards.front()->loop().post([this, closed] {
      acceptor->close();
      closed->set_value();
    });
    closed->get_future().wait();
  }

  std::uint64_t connections() const {
    std::uint64_t sum = 0;
    for (const auto& shard : context.shards) sum += shard->counters().connections.load(std::memory_order_relaxed);
    return sum;
  }

  void stop() {
    if (std::exchange(ended, true)) return;
    accepting = false;
    if (acceptor) close_listener();
    for (const auto& shard : context.shards) shard->stop();
    for (const auto& shard : context.shards) shard->join();
  }
};

Gateway::Gateway(GatewayOptions options, auth::Authenticator& authenticator, session::Lookups lookups,
                 transport::HttpHandler handler, const observe::Logger& log)
    : state_(std::make_unique<State>(std::move(options), authenticator, std::move(lookups), std::move(handler), log)) {}

Gateway::~Gateway() {
  state_->stop();
}

Result<void> Gateway::start() {
  GatewayContext& context = state_->context;
  for (const std::string& range : context.options.trusted_proxies) {
    const auto cidr = transport::Cidr::parse(range);
    if (!cidr) return fail(ErrorKind::invalid, "not an address range: " + range);
    context.trusted_proxies.push_back(*cidr);
  }
  if (!context.options.tls_cert.empty()) {
    context.tls = std::make_unique<transport::TlsSource>(context.options.tls_cert, context.options.tls_key);
    if (auto loaded = context.tls->reload(); !loaded) return loaded;
  }
  auto listener = transport::Listener::open(context.options.host, context.options.port);
  if (!listener) return tl::make_unexpected(listener.error());

  const unsigned workers =
      std::min(context.options.workers != 0 ? context.options.workers : default_workers(), fanout::kMaxShards);
  for (std::uint32_t index = 0; index < workers; ++index)
    context.shards.push_back(std::make_shared<Shard>(context, index));
  state_->acceptor = std::make_unique<Acceptor>(context, std::move(*listener));
  state_->acceptor->start();
  state_->accepting = true;
  for (const auto& shard : context.shards) shard->start();
  return {};
}

std::uint16_t Gateway::port() const {
  return state_->acceptor ? state_->acceptor->port() : std::uint16_t{0};
}
std::string Gateway::address() const {
  return state_->acceptor ? state_->acceptor->address() : std::string{};
}
fanout::FanOut& Gateway::fan_out() {
  return state_->fan_out;
}
bool Gateway::accepting() const {
  return state_->accepting.load();
}

void Gateway::answer(const contract::OperatorAsk& ask, std::function<void(contract::Findings)> done) {
  const auto& shards = state_->context.shards;
  const ClientId* client = nullptr;
  if (const auto* find = std::get_if<contract::FindClient>(&ask)) client = &find->client;
  if (const auto* one = std::get_if<contract::DisconnectClient>(&ask)) client = &one->client;
  if (client == nullptr) {
    const auto query = std::make_shared<ClientQuery>(ask, shards.size(), std::move(done));
    for (const auto& shard : shards) shard->queries().run(query);
    return;
  }
  const auto id = parse_uuid(client->value);
  const fanout::ClientLocation location =
      id ? fanout::read_client_location(*id) : fanout::ClientLocation{fanout::kMaxShards, 0};
  if (location.shard >= shards.size()) return done({});
  shards[location.shard]->queries().run_at(location.slot, std::make_shared<ClientQuery>(ask, 1, std::move(done)));
}

void Gateway::push_late_hints(EpochMs since) {
  for (const auto& shard : state_->context.shards) shard->push_late_hints(since);
}

const std::shared_ptr<Admission>& Gateway::admission() const {
  return state_->context.admission;
}

std::chrono::milliseconds Gateway::longest_silence() const {
  const auto now = std::chrono::steady_clock::now();
  auto oldest = now;
  for (const auto& shard : state_->context.shards) oldest = std::min(oldest, shard->counters().ticked.load());
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - oldest);
}

bool Gateway::has_tls() const {
  return state_->context.tls != nullptr;
}

Result<void> Gateway::reload_tls() {
  return state_->context.tls->reload();
}

void Gateway::shutdown() {
  if (state_->ended) return;
  state_->accepting = false;
  std::this_thread::sleep_for(state_->context.options.drain);
  if (!state_->context.shards.empty()) {
    state_->close_listener();
    state_->context.keeps_connections = false;
    for (const auto& shard : state_->context.shards) shard->close_gradually();
    // The last close frame is sent at the end of the grace; then its client has two seconds to answer.
    const auto end =
        std::chrono::steady_clock::now() + state_->context.options.shutdown_grace + std::chrono::seconds(2);
    while (state_->connections() > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  state_->stop();
}

void Gateway::stop() {
  state_->stop();
}

Gateway::Stats Gateway::stats() const {
  Stats out;
  out.admission = state_->context.admission->stats();
  for (const ClosedBy by : kClosedBy) {
    for (const std::uint16_t code : kCountedCloseCodes) out.closed.push_back({by, code, 0});
  }
  for (const auto& shard : state_->context.shards) {
    const ShardCounters& counters = shard->counters();
    out.connections += counters.open.load(std::memory_order_relaxed);
    out.accepted += counters.accepted.value();
    out.handshakes += counters.handshakes.value();
    out.frames_out += counters.frames_out.value();
    out.bytes_out += counters.bytes_out.value();
    out.ignored_messages += counters.ignored.value();
    out.late_hints += counters.late_hints.value();
    out.acks += counters.acks.value();
    out.acks_dropped += counters.acks_dropped.value();
    out.turns_cut += counters.turns_cut.value();
    for (std::size_t i = 0; i < out.closed.size(); ++i) {
      out.closed[i].count += counters.closes.value(out.closed[i].by, i % kCountedCloseCodes.size());
    }
    for (std::size_t i = 0; i < out.dropped.size(); ++i) out.dropped[i] += counters.drops.value(i);
    out.rooms_left_out += counters.rooms_left_out.value();
    out.rooms_closed += counters.rooms_closed.value();
    out.room_checks_failed += counters.room_checks_failed.value();
    out.catch_ups_unanswered += counters.catch_ups_unanswered.value();
    for (std::size_t i = 0; i < out.refused.size(); ++i) out.refused[i] += counters.refusals.value(i);
    out.loop_lag += counters.loop_lag.snapshot();
    out.record_to_frame += counters.record_to_frame.snapshot();
  }
  for (std::uint32_t shard = 0; shard < state_->context.fanout_shards.count(); ++shard) {
    out.dropped_pushes += state_->context.fanout_shards.mailbox(shard).dropped();
  }
  for (std::size_t kind = 0; kind < kHeldKinds; ++kind) {
    out.held_bytes[kind] = state_->context.ledger.total(static_cast<HeldKind>(kind));
    out.queued_bytes += out.held_bytes[kind];
  }
  out.queued_limit_bytes = state_->context.ledger.limit();
  return out;
}

}  // namespace nx::gateway
