#include "gateway/token_queue.hpp"

#include <utility>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr int kTokensPerPiece = 4;  // ≈ 1 ms including their key agreements

}  // namespace

void TokenQueue::add(fanout::SlotKey key, std::string token, session::TokenUse use) {
  waiting_.push_back({key, std::move(token), use});
  loop_.again();
}

void TokenQueue::refused(const WsConnection& connection, auth::AuthError reason) {
  authenticator_.refused(reason, connection.address().text());
}

bool TokenQueue::verify_some() {
  for (int i = 0; i < kTokensPerPiece; ++i) {
    if (waiting_.empty()) return i > 0;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    verify(std::move(next));
  }
  return true;
}

void TokenQueue::verify(Waiting next) {
  WsConnection* const asker = sessions_.find(next.key);
  if (asker == nullptr) return;
  questions_.ask();
  const bool answered = authenticator_.authenticate(
      std::move(next.token), loop_,
      [this, key = next.key, use = next.use](const auth::AuthResult& result) {
        questions_.answer();
        WsConnection* connection = sessions_.find(key);
        if (connection == nullptr) return;
        connection->verified(result.has_value());
        connection->session().on_verified(use, result);
        connection->answered();
      },
      asker->address().text());
  if (!answered) asker->waits_for_keys();
}

}  // namespace nx::gateway
