#include "session/refresh_guard.hpp"

#include <algorithm>

#include "session/session_options.hpp"

namespace nx::session {

RefreshGuard::Verdict RefreshGuard::begin(const std::optional<Iv>& iv) {
  if (iv && std::ranges::any_of(used_, [&iv](const Used& used) { return used.iv == *iv; })) return Verdict::replay;
  if (in_flight_) return Verdict::busy;
  in_flight_ = true;
  sealed_ = iv.has_value();
  if (iv) {
    if (used_.size() == kMaxRemembered) {
      forgotten_until_ = std::max(forgotten_until_, used_.front().expires_at);
      used_.erase(used_.begin());
    }
    used_.push_back({*iv, {}});
  }
  return Verdict::ask;
}

bool RefreshGuard::succeed(EpochMs expires_at) {
  in_flight_ = false;
  if (!sealed_) return true;
  if (expires_at <= forgotten_until_) return false;
  used_.back().expires_at = expires_at;
  return true;
}

bool RefreshGuard::fail(runtime::SteadyTime now) {
  in_flight_ = false;
  const bool third = failures_[0] != runtime::SteadyTime{} && now - failures_[0] <= kRefreshWindow;
  failures_ = {failures_[1], now};
  return third;
}

}  // namespace nx::session
