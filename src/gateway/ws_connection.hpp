#pragma once
// One upgraded connection: its socket, its session and its queued frames. Home thread only. It is in the slots of its
// shard and is destroyed at the end of the turn in which it was removed. An idle connection owns no buffer: it reads
// into the shard's buffer and borrows its outbox from the shard's pool.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fanout/connection_location.hpp"
#include "gateway/admission.hpp"
#include "gateway/close_counters.hpp"
#include "gateway/frame_queue.hpp"
#include "gateway/holders.hpp"
#include "gateway/session_registry.hpp"
#include "runtime/timer_wheel.hpp"
#include "session/session.hpp"
#include "transport/socket.hpp"
#include "transport/ws_frame.hpp"

namespace nx::gateway {

struct ShardParts;

class WsConnection final : public session::ClientConnection,
                           public runtime::IoHandler,
                           public runtime::Timer,
                           public Holder {
 public:
  WsConnection(ShardParts& shard, transport::Socket socket, fanout::SlotKey key, const UuidBytes& id,
               const transport::IpAddress& client, Admission::Place place);
  ~WsConnection() override;

  /// Called after the upgrade. `early` is what the client sent after its request without waiting for the answer.
  void start(std::span<char> early);

  void on_ready(std::uint32_t ready) override;
  void on_timer() override;

  session::Session& session() { return session_; }
  const session::Session& session() const { return session_; }
  fanout::SlotKey key() const { return key_; }
  EpochMs connected_at() const { return connected_at_; }
  const transport::IpAddress& address() const { return address_; }
  std::size_t user_hash() const { return user_hash_; }  // valid once the session is open
  SessionRegistry& registry() const;

  /// Must be called after the session was given an answer: its deadlines may have changed, and it may read again.
  void answered();

  // Called by the shard when it takes the connection from a queue: resume() after pause(), drained() after
  // CatchUpQueue::continue_later().
  void resume();
  void drained();

  // The flush, called by the shard.
  void clear_dirty() { dirty_ = false; }
  bool can_submit() const { return !is_finished() && !frames_.empty() && !frames_.is_blocked() && !socket_.is_tls(); }
  std::string_view unsent() const { return frames_.unsent(); }
  int fd() const { return socket_.fd(); }
  /// The outcome of a send(2) of unsent(): the number of bytes or -errno.
  void submitted(long result);
  /// Flushes a connection for which can_submit() is false.
  void flush_alone();

  /// The key that its token names is being fetched: until verified() the connection may be closed to make room.
  void waits_for_keys();
  void verified(bool holds);

  // Holder
  void make_room() override;
  bool watch_backlog() override;

  /// More is queued than docs/protocol.md#slow-clients allows: to be closed with 1013.
  bool is_slow() const;
  void log_slow_close();
  void shed();
  /// Closes this connection, which has not been useful yet, to make room for another one: sends close 1013 and closes
  /// at once.
  void yield();
  /// Closes without a close frame: bytes in the kernel are sent, the rest is dropped.
  void finish();

  // session::ClientConnection
  const session::SessionOptions& options() const override;
  runtime::SteadyTime now() const override;
  EpochMs wall_now() const override;
  const crypto::KeyPair& server_key() const override;
  std::string& begin_text(std::size_t text_bytes) override;
  void send_ping() override;
  std::size_t queued_bytes() const override { return frames_.size(); }
  void held() override { account(); }
  void close(const session::Closing& closing) override;
  void verify(std::string token, session::TokenUse use) override;
  void ask_rooms(std::vector<RoomName> rooms, session::RoomsUse use) override;
  void ask_missed(std::int64_t since, std::size_t limit) override;
  bool subscribe(const UserId& user) override;
  void opened() override;
  void joined(const RoomName& room) override;
  void left(const RoomName& room) override;
  void rooms_closed(std::size_t rooms) override;
  bool acknowledged(Acknowledgement what) override;
  void row_sent(std::int64_t seq) override;
  void ignored() override;
  void refused(auth::AuthError reason) override;

 private:
  static constexpr std::chrono::milliseconds kCloseWait{5'000};  // wait for the peer's close frame

  enum class Stage : std::uint8_t {
    talking,
    closing,   // our close frame is queued; the peer's close frame has not arrived
    answered,  // the peer has sent a close frame or broken the protocol: nothing more is parsed; ours is not sent yet
    // both close frames are done and our half is shut down: waits for the peer's FIN, so that no reset overtakes our
    // close frame
    lingering,
    finished
  };
  /// How the connection ended, for the counters; 1006 if neither side sent a close frame.
  struct Cause {
    std::uint16_t code = 1006;
    ClosedBy by = ClosedBy::client;
  };

  bool is_finished() const { return stage_ == Stage::finished; }
  std::string& begin_frame();
  enum class ReadSize : std::uint8_t { full, small };
  void read(ReadSize size);
  void pause();
  void settle();
  void reschedule();
  void consume(std::span<char> input);
  void answer_close(std::uint16_t code, ClosedBy by);
  void enter(Stage stage, std::chrono::milliseconds patience);
  void begin_closing(Stage stage, std::chrono::milliseconds patience);
  void write();
  void after_write();
  void leave() {
    subscription_.release();
    registration_.release();
  }
  bool is_shaking_hands() const { return stage_ == Stage::talking && !registration_; }
  void account();
  void watch();

  ShardParts& shard_;
  transport::Socket socket_;
  fanout::SlotKey key_;
  transport::IpAddress address_;
  EpochMs connected_at_;
  transport::FrameParser parser_;
  std::size_t user_hash_ = 0;
  // while talking: when the session's deadline is examined
  runtime::SteadyTime scheduled_ = runtime::SteadyTime::max();
  // Memory of idle clients is scarce, so the small members after `place_` and after `frames_` fill the padding at the
  // end of these two.
  [[no_unique_address]] Admission::Place place_;
  Cause cause_;
  bool paused_ = false;   // resume() will be called
  bool drained_ = false;  // drained() will be called
  [[no_unique_address]] FrameQueue frames_;
  Stage stage_ = Stage::talking;
  bool dirty_ = false;  // in the next flush
  std::uint32_t interest_ = 0;
  session::Session session_;  // after the members above: its constructor needs a complete connection
  // Declared after the session, because their destructors use it.
  SessionRegistry::Registration registration_;  // from the end of the handshake until the session closes
  SessionRegistry::Subscription subscription_;
};

}  // namespace nx::gateway
