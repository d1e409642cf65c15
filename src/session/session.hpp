#pragma once
// The conversation with one client, without I/O: messages, answers and deadlines are its input; frames and questions
// leave through its ClientConnection (docs/protocol.md). It belongs to one loop. Rooms, held pushes and remembered IVs
// are bounded; the connection bounds its queue. An idle open session owns only a cipher context, the bytes of two keys
// and the user's id.

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

  /// `connection` is borrowed and outlives the session.
  Session(ClientConnection& connection, const UuidBytes& id);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Handles one whole message, text or binary, in valid UTF-8. May close the connection.
  void on_message(std::string_view text);
  /// Handles a ping or pong frame: it does not count as activity, but counts against the rate limit. Returns false when
  /// that closed the session.
  bool on_control_frame();
  /// Handles a data frame that does not end its message; a tiny one counts against the rate limit. Returns false when
  /// that closed the session.
  bool on_fragment(std::size_t payload_bytes);

  // Answers to questions that were asked through the connection.
  void on_verified(TokenUse use, const auth::AuthResult& result);
  void on_rooms(RoomsUse use, const std::vector<RoomName>& asked, const Result<std::vector<RoomName>>& allowed);
  void on_missed(Result<MissedHints> page);
  void on_subscribed();

  /// The connection's queue is empty. Only needed while catching_up().
  void on_drained();
  void on_deadline();
  runtime::SteadyTime next_deadline() const;

  /// A push to this session. `head` + `tail` is the inner JSON; `seq` is the sequence number of a hint, 0 for other
  /// pushes.
  void push(std::string_view head, std::string_view tail, std::int64_t seq);

  /// Sends the close frame unless it was already sent.
  void close(const Closing& closing);
  /// The peer has closed, or the transport failed: nothing more is sent.
  void end();

  Phase phase() const { return phase_; }
  bool is_open() const { return phase_ == Phase::open; }
  bool catching_up() const { return catch_up_ != nullptr; }
  /// Bytes of rows and pushes held during a catch-up. They count for this client although they are not queued.
  std::size_t held_bytes() const { return catch_up_ ? catch_up_->held_bytes() : 0; }
  /// Bytes of tokens and room names that are being checked or wait to be checked, wherever they are stored.
  std::size_t question_bytes() const {
    return token_bytes_ + (handshake_ ? handshake_->bytes() : 0) + (refresh_ ? refresh_->waiting_bytes() : 0) +
           rooms_.waiting_bytes() + rooms_.asked_bytes();
  }
  /// True while so many requests of the client are unanswered that no more should be read from it.
  bool is_behind() const { return phase_ == Phase::open && rooms_.waiting() > kMaxWaitingRooms; }
  const UuidBytes& id() const { return id_; }
  const auth::TokenUser& user() const { return user_; }  // empty before the token is verified
  /// `iat` of the current token; the distant past when the token has no `iat`.
  EpochMs token_issued_at() const { return token_issued_at_; }
  const RoomList& rooms() const { return rooms_; }
  /// When the last message arrived. Written on the home thread, read by any thread.
  const std::atomic<runtime::SteadyTime>& last_received() const { return last_received_; }

 private:
  /// Data that is kept between `authenticate` and `connected`.
  struct Handshake {
    contract::Authenticate::Key key;
    std::string client_public_key;
    contract::Authenticate::Since since_form;
    std::int64_t since;
    std::optional<std::string> epoch;
    // Set once the token is verified; `connected` is sent with them when the bus is subscribed to the user.
    std::optional<crypto::AgreedKeys> keys;
    // of the key pair that agreed, because the shard may replace its pair before `connected` is sent
    std::string server_public_key;
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
  void send(std::string_view text);  // in plaintext before `connected`, sealed afterwards
  void send_clear(std::string_view text);
  void seal(std::string_view head, std::string_view tail);
  void send_error(std::string_view message);

  ClientConnection& connection_;
  UuidBytes id_;
  Phase phase_ = Phase::unauthorized;
  std::uint8_t failed_opens_ = 0;
  bool rechecking_ = false;        // the question after a refresh is unanswered
  bool recheck_again_ = false;     // another refresh arrived meanwhile
  std::uint32_t token_bytes_ = 0;  // of the token that is being verified
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
  runtime::SteadyTime rooms_end_;  // the rooms are closed at this time unless membership is confirmed before
  std::int64_t caught_up_to_ = 0;  // hints up to this seq were sent as rows, or the client said that it has them
  std::int64_t acked_up_to_ = 0;   // by `upTo`, and accepted: rows up to here need no work again
  // Until this time a hint up to caught_up_to_ is a late push and is dropped. After it, it is sent, because a restored
  // database may have given the number to another row.
  runtime::SteadyTime repeats_until_{};
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<CatchUp> catch_up_;
  std::unique_ptr<RefreshGuard> refresh_;
};

}  // namespace nx::session
