#pragma once
// The interface that a session needs from its connection. WsConnection implements it; tests implement it with a list
// and a manual clock. Each question is answered later by one of the on_… functions of the session, which is found by
// key; there is no answer when the connection is gone.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "auth/claims.hpp"
#include "crypto/key_agreement.hpp"
#include "model/acknowledgement.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"
#include "runtime/event_loop.hpp"
#include "session/close_code.hpp"
#include "session/session_options.hpp"

namespace nx::session {

enum class TokenUse { handshake, refresh };
enum class RoomsUse { join, recheck };

class ClientConnection {
 public:
  virtual ~ClientConnection() = default;

  virtual const SessionOptions& options() const = 0;
  virtual runtime::SteadyTime now() const = 0;
  virtual EpochMs wall_now() const = 0;
  virtual const crypto::KeyPair& server_key() const = 0;

  /// Queues the header of a text frame. The caller appends exactly `text_bytes` bytes to the buffer before it returns
  /// to the loop.
  virtual std::string& begin_text(std::size_t text_bytes) = 0;
  virtual void send_ping() = 0;
  /// Bytes that are queued and not yet taken by the kernel.
  virtual std::size_t queued_bytes() const = 0;
  /// Session::held_bytes() has grown: it counts memory of this client that is in no queue yet.
  virtual void held() = 0;
  /// Queues the close frame; the connection then closes by itself. Called once.
  virtual void close(const Closing& closing) = 0;

  virtual void verify(std::string token, TokenUse use) = 0;
  virtual void ask_rooms(std::vector<RoomName> rooms, RoomsUse use) = 0;
  virtual void ask_missed(std::int64_t since, std::size_t limit) = 0;

  /// Subscribes the bus to this user and client. Returns true when Session::on_subscribed() will be called; false when
  /// no confirmation is needed because all pushes arrive here already.
  virtual bool subscribe(const UserId& user) = 0;

  /// The user is known and the keys are agreed: from now on pushes may be addressed to this session.
  virtual void opened() = 0;
  virtual void joined(const RoomName& room) = 0;
  virtual void left(const RoomName& room) = 0;
  /// `rooms` rooms were closed because membership was not confirmed for too long.
  virtual void rooms_closed(std::size_t rooms) = 0;

  /// The client has received these rows. Returns false when the buffer is full; that is counted, and the client may
  /// repeat it.
  virtual bool acknowledged(Acknowledgement what) = 0;

  /// A row of a catch-up was sent.
  virtual void row_sent(std::int64_t seq) = 0;

  /// Counts an ignored message (docs/protocol.md#what-a-client-may-say).
  virtual void ignored() = 0;
  /// Counts a refusal that the authenticator did not decide: either it was not asked about the token, or it accepted
  /// the token.
  virtual void refused(auth::AuthError reason) = 0;
};

}  // namespace nx::session
