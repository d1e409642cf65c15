#pragma once
// What a session needs of its connection. The connection implements it; a test implements it with a list and a manual
// clock. Every question is answered later through the session's on_… functions, found again by key, or never when the
// connection is gone.

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

  /// Queues the header of a text frame; the caller appends exactly `text_bytes` bytes to the buffer before it returns
  /// to the loop.
  virtual std::string& begin_text(std::size_t text_bytes) = 0;
  virtual void send_ping() = 0;
  /// Bytes queued and not yet taken by the kernel.
  virtual std::size_t queued_bytes() const = 0;
  /// Session::held_bytes() has grown: memory of this client that is in no queue yet.
  virtual void held() = 0;
  /// Queues the close frame; the connection ends by itself. Called once.
  virtual void close(const Closing& closing) = 0;

  virtual void verify(std::string token, TokenUse use) = 0;
  virtual void ask_rooms(std::vector<RoomName> rooms, RoomsUse use) = 0;
  virtual void ask_missed(std::int64_t since, std::size_t limit) = 0;

  /// What is pushed to this user must arrive here from now on. True: Session::on_subscribed() follows; false: it does.
  virtual bool subscribe(const UserId& user) = 0;

  /// The user is known and the keys are agreed: pushes may be addressed to this session from now on.
  virtual void opened() = 0;
  virtual void joined(const RoomName& room) = 0;
  virtual void left(const RoomName& room) = 0;
  /// So many rooms were left because nobody said for too long whether the client is a member.
  virtual void rooms_closed(std::size_t rooms) = 0;

  /// This user's client has these rows. False: there is no room for it, and it is counted; the client may say it again.
  virtual bool acknowledged(Acknowledgement what) = 0;

  /// The row of a catch-up was sent.
  virtual void row_sent(std::int64_t seq) = 0;

  /// Counts a message that is ignored (docs/protocol.md#what-a-client-may-say).
  virtual void ignored() = 0;
  /// Counts what was refused though no token was asked about, or although it is good.
  virtual void refused(auth::AuthError reason) = 0;
};

}  // namespace nx::session
