#pragma once
// The conversation with one client, without I/O: messages, answers and deadlines in, frames and questions out through
// its ClientConnection (docs/protocol.md). Lives and dies on one loop. Bounded: rooms, held pushes, remembered IVs;
// the queue is the connection's. An idle open session owns a cipher context, two keys' worth of bytes and its user's
// id: nothing else.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.hpp"
#include "contract/client_message.hpp"
#include "crypto/sealer.hpp"
#include "model/uuid.hpp"
#include "session/catch_up.hpp"
#include "session/client_connection.hpp"
#include "session/rate_limit.hpp"
#include "session/refresh_guard.hpp"
#include "session/room_list.hpp"

namespace nx::session {

class Session {
 public:
  enum class Phase : std::uint8_t { unauthorized, authenticating, open, closing };

  /// `connection` is borrowed for the session's life.
  Session(ClientConnection& connection, const UuidBytes& id);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// One whole message, text or binary, valid UTF-8. May close the connection.
  void on_message(std::string_view text);
  /// A ping or pong frame: no activity, but counted against the rate. False when the session closed over it.
  bool on_control_frame();
  /// A data frame that does not end its message, counted against the rate when it is tiny. False as above.
  bool on_fragment(std::size_t payload_bytes);

  // Answers to what the connection was asked.
  void on_verified(TokenUse use, const auth::AuthResult& result);
  void on_rooms(RoomsUse use, const std::vector<RoomName>& asked, const Result<std::vector<RoomName>>& allowed);
  void on_missed(Result<MissedHints> page);
  void on_subscribed();

  /// The connection's queue has run empty; only needed while catching_up().
  void on_drained();
  void on_deadline();
  runtime::SteadyTime next_deadline() const;

  /// A push addressed to this session: `head` + `tail` is the inner JSON, `seq` a hint's own sequence, 0 for other
  /// pushes.
  void push(std::string_view head, std::string_view tail, std::int64_t seq);

  /// Sends the close frame unless one is sent already.
  void close(const Closing& closing);
  /// The peer began to close, or the transport failed: nothing is sent any more.
  void end();

  Phase phase() const { return phase_; }
  bool is_open() const { return phase_ == Phase::open; }
  bool catching_up() const { return catch_up_ != nullptr; }
  /// Rows and pushes of a catch-up; part of what this client costs, though not queued.
  std::size_t held_bytes() const { return catch_up_ ? catch_up_->held_bytes() : 0; }
  /// Tokens and names of rooms that are asked about or wait for it, wherever they are.
  std::size_t question_bytes() const {
    return token_bytes_ + (handshake_ ? handshake_->bytes() : 0) + (refresh_ ? refresh_->waiting_bytes() : 0) +
           rooms_.waiting_bytes() + rooms_.asked_bytes();
  }
  /// So much of what the client asked for is unanswered that no more should be read from it now.
  bool is_behind() const { return phase_ == Phase::open && rooms_.waiting() > kMaxWaitingRooms; }
  const UuidBytes& id() const { return id_; }
  const auth::TokenUser& user() const { return user_; }  // empty before the token is verified
  /// Of the token that it goes on with; long ago when the token does not say it.
  EpochMs token_issued_at() const { return token_issued_at_; }
  const RoomList& rooms() const { return rooms_; }
  /// When the last message came. Written here, read by any thread.
  const std::atomic<runtime::SteadyTime>& last_received() const { return last_received_; }

 private:
  /// What is kept between `authenticate` and the verified token.
  struct Handshake {
    contract::Authenticate::Key key;
    std::string client_public_key;
    contract::Authenticate::Since since_form;
    std::int64_t since;
    std::optional<std::string> epoch;
    // Once the token is verified: what `connected` waits with until the bus is subscribed for the user.
    std::optional<crypto::AgreedKeys> keys;
    std::string server_public_key;  // of the pair that agreed: it may be replaced while pushes are waited for
    std::array<std::uint8_t, 32> salt{};
    EpochMs expires_at;
    std::size_t bytes() const { return client_public_key.size() + (epoch ? epoch->size() : 0); }
  };

  void handle(const contract::ClientMessage& message, const std::optional<Iv>& iv);
  void authenticate(const contract::Authenticate& request);
  void open_sealed(const contract::SealedMessage& sealed);
  void join(const std::vector<RoomName>& rooms);
  void leave(const std::vector<RoomName>& rooms);
  void ask_waiting_rooms();
  void recheck_rooms();
  void rooms_confirmed();
  void close_rooms();
  void verify(const std::string& token, TokenUse use);
  void refresh(const std::string& token, const std::optional<Iv>& iv);
  void acknowledge(const contract::Ack& ack);

  void finish_handshake(const auth::AuthResult& result);
  void become_open();
  void finish_refresh(const auth::AuthResult& result);
  void fail_refresh();
  void set_expiry(EpochMs expires_at);

  void begin_catch_up(std::int64_t since, std::optional<std::string> epoch);
  void continue_catch_up();
  void finish_catch_up();
  std::size_t enough_queued() const;
  void release_held(std::size_t queued_bytes);
  void push_now(std::string_view head, std::string_view tail, std::int64_t seq);

  bool admit();
  void send(std::string_view text);  // in clear before `connected`, sealed after
  void send_clear(std::string_view text);
  void seal(std::string_view head, std::string_view tail);
  void send_error(std::string_view message);

  ClientConnection& connection_;
  UuidBytes id_;
  Phase phase_ = Phase::unauthorized;
  std::uint8_t failed_opens_ = 0;
  bool rechecking_ = false;        // a question after a refresh is unanswered
  bool recheck_again_ = false;     // another refresh came meanwhile
  std::uint32_t token_bytes_ = 0;  // of the token that is asked about
  std::optional<crypto::Sealer> sealer_;
  crypto::AesKey inbound_key_;
  auth::TokenUser user_;
  EpochMs token_issued_at_;
  RoomList rooms_;
  RateLimit rate_;
  runtime::SteadyTime handshake_deadline_;
  std::atomic<runtime::SteadyTime> last_received_;
  runtime::SteadyTime last_sent_;
  runtime::SteadyTime next_sweep_;
  runtime::SteadyTime expires_;
  runtime::SteadyTime rooms_end_;        // the rooms are closed then, unless their membership is confirmed sooner
  std::int64_t caught_up_to_ = 0;        // hints up to here were sent as rows, or the client said it has them
  std::int64_t acked_up_to_ = 0;         // by `upTo`, and taken: only what is above it costs anything
  runtime::SteadyTime repeats_until_{};  // later a hint up to there is no late push: a restored database numbers anew
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<CatchUp> catch_up_;
  std::unique_ptr<RefreshGuard> refresh_;
};

}  // namespace nx::session
