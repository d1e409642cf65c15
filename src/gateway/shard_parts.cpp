#include "gateway/shard_parts.hpp"

#include <chrono>
#include <string>

#include "gateway/http_connection.hpp"
#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kReadBufferBytes = 64U * 1024U;

}  // namespace

ShardParts::ShardParts(GatewayContext& shard_context, std::uint32_t shard_index)
    : context(shard_context),
      index(shard_index),
      loop("shard-" + std::to_string(shard_index)),
      wheel(std::chrono::steady_clock::now()),
      read_buffer(kReadBufferBytes),
      server_key(crypto::KeyPair::generate()),
      turn(loop, context.options),
      memory(context, loop, index),
      push_log(now_wall()),
      reports(context, counters),
      rooms(context.fanout_shards.presence(), context.lookups.subscriptions, index),
      registry(context, sessions, loop, rooms, counters, index),
      tokens(sessions, loop, context.authenticator, questions),
      catch_ups(sessions, loop, context, counters, questions),
      room_reports(context, counters),
      room_questions(sessions, loop, context.lookups, room_reports, questions),
      acks(loop, context, counters, questions, index),
      handler(requests, loop, context.handler, questions),
      paused_sessions(sessions, loop),
      paused_handshakes(requests, loop),
      paused_requests(requests, loop),
      connections(*this, sessions, requests) {}

ShardParts::~ShardParts() = default;

}  // namespace nx::gateway
