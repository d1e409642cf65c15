// From `authenticate` to `connected`, and the renewal of the token afterwards.

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
  handshake_deadline_ = line_.now() + 3 * line_.options().auth_timeout;
  if (!request.bearer || request.token.empty()) {
    send_error("Authentication failed");
    return close(kAuthenticationFailed);
  }
  handshake_ =
      std::make_unique<Handshake>(Handshake{request.key, request.client_public_key, request.since_form, request.since});
  line_.verify(request.token, TokenUse::handshake);
}

void Session::on_verified(TokenUse use, const auth::AuthResult& result) {
  if (use == TokenUse::handshake && phase_ == Phase::authenticating && handshake_) {
    finish_handshake(result);
  } else if (use == TokenUse::refresh && phase_ == Phase::open && refresh_) {
    finish_refresh(result);
  }
}

void Session::finish_handshake(const auth::AuthResult& result) {
  const std::unique_ptr<Handshake> wanted = std::move(handshake_);
  if (!result) {
    send_error("Authentication failed");
    return close(kAuthenticationFailed);
  }
  if (wanted->key == Authenticate::Key::missing) {
    send_error("Encryption handshake failed");
    return close(kEncryptionRequired);
  }
  std::array<std::uint8_t, 32> salt{};
  crypto::random_bytes(salt);
  const std::optional<crypto::PeerKey> peer =
      wanted->key == Authenticate::Key::text ? crypto::PeerKey::from_base64(wanted->client_public_key) : std::nullopt;
  std::optional<crypto::AgreedKeys> keys = peer ? line_.server_key().agree(*peer, salt) : std::nullopt;
  if (!keys) {
    send_error("Authentication error");
    return close(kAuthenticationFailed);
  }

  user_ = result->user;
  inbound_key_ = std::move(keys->client_to_server);
  set_expiry(result->expires_at);
  phase_ = Phase::open;
  line_.opened();
  if (phase_ != Phase::open) return;
  send_clear(
      contract::connected_frame({.client_id = uuid_text(id_),
                                 .user_id = user_.id.value,
                                 .user_form = user_.is_number ? contract::IdForm::number : contract::IdForm::text,
                                 .time = line_.wall_now(),
                                 .server_public_key = line_.server_key().public_base64(),
                                 .salt = crypto::base64_encode(salt)}));
  sealer_.emplace(keys->server_to_client);
  if (wanted->since_form == Authenticate::Since::invalid) send_error("Invalid since");
  if (wanted->since_form == Authenticate::Since::given) begin_catch_up(wanted->since);
}

void Session::set_expiry(EpochMs expires_at) {
  if (!line_.options().close_on_token_expiry) return;
  // Spread by two random bytes of the client's id, so that a fleet that logged in together does not leave together.
  const std::int64_t spread = line_.options().token_expiry_spread.count() * (id_[0] * 256 + id_[1]) / 65'536;
  // Far enough to be never, near enough not to overflow the clock's nanoseconds.
  constexpr std::int64_t kLongest = 10LL * 365 * 24 * 3'600 * 1'000;
  const std::int64_t left =
      std::min(expires_at.value - line_.wall_now().value + kTokenLeeway.count() + spread, kLongest);
  expires_ = line_.now() + std::chrono::milliseconds(left);
}

void Session::refresh(const std::string& token, const std::optional<Iv>& iv) {
  if (!refresh_) refresh_ = std::make_unique<RefreshGuard>();
  switch (refresh_->begin(token, iv)) {
    case RefreshGuard::Verdict::ask:
      return line_.verify(token, TokenUse::refresh);
    case RefreshGuard::Verdict::wait:
      return;
    case RefreshGuard::Verdict::refuse:
      return fail_refresh();
    case RefreshGuard::Verdict::replay:
      return line_.ignored();
  }
}

void Session::fail_refresh() {
  const bool one_too_many = refresh_->fail(line_.now());
  send_error("Refresh failed");
  if (one_too_many) close(kAuthenticationFailed);
}

void Session::finish_refresh(const auth::AuthResult& result) {
  refresh_->answered();
  if (!result || result->user != user_) {
    fail_refresh();
  } else if (!refresh_->succeed(result->expires_at)) {
    line_.ignored();
  } else {
    set_expiry(result->expires_at);
    send(contract::refreshed_frame(result->expires_at));
    if (!rooms_.joined().empty()) line_.ask_rooms(rooms_.joined(), RoomsUse::recheck);
  }
  while (phase_ == Phase::open) {
    const auto next = refresh_->next();
    if (!next) break;
    refresh(next->token, next->iv);
  }
}

}  // namespace nx::session
