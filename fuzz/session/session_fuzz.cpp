// A client says anything, line by line, to a session that answers every question at once: no crash, no frame after the
// close, and every frame as long as its header promised.

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base64.hpp"
#include "session/session.hpp"

namespace {

using namespace nx;

class Listener final : public session::ClientConnection {
 public:
  const session::SessionOptions& options() const override { return settings; }
  runtime::SteadyTime now() const override { return clock; }
  EpochMs wall_now() const override { return {1'795'000'000'000}; }
  const crypto::KeyPair& server_key() const override { return key(); }
  std::string& begin_text(std::size_t text_bytes) override {
    check();
    promised = text_bytes;
    frame.clear();
    return frame;
  }
  void send_ping() override {}
  std::size_t queued_bytes() const override { return 0; }
  void held() override {}
  void close(const session::Closing&) override {
    check();
    if (closed) std::abort();
    closed = true;
  }
  void verify(std::string token, session::TokenUse use) override {
    subscribes_later = token == "later";
    if (token == "bad") return conversation->on_verified(use, tl::make_unexpected(auth::AuthError::expired));
    auth::Claims claims;
    claims.user.id.value = "u";
    claims.expires_at = {1'795'000'600'000};
    conversation->on_verified(use, claims);
  }
  void ask_rooms(std::vector<RoomName> rooms, session::RoomsUse use) override {
    conversation->on_rooms(use, rooms, rooms);
  }
  void ask_missed(std::int64_t since, std::size_t) override {
    session::MissedHints page;
    page.hints = {{since, "{}"}};
    page.complete = since % 2 == 0;
    conversation->on_missed(std::move(page));
  }
  bool subscribe(const UserId&) override { return subscribes_later; }
  void opened() override {}
  void joined(const RoomName&) override {}
  void left(const RoomName&) override {}
  void rooms_closed(std::size_t) override {}
  bool acknowledged(Acknowledgement what) override { return what.up_to % 2 == 0; }
  void row_sent(std::int64_t) override {}
  void ignored() override {}
  void refused(nx::auth::AuthError) override {}

  static const crypto::KeyPair& key() {
    static const crypto::KeyPair pair = crypto::KeyPair::generate();
    return pair;
  }
  void check() const {
    if (frame.size() != promised || closed) std::abort();
  }

  session::SessionOptions settings;
  runtime::SteadyTime clock{std::chrono::hours(1)};
  session::Session* conversation = nullptr;
  std::string frame;
  std::size_t promised = 0;
  bool closed = false;
  bool subscribes_later = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Listener listener;
  session::Session conversation(listener, UuidBytes{1, 2, 3});
  listener.conversation = &conversation;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    conversation.on_message(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    listener.clock += std::chrono::milliseconds(100);
    if (end % 2 == 0) conversation.on_subscribed();
    if (conversation.next_deadline() <= listener.clock) conversation.on_deadline();
    conversation.push("{}", {}, 3);
  }
  if (!listener.closed) listener.check();
  return 0;
}
