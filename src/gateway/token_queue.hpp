#pragma once
// Tokens of the clients of one shard that wait to be verified. A turn verifies a few of them, because each costs a
// signature check and often a key agreement. Home thread only.

#include <cstddef>
#include <deque>
#include <string>

#include "auth/authenticator.hpp"
#include "fanout/connection_location.hpp"
#include "gateway/open_questions.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"
#include "session/client_connection.hpp"

namespace nx::gateway {

class WsConnection;

class TokenQueue {
 public:
  /// The references are borrowed.
  TokenQueue(const Slots<WsConnection>& sessions, runtime::EventLoop& loop, auth::Authenticator& authenticator,
             OpenQuestions& questions)
      : sessions_(sessions), loop_(loop), authenticator_(authenticator), questions_(questions) {}

  /// The session of `key` gets the outcome, unless it has ended by then.
  void add(fanout::SlotKey key, std::string token, session::TokenUse use);
  /// Counts and logs a refusal that the authenticator did not decide.
  void refused(const WsConnection& connection, auth::AuthError reason);

  /// Verifies the next tokens. Returns false when there were none.
  bool verify_some();
  void clear() { waiting_.clear(); }

 private:
  struct Waiting {
    fanout::SlotKey key;
    std::string token;
    session::TokenUse use;
  };
  void verify(Waiting next);

  const Slots<WsConnection>& sessions_;
  runtime::EventLoop& loop_;
  auth::Authenticator& authenticator_;
  OpenQuestions& questions_;
  std::deque<Waiting> waiting_;
};

}  // namespace nx::gateway
