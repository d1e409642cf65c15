#pragma once
// The facts of the protocol, each a sentence and a dialogue that shows whether it holds. Constant tables; a dialogue
// makes its own connections and may run beside others.

#include <chrono>
#include <span>
#include <string_view>

#include "client/conform/target.hpp"
#include "client/conform/tokens.hpp"

namespace nx::client::conform {

/// What a dialogue works with.
struct Bench {
  const Target& target;
  const Tokens& tokens;
  std::chrono::seconds auth_timeout;       // the server's settings
  std::chrono::seconds heartbeat_timeout;  // 0: not waited for
};

struct Fact {
  std::string_view sentence;
  void (*holds)(const Bench&);  // returns, or throws Differs or Unchecked
};

std::span<const Fact> vector_facts();     // our own cryptography against tests/vectors
std::span<const Fact> transport_facts();  // RFC 6455 and the upgrade
std::span<const Fact> stranger_facts();   // before `authenticate`
std::span<const Fact> refusal_facts();    // `authenticate` that must fail
std::span<const Fact> connected_facts();  // the handshake that succeeds, and envelopes
std::span<const Fact> extension_facts();  // what a client switches on: ping, sealed messages, refresh, catch-up
std::span<const Fact> waiting_facts();    // time-outs; each takes as long as it does
std::span<const Fact> rest_facts();       // /v1/notifications beside it

}  // namespace nx::client::conform
