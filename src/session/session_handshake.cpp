// From `authenticate` to `connected`, and later renewals of the token.

#include <array>
#include <chrono>
#include <utility>

#include "contract/server_frame.hpp"
#include "crypto/base64.hpp"
#include "crypto/random.hpp"
#include "session/session.hpp"

namespace nx::session {

using contract::Authenticate;
using runtime::SteadyTime;

void Session::authenticate(const Authenticate& request) {
  if (phase_ != Phase::unauthorized) return send_error("Already authenticated");
  phase_ = Phase::authenticating;
  handshake_deadline_ = connection_.now() + 3 * connection_.options().auth_timeout;
  if (!request.bearer || request.token.empty()) {
    connection_.refused(auth::AuthError::missing_token);
    send_error("Authentication failed");
    return close(kAuthenticationFailed);
  }
  handshake_ = std::make_unique<Handshake>();
  handshake_->key = request.key;
  handshake_->client_public_key = request.client_public_key;
  handshake_->since_form = request.since_form;
  handshake_->since = request.since;
  handshake_->epoch = request.epoch;
  verify(request.token, TokenUse::handshake);
}

void Session::verify(const std::string& token, TokenUse use) {
  token_bytes_ = static_cast<std::uint32_t>(token.size());
  connection_.verify(token, use);
}

void Session::on_verified(TokenUse use, const auth::AuthResult& result) {
  token_bytes_ = 0;
  if (use == TokenUse::handshake && phase_ == Phase::authenticating && handshake_) {
    finish_handshake(result);
  } else if (use == TokenUse::refresh && phase_ == Phase::open && refresh_) {
    finish_refresh(result);
  }
}

void Session::finish_handshake(const auth::AuthResult& result) {
  std::unique_ptr<Handshake> wanted = std::move(handshake_);
  if (!result) {
    send_error("Authentication failed");
    return close(kAuthenticationFailed);
  }
  if (wanted->key == Authenticate::Key::missing) {
    send_error("Encryption handshake failed");
    return close(kEncryptionRequired);
  }
  crypto::random_bytes(wanted->salt);
  const std::optional<crypto::PeerKey> peer =
      wanted->key == Authenticate::Key::text ? crypto::PeerKey::from_base64(wanted->client_public_key) : std::nullopt;
  const crypto::KeyPair& own = connection_.server_key();
  wanted->keys = peer ? own.agree(*peer, wanted->salt) : std::nullopt;
  if (!wanted->keys) {
    connection_.refused(auth::AuthError::bad_client_key);
    send_error("Authentication error");
    return close(kAuthenticationFailed);
  }

  user_ = result->user;
  token_issued_at_ = result->issued_at.value_or(EpochMs{});
  wanted->expires_at = result->expires_at;
  wanted->server_public_key = own.public_base64();
  handshake_ = std::move(wanted);
  if (!connection_.subscribe(user_.id)) become_open();
}

void Session::on_subscribed() {
  if (phase_ == Phase::authenticating && handshake_ && handshake_->keys) become_open();
}

void Session::become_open() {
  const std::unique_ptr<Handshake> agreed = std::move(handshake_);
  inbound_key_ = std::move(agreed->keys->client_to_server);
  set_expiry(agreed->expires_at);
  phase_ = Phase::open;
  connection_.opened();
  if (phase_ != Phase::open) return;
  send_clear(
      contract::connected_frame({.client_id = uuid_text(id_),
                                 .user_id = user_.id.value,
                                 .user_form = user_.is_number ? contract::IdForm::number : contract::IdForm::text,
                                 .time = connection_.wall_now(),
                                 .server_public_key = agreed->server_public_key,
                                 .salt = crypto::base64_encode(agreed->salt)}));
  sealer_.emplace(agreed->keys->server_to_client);
  if (agreed->since_form == Authenticate::Since::invalid) send_error("Invalid since");
  if (agreed->since_form == Authenticate::Since::given) begin_catch_up(agreed->since, std::move(agreed->epoch));
}

void Session::set_expiry(EpochMs expires_at) {
  if (!connection_.options().close_on_token_expiry) return;
  // Spread by two random bytes of the client id, so that clients that logged in together are not closed at the same
  // time.
  const std::int64_t spread = connection_.options().token_expiry_spread.count() * (id_[0] * 256 + id_[1]) / 65'536;
  // So long that it is never reached, and short enough not to overflow the clock's nanoseconds.
  constexpr std::int64_t kLongest = 10LL * 365 * 24 * 3'600 * 1'000;
  const std::int64_t left =
      std::min(expires_at.value - connection_.wall_now().value + kTokenLeeway.count() + spread, kLongest);
  expires_ = connection_.now() + std::chrono::milliseconds(left);
}

void Session::refresh(const std::string& token, const std::optional<Iv>& iv) {
  if (!refresh_) refresh_ = std::make_unique<RefreshGuard>();
  switch (refresh_->begin(token, iv)) {
    case RefreshGuard::Verdict::ask:
      return verify(token, TokenUse::refresh);
    case RefreshGuard::Verdict::wait:
      return;
    case RefreshGuard::Verdict::refuse:
      return fail_refresh();
    case RefreshGuard::Verdict::replay:
      return connection_.ignored();
  }
}

void Session::fail_refresh() {
  const bool one_too_many = refresh_->fail(connection_.now());
  send_error("Refresh failed");
  if (one_too_many) close(kAuthenticationFailed);
}

void Session::finish_refresh(const auth::AuthResult& result) {
  refresh_->answered();
  if (result && result->user != user_) connection_.refused(auth::AuthError::other_user);
  if (!result || result->user != user_) {
    fail_refresh();
  } else if (!refresh_->succeed(result->expires_at)) {
    connection_.ignored();
  } else {
    set_expiry(result->expires_at);
    token_issued_at_ = result->issued_at.value_or(EpochMs{});
    send(contract::refreshed_frame(result->expires_at));
    recheck_rooms();
  }
  while (phase_ == Phase::open) {
    const auto next = refresh_->next();
    if (!next) break;
    refresh(next->token, next->iv);
  }
}

}  // namespace nx::session
