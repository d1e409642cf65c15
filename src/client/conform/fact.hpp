#pragma once
// The facts of the protocol. Each is a sentence and a dialogue that checks whether it holds. Constant tables. A
// dialogue makes its own connections and may run at the same time as others.

#include <chrono>
#include <span>
#include <string_view>

#include "client/conform/target.hpp"
#include "client/conform/tokens.hpp"

namespace nx::client::conform {

/// The environment of a dialogue.
struct Bench {
  const Target& target;
  const Tokens& tokens;
  std::chrono::seconds auth_timeout;       // as configured on the server
  std::chrono::seconds heartbeat_timeout;  // 0: facts that need it are left out
};

struct Fact {
  std::string_view sentence;
  void (*holds)(const Bench&);  // returns when the fact holds, otherwise throws Differs or Unchecked
};

std::span<const Fact> vector_facts();     // the client's own cryptography, checked with tests/vectors
std::span<const Fact> transport_facts();  // RFC 6455 and the upgrade
std::span<const Fact> stranger_facts();   // before `authenticate`
std::span<const Fact> refusal_facts();    // `authenticate` that must fail
std::span<const Fact> connected_facts();  // the handshake that succeeds, and envelopes
std::span<const Fact> extension_facts();  // optional features: ping, sealed messages, refresh, catch-up
std::span<const Fact> waiting_facts();    // time-outs; each takes as long as the time-out
std::span<const Fact> rest_facts();       // /v1/notifications together with the stream

}  // namespace nx::client::conform
