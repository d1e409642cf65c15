#pragma once
// The parts of one shard that its connections use. Each has a narrow interface and takes from the others only what it
// needs; the shard owns them all and runs the turns. Home thread only, except `counters` and what the loop allows.

#include <cstdint>
#include <vector>

#include "crypto/key_agreement.hpp"
#include "gateway/ack_writer.hpp"
#include "gateway/catch_up_queue.hpp"
#include "gateway/connection_reports.hpp"
#include "gateway/connections.hpp"
#include "gateway/flusher.hpp"
#include "gateway/gateway_context.hpp"
#include "gateway/handler_questions.hpp"
#include "gateway/held_memory.hpp"
#include "gateway/open_questions.hpp"
#include "gateway/outbox.hpp"
#include "gateway/push_log.hpp"
#include "gateway/room_questions.hpp"
#include "gateway/room_registry.hpp"
#include "gateway/room_reports.hpp"
#include "gateway/session_registry.hpp"
#include "gateway/shard_counters.hpp"
#include "gateway/slots.hpp"
#include "gateway/token_queue.hpp"
#include "gateway/turn_budgets.hpp"
#include "gateway/turn_queue.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/timer_wheel.hpp"

namespace nx::gateway {

struct ShardParts {
  /// `shard_context` is borrowed.
  ShardParts(GatewayContext& shard_context, std::uint32_t shard_index);
  ~ShardParts();
  ShardParts(const ShardParts&) = delete;
  ShardParts& operator=(const ShardParts&) = delete;

  GatewayContext& context;
  const std::uint32_t index;
  ShardCounters counters;
  runtime::EventLoop loop;
  runtime::TimerWheel wheel;
  std::vector<char> read_buffer;  // every connection reads into it and parses before it returns to the loop
  crypto::KeyPair server_key;     // replaced every GatewayOptions::server_key_lifetime
  Slots<WsConnection> sessions;
  Slots<HttpConnection> requests;

  TurnBudgets turn;
  OutboxPool pool;
  Flusher flusher;
  HeldMemory memory;
  PushLog push_log;
  ConnectionReports reports;
  RoomRegistry rooms;
  SessionRegistry registry;

  OpenQuestions questions;
  TokenQueue tokens;
  CatchUpQueue catch_ups;
  RoomReports room_reports;
  RoomQuestions room_questions;
  AckWriter acks;
  HandlerQuestions handler;

  // connections that have more to read or to write than one turn allows
  TurnQueue<WsConnection> paused_sessions;
  TurnQueue<HttpConnection> paused_handshakes, paused_requests;

  Connections connections;  // last: its destructor destroys the connections, which use all parts above
};

}  // namespace nx::gateway
