#pragma once
// One event loop, its thread, and every connection that was given to it; a connection stays on its shard. The shard
// shares only the admission, the ledger, presence and mailboxes with others. Methods are for the home thread unless
// they say otherwise.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "auth/authenticator.hpp"
#include "fanout/shards.hpp"
#include "gateway/ack_buffer.hpp"
#include "gateway/admission.hpp"
#include "gateway/client_query.hpp"
#include "gateway/delivery_queue.hpp"
#include "gateway/gateway.hpp"
#include "gateway/holders.hpp"
#include "gateway/http_connection.hpp"
#include "gateway/origin_policy.hpp"
#include "gateway/outbox.hpp"
#include "gateway/push_log.hpp"
#include "gateway/room_registry.hpp"
#include "gateway/shard_counters.hpp"
#include "gateway/slots.hpp"
#include "gateway/ws_connection.hpp"
#include "observe/log.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/send_batch.hpp"
#include "runtime/timer_wheel.hpp"
#include "runtime/turn_budget.hpp"
#include "session/lookups.hpp"
#include "transport/cidr.hpp"
#include "transport/tls_context.hpp"

namespace nx::gateway {

class Shard;

/// Objects that all shards and the acceptor of one gateway share. Outlives them.
struct GatewayContext {
  GatewayOptions options;
  session::SessionOptions session_options;
  std::vector<transport::Cidr> trusted_proxies;
  OriginPolicy origin_policy;
  std::unique_ptr<transport::TlsSource> tls;  // null: plain TCP
  std::shared_ptr<Admission> admission;       // of the whole process
  QueueLedger ledger;
  auth::Authenticator& authenticator;
  session::Lookups lookups;
  transport::HttpHandler handler;
  const observe::Logger& log;
  fanout::Shards fanout_shards;
  std::vector<std::shared_ptr<Shard>> shards;
  // false from the shutdown on: HTTP connections are closed after their answer
  std::atomic<bool> keeps_connections{true};
  observe::LogGate refused_gate{}, yielded_gate{}, dropped_gate{}, left_out_gate{}, closed_rooms_gate{},
      unchecked_gate{}, missed_gate{}, acks_gate{};

  /// Connections of a balancer's own address do not count against the limit of one address. Any thread.
  AddressRule address_rule(const transport::IpAddress& peer) const;
};

class Shard : public std::enable_shared_from_this<Shard>, public Admission::Home {
 public:
  Shard(GatewayContext& context, std::uint32_t index);
  ~Shard() override;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void start();            // from the creating thread, once all shards are made
  void close_gradually();  // any thread: sends closes 1001, spread over the shutdown grace
  void stop();             // any thread: ends all remaining connections; join() returns soon after
  void join();             // from the creating thread
  const ShardCounters& counters() const { return counters_; }  // any thread

  /// Any thread: adopts a new connection. `counters().connections` already includes it.
  void adopt(transport::Socket socket, const transport::IpAddress& peer, Admission::Place place);
  void expect_one() { counters_.connections.fetch_add(1, std::memory_order_relaxed); }  // any thread
  /// Any thread: closes the connection to make room for another.
  void yield_later(fanout::SlotKey key, bool upgraded, Yield why) override;
  /// Any thread: examines all connections over several turns, then adds this shard's part to the query.
  void run_query(std::shared_ptr<ClientQuery> query);
  /// Any thread: the same for the connection in one slot.
  void run_query_at(std::uint32_t slot, std::shared_ptr<ClientQuery> query);
  /// Any thread: closes a client to make room for another.
  void close_later(fanout::SlotKey key, session::Closing closing);

  runtime::EventLoop& loop() { return loop_; }
  runtime::TimerWheel& wheel() { return wheel_; }
  OutboxPool& pool() { return pool_; }
  RoomRegistry& room_registry() { return room_registry_; }
  ShardCounters& counters() { return counters_; }
  PushLog& push_log() { return push_log_; }
  AddressRule address_rule(const transport::IpAddress& peer) const { return context_.address_rule(peer); }
  /// Counts a request that the gateway itself answers with an error, and logs at most one line per second.
  void report_refused(int status, std::string_view why, const transport::IpAddress& client);
  /// The same for a connection that ends without an answer.
  void report_dropped(Dropped reason, std::string_view detail, const transport::IpAddress& client);
  const GatewayOptions& options() const { return context_.options; }
  const session::SessionOptions& session_options() const { return context_.session_options; }
  const std::vector<transport::Cidr>& trusted_proxies() const { return context_.trusted_proxies; }
  const observe::Logger& log() const { return context_.log; }
  const OriginPolicy& origin_policy() const { return context_.origin_policy; }
  std::shared_ptr<const transport::TlsContext> tls() const { return context_.tls ? context_.tls->current() : nullptr; }
  const crypto::KeyPair& server_key() const { return server_key_; }
  bool keeps_connections() const { return context_.keeps_connections.load(std::memory_order_relaxed); }
  std::span<char> read_buffer() { return read_buffer_; }

