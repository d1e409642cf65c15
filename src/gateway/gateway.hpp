#pragma once
// One listener for WebSocket and HTTP, and S shards with one event loop and thread each. A connection is accepted onto
// the shard with the fewest connections and stays there.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/authenticator.hpp"
#include "contract/operator_message.hpp"
#include "fanout/fan_out.hpp"
#include "gateway/admission.hpp"
#include "gateway/close_counters.hpp"
#include "gateway/drop_counters.hpp"
#include "gateway/held_bytes.hpp"
#include "gateway/refusal_counters.hpp"
#include "gateway/slow_client.hpp"
#include "model/result.hpp"
#include "observe/histogram.hpp"
#include "observe/log.hpp"
#include "session/lookups.hpp"
#include "session/session_options.hpp"
#include "trace/tracer.hpp"
#include "transport/http_message.hpp"

namespace nx::gateway {

/// Defaults and meanings: docs/configuration.md#all-settings, variables SIGNAL_WS_* and SIGNAL_HTTP_*.
struct GatewayOptions {
  /// The admission of the process, shared by all its gateways. Null: the gateway makes its own from the limits below
  /// and the descriptors.
  std::shared_ptr<Admission> admission;
  std::string host = "0.0.0.0";
  std::uint16_t port = 3000;        // 0: any free port
  std::string ws_path = "/stream";  // empty: HTTP only
  unsigned workers = 0;             // 0: by the number of cores, docs/architecture.md#threads
  std::string tls_cert, tls_key;
  bool tls_terminated = false;                 // a proxy in front terminates TLS
  std::vector<std::string> trusted_proxies;    // CIDRs
  std::vector<std::string> cors_origins{"*"};  // empty: no CORS
  // for an operator's listener: connections over a limit (guests of the Admission) are answered on every route, not
  // only on health routes
  bool serves_over_limits = false;

  /// An additional check at the upgrade: returns the answer for a request that must not open a socket. Any thread; may
  /// be empty.
  std::function<std::optional<transport::HttpResponse>(const transport::HttpRequest&)> refuse_upgrade;

  trace::Tracer* tracer = nullptr;  // borrowed; null: tracing is off
  session::SessionOptions session;
  std::chrono::milliseconds server_key_lifetime{300'000};
  std::size_t max_message_bytes = 131'072;
  std::size_t queued_bytes_total = 268'435'456;
  std::size_t max_connections = 0;  // 0: by the number of descriptors
  std::size_t max_connections_per_address = 500;
  std::size_t max_handshakes = 1'000;
  std::size_t max_connections_per_user = 20;
  std::chrono::milliseconds drain{5'000};
  std::chrono::milliseconds shutdown_grace{20'000};
  /// Time for queued work in one turn before other connections are served. Half of the time and an eighth of the bytes
  /// are for input that is served at once. Beyond that, input is served at once only if it is a short read of an
  /// authenticated client, and no incomplete message of that client is buffered; all other input is queued.
  std::chrono::microseconds turn_time{4'000};
  std::size_t turn_bytes = 2U * 1024U * 1024U;
  SlowClientTimes slow_client;
  std::chrono::milliseconds request_head_timeout{5'000};
  std::chrono::milliseconds request_body_timeout{10'000};
  std::chrono::milliseconds keep_alive_timeout{75'000};  // longer than the 60 s of balancers, so that they close first
  std::chrono::milliseconds unread_answer_timeout{10'000};
};

class Gateway {
 public:
  /// `handler` answers every request that is not an upgrade on ws_path. All references are borrowed and must outlive
  /// the gateway.
  Gateway(GatewayOptions options, auth::Authenticator& authenticator, session::Lookups lookups,
          transport::HttpHandler handler, const observe::Logger& log);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Binds the listener, starts the shards and accepts connections. The error names the address and the system's
  /// reason.
  Result<void> start();
  std::uint16_t port() const;   // after start()
  std::string address() const;  // host:port as bound

  fanout::FanOut& fan_out();  // any thread

  /// False from the beginning of the shutdown on; /health/accept reports it. Any thread.
  bool accepting() const;

  bool has_tls() const;
  /// How long ago the latest turn of a shard began, for the shard where this time is longest. Any thread, from the end
  /// of start() to stop().
  std::chrono::milliseconds longest_silence() const;

  /// Reads the certificate and the key again; keeps the old ones when the new ones are invalid. Any thread; only with
  /// TLS.
  Result<void> reload_tls();

  /// Shuts down gracefully: accepting() becomes false; upgrades are still accepted during `drain`; then closes 1001 are
  /// spread over `shutdown_grace` (queued frames are sent first); then the shards stop. Blocks the caller (main).
  void shutdown();

  /// Stops at once, without drain and grace. Blocks until the threads of the shards have ended.
  void stop();

  /// Answers a question of operators about the clients of this gateway, so not DescribeInstance. `done` is called once,
  /// on the thread of a shard, but not after the gateway has stopped. Any thread, after start(). The caller bounds the
  /// number of unanswered questions.
  void answer(const contract::OperatorAsk& ask, std::function<void(contract::Findings)> done);

  /// Sends the clients the hints of notifications that were stored at `since` or later, except hints that were sent to
  /// the client before. Any thread, after start().
  void push_late_hints(EpochMs since);

  const std::shared_ptr<Admission>& admission() const;

  /// Sums over the shards; any thread.
  struct Stats {
    std::uint64_t connections = 0;  // authenticated and open now
    std::uint64_t accepted = 0;
    std::uint64_t handshakes = 0;  // completed
    std::uint64_t frames_out = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t ignored_messages = 0;      // docs/protocol.md#what-a-client-may-say
    std::uint64_t rooms_left_out = 0;        // rooms left out of joins because the database did not answer
    std::uint64_t rooms_closed = 0;          // rooms closed because membership was not confirmed in time
    std::uint64_t room_checks_failed = 0;    // clients whose rooms were not checked because the database did not answer
    std::uint64_t catch_ups_unanswered = 0;  // catch-ups that are incomplete because the database did not answer
    std::uint64_t late_hints = 0;            // hints that were sent because the bus had been unavailable
    std::uint64_t acks = 0;                  // messages with acknowledgements of clients
    std::uint64_t acks_dropped = 0;          // acknowledgements among them that were not stored
    std::uint64_t turns_cut = 0;             // turns whose budget was spent before all work was done
    std::uint64_t dropped_pushes = 0;        // dropped because a mailbox was full
    std::uint64_t queued_bytes = 0;          // sum of held_bytes
    std::uint64_t queued_limit_bytes = 0;    // bound of queued_bytes
    std::array<std::uint64_t, kHeldKinds> held_bytes{};  // by HeldKind
    Admission::Stats admission;                          // of the whole process
    struct Closed {
      ClosedBy by;
      std::uint16_t code;  // one of kCountedCloseCodes
      std::uint64_t count;
    };
    std::vector<Closed> closed;
    std::array<std::uint64_t, kCountedRefusals.size()> refused{};  // requests, in the order of kCountedRefusals
    std::array<std::uint64_t, kDroppedNames.size()> dropped{};     // HTTP connections, in the order of kDroppedNames
    observe::HistogramSnapshot loop_lag;
    observe::HistogramSnapshot record_to_frame;  // for hints
  };
  Stats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::gateway
