#pragma once
// One listener for WebSocket and HTTP, S shards with one event loop and thread each. A connection is
// accepted onto the least-loaded shard and never leaves it.

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
#include "model/result.hpp"
#include "observe/histogram.hpp"
#include "observe/log.hpp"
#include "session/lookups.hpp"
#include "transport/http_message.hpp"

namespace nx::gateway {

/// Defaults and meanings: docs/configuration.md#all-settings, variables SIGNAL_WS_* and SIGNAL_HTTP_*.
struct GatewayOptions {
  /// Of the process: two gateways of one share it. Null: one of its own, made of the limits below and the descriptors.
  std::shared_ptr<Admission> admission;
  std::string host = "0.0.0.0";
  std::uint16_t port = 3000;        // 0: any free port
  std::string ws_path = "/stream";  // empty: HTTP alone
  unsigned workers = 0;             // 0: by the cores, docs/architecture.md#threads
  std::string tls_cert, tls_key;
  std::vector<std::string> trusted_proxies;    // CIDRs
  std::vector<std::string> cors_origins{"*"};  // none: no CORS
  bool serves_over_limits = false;             // every route, not only health: an operator's listener

  /// One more rule at the upgrade: the answer for a request that must not open a socket. Any thread; may be empty.
  std::function<std::optional<transport::HttpResponse>(const transport::HttpRequest&)> refuse_upgrade;

  std::chrono::milliseconds auth_timeout{5'000};
  std::chrono::milliseconds heartbeat_interval{30'000};
  std::chrono::milliseconds heartbeat_timeout{90'000};
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds room_check_interval{60'000};
  std::chrono::milliseconds server_key_lifetime{300'000};
  std::size_t max_message_bytes = 131'072;
  std::size_t backpressure_bytes = 1'048'576;
  std::size_t queued_bytes_total = 268'435'456;
  std::size_t max_connections = 0;  // 0: by descriptors
  std::size_t max_connections_per_address = 500;
  std::size_t max_handshakes = 1'000;
  std::size_t max_connections_per_user = 20;
  double messages_per_second = 20;    // burst 100; 0: no limit
  bool close_on_token_expiry = true;  // SIGNAL_WS_TOKEN_EXPIRY
  std::chrono::milliseconds token_expiry_spread{60'000};
  std::chrono::milliseconds drain{5'000};
  std::chrono::milliseconds shutdown_grace{20'000};
  /// Of work that can wait, before others are served. Half of the time and an eighth of the bytes are for what is read
  /// at once; beyond, only light clients are served at once and the others wait.
  std::chrono::microseconds turn_time{4'000};
  std::size_t turn_bytes = 2U * 1024U * 1024U;
  std::chrono::milliseconds slow_frame_age{5'000};
  std::chrono::milliseconds slow_drop_after{10'000};
  std::chrono::milliseconds request_head_timeout{5'000};
  std::chrono::milliseconds request_body_timeout{10'000};
  std::chrono::milliseconds keep_alive_timeout{75'000};  // balancers keep 60 s: theirs ends first
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

  /// Binds, starts the shards, accepts. The error names the address and the system's reason.
  Result<void> start();
  std::uint16_t port() const;   // after start()
  std::string address() const;  // host:port as bound

  fanout::FanOut& fan_out();  // any thread

  /// False from the first moment of shutdown: what /health/accept answers. Any thread.
  bool accepting() const;

  bool has_tls() const;
  /// Re-reads certificate and key; the old ones stay when the new ones are bad. Any thread; only with TLS.
  Result<void> reload_tls();

  /// Orderly end: accepting() turns false, `drain` passes while upgrades are still taken, then closes 1001 are spread
  /// over `shutdown_grace` (queued frames leave first), then the shards stop. Blocks the caller (main).
  void shutdown();

  /// Ends at once, without drain and grace. Blocks until the shards' threads have ended.
  void stop();

  /// What operators ask of the clients here: `done` is called once, on a shard's thread, never once the gateway stops.
  /// Any thread, after start(); whoever asks bounds how many questions are unanswered.
  void answer(const contract::OperatorAsk& ask, std::function<void(contract::Findings)> done);

  const std::shared_ptr<Admission>& admission() const;

  /// Sums over the shards; any thread.
  struct Stats {
    std::uint64_t connections = 0;  // authenticated now
    std::uint64_t accepted = 0;
    std::uint64_t handshakes = 0;  // completed
    std::uint64_t frames_out = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t ignored_messages = 0;                  // docs/protocol.md#what-a-client-may-say
    std::uint64_t rooms_left_out = 0;                    // of joins, because the database did not answer
    std::uint64_t rooms_closed = 0;                      // membership was not confirmed in time
    std::uint64_t room_checks_failed = 0;                // of clients, because the database did not answer
    std::uint64_t catch_ups_unanswered = 0;              // and so incomplete
    std::uint64_t acks = 0;                              // messages that said what a client has
    std::uint64_t acks_dropped = 0;                      // of these, what could not be kept
    std::uint64_t turns_cut = 0;                         // turns whose budget was spent before the work was done
    std::uint64_t dropped_pushes = 0;                    // mailbox full
    std::uint64_t queued_bytes = 0;                      // all of the next
    std::array<std::uint64_t, kHeldKinds> held_bytes{};  // by HeldKind
    Admission::Stats admission;                          // of the process
    struct Closed {
      ClosedBy by;
      std::uint16_t code;  // one of kCountedCloseCodes
      std::uint64_t count;
    };
    std::vector<Closed> closed;
    std::array<std::uint64_t, kCountedRefusals.size()> refused{};  // requests, in the order of kCountedRefusals
    std::array<std::uint64_t, kDroppedNames.size()> dropped{};     // HTTP connections, in the order of kDroppedNames
    observe::HistogramSnapshot loop_lag;
    observe::HistogramSnapshot record_to_frame;  // of hints
  };
  Stats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::gateway