  // Functions for the connections of this shard.
  void mark_dirty(WsConnection& connection) { dirty_.push_back(&connection); }
  void account(Holder& holder, const HeldBytes& now);
  void register_session(WsConnection& connection);
  void unregister_session(WsConnection& connection);
  /// Removes the connection from its slot at once; it is destroyed at the end of the turn.
  void remove(WsConnection& connection);
  void remove(HttpConnection& connection);
  void upgraded(HttpConnection& from, transport::Socket socket, const transport::IpAddress& client,
                Admission::Place place, std::string& early);
  /// Returns true while ready connections may still be served at once in this turn; afterwards only cheap reads are
  /// served.
  bool turn_lasts();
  void spend_arriving(std::size_t bytes) { arriving_.spend(bytes); }
  void spend_working(std::size_t bytes) { working_.spend(bytes); }
  /// Calls the connection's resume() when its turn comes.
  void resume_later(const WsConnection& connection);
  void resume_later(const HttpConnection& connection, HttpConnection::Before before);
  void drained_later(const WsConnection& connection) {
    drained_.push_back(connection.key());
    loop_.again();
  }
  void verify(fanout::SlotKey key, std::string token, session::TokenUse use);
  void count_refused_token(const WsConnection& connection, auth::AuthError reason);
  void count_left_out(std::size_t rooms, std::string_view why);
  void count_closed(std::size_t rooms);
  void ask_rooms(WsConnection& connection, std::vector<RoomName> rooms, session::RoomsUse use);
  void ask_missed(const WsConnection& connection, std::int64_t since, std::size_t limit);
  bool subscribe(WsConnection& connection, const UserId& user);
  void unsubscribe(const WsConnection& connection);
  bool acknowledge(Acknowledgement what);
  void ask_handler(transport::HttpRequest request, fanout::SlotKey key, std::uint64_t number);

 private:
  struct PendingToken {
    fanout::SlotKey key;
    std::string token;
    session::TokenUse use;
  };
  struct MissedQuestion {
    fanout::SlotKey key;
    std::int64_t since;
    std::size_t limit;
  };
  struct MissedAnswer {
    fanout::SlotKey key;
    Result<session::MissedHints> answer;
  };
  struct RunningQuery {
    std::shared_ptr<ClientQuery> query;
    std::size_t slot;  // the next slot to examine
    ClientSelection selection;
  };
  struct GradualClose {
    runtime::SteadyTime begin;
    std::vector<fanout::SlotKey> sessions;
    std::size_t closed = 0;
    std::vector<fanout::SlotKey> requests;  // HTTP connections that are not examined yet
    int batches_before = 0;  // batches of pushes from before the shutdown, which are sent before the first close
  };

  void tick();
  void flush();
  void end_turn();
  void free_memory();
  void free_memory_later();
  void end_connections();
  void end_when_answered();

  // The work of a turn: each function does one short piece and returns false when it had nothing to do.
  void work();
  bool deliver_piece();
  bool verify_piece();
  bool catch_up_piece();
  bool resume_session_piece();
  bool resume_handshake_piece();
  bool resume_request_piece();
  bool timer_piece();
  bool close_piece();
  bool recheck_piece();
  bool client_query_piece();

  void verify_next();
  void ask_more_missed();
  void begin_recheck();
  void ask_again(std::vector<session::RoomsQuestion> questions, std::vector<fanout::SlotKey> askers);
  void count_unchecked(std::size_t clients, const std::string& why);
  void count_unanswered_catch_up(std::string_view why);
  void write_acks();
  void acks_written(std::vector<Acknowledgement> batch, const Result<void>& done);
  void account_acks();

  GatewayContext& context_;
  const std::uint32_t index_;
  ShardCounters counters_;
  runtime::EventLoop loop_;
  runtime::TimerWheel wheel_;
  std::vector<char> read_buffer_;
  crypto::KeyPair server_key_;
  OutboxPool pool_;
  runtime::SendBatch sender_;
  Slots<WsConnection> sessions_;
  Slots<HttpConnection> requests_;
  Holders holders_;
  RoomRegistry room_registry_;
  PushLog push_log_;
  DeliveryQueue deliveries_;
  std::vector<fanout::Delivery> incoming_;
  bool has_mail_ = false;
  std::size_t unflushed_ = 0;    // bytes of deliveries sealed since the last flush
  bool freeing_memory_ = false;  // free_memory() is posted

  runtime::TurnBudget arriving_;
  runtime::SteadyTime arriving_since_;  // the turn for which arriving_ was begun
  runtime::TurnBudget working_;
  std::size_t next_source_ = 0;  // index in the sources of work(): the next turn continues where this one stopped
  std::deque<PendingToken> tokens_;
  std::deque<MissedQuestion> missed_questions_;
  std::deque<MissedAnswer> missed_answers_;
  std::size_t missed_in_flight_ = 0;  // questions sent whose answers are not processed yet
  std::deque<fanout::SlotKey> drained_, paused_sessions_, paused_handshakes_, paused_requests_;
  std::deque<RunningQuery> queries_;  // the caller of run_query() bounds the number
  bool timers_due_ = false;
  std::size_t recheck_slot_ = 0;  // the next slot to examine
  bool rechecking_ = false;       // a round is in progress
  bool recheck_due_ = false;      // the next round is overdue
  bool recheck_asked_ = false;    // the last question of the round is unanswered
  std::string recheck_failure_;   // why the last question failed; empty after an answer
  AckBuffer acks_;
  bool writing_acks_ = false;            // at most one batch at a time
  bool acks_in_time_ = true;             // the last batch was written without error
  runtime::SteadyTime write_acks_at_{};  // the earliest time of the next batch unless it is full
  std::vector<WsConnection*> dirty_, round_, senders_;
  std::vector<runtime::SendOp> operations_;
  std::vector<std::unique_ptr<WsConnection>> removed_sessions_;
  std::vector<std::unique_ptr<HttpConnection>> removed_requests_;
  // open questions to the authenticator, the database and the HTTP handler; the loop runs until they are answered
  std::size_t unanswered_ = 0;
  std::unique_ptr<GradualClose> gradual_close_;
  bool stopping_ = false;
  std::uint32_t ending_session_ = 0, ending_request_ = 0;  // the next slots for end_connections()
  runtime::SteadyTime stop_at_;
  runtime::SteadyTime last_tick_;
  std::thread thread_;
};

}  // namespace nx::gateway
