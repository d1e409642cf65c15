#include "session/refresh_guard.hpp"

#include <algorithm>
#include <utility>

#include "session/session_options.hpp"

namespace nx::session {

RefreshGuard::Verdict RefreshGuard::begin(const std::string& token, const std::optional<Iv>& iv) {
  if (iv && std::ranges::any_of(used_, [&iv](const Used& used) { return used.iv == *iv; })) return Verdict::replay;
  if (in_flight_) {
    if (waiting_.size() == kMaxWaiting || token.size() > kMaxTokenBytes) return Verdict::refuse;
    waiting_.push_back({token, iv});
    return Verdict::wait;
  }
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

std::optional<RefreshGuard::Waiting> RefreshGuard::next() {
  if (in_flight_ || waiting_.empty()) return std::nullopt;
  Waiting first = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return first;
}

std::size_t RefreshGuard::waiting_bytes() const {
  std::size_t bytes = 0;
  for (const Waiting& one : waiting_) bytes += one.token.size();
  return bytes;
}

bool RefreshGuard::succeed(EpochMs expires_at) {
  if (!sealed_) return true;
  if (expires_at <= forgotten_until_) return false;
  used_.back().expires_at = expires_at;
  return true;
}

bool RefreshGuard::fail(runtime::SteadyTime now) {
  const bool third = failures_[0] != runtime::SteadyTime{} && now - failures_[0] <= kRefreshWindow;
  failures_ = {failures_[1], now};
  return third;
}

}  // namespace nx::session
