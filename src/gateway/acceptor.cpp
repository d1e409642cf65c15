#include "gateway/acceptor.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace nx::gateway {

namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr std::size_t kRoomWhenExhausted = 8;
// after descriptors ran out: the listener stays readable and would spin
constexpr std::chrono::milliseconds kExhaustedPause{100};

}  // namespace

Acceptor::Acceptor(GatewayContext& context, transport::Listener listener)
    : context_(context), listener_(std::move(listener)) {}

void Acceptor::start() {
  if (closed_ || watching_) return;
  watching_ = true;
  home().loop().watch(listener_.fd(), *this, runtime::Ready::kRead);
}

void Acceptor::close() {
  if (closed_) return;
  closed_ = true;
  cancel();
  context_.admission->forget(*this);
  if (watching_) pause();
  listener_.close();
}

Shard& Acceptor::emptiest() {
  const auto found = std::ranges::min_element(context_.shards, {}, [](const std::shared_ptr<Shard>& shard) {
    return shard->counters().connections.load(std::memory_order_relaxed);
  });
  return **found;
}

void Acceptor::on_ready(std::uint32_t) {
  using Status = transport::Listener::Accepted::Status;
  Admission& admission = *context_.admission;
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    // The connections that make room are closed later, on their own loops. Until then a watched listener would stay
    // ready and spin.
    if (admission.wait_if_pressed(*this)) return pause();
    transport::Listener::Accepted accepted = listener_.accept();
    if (accepted.status == Status::would_block) return;
    if (accepted.status == Status::failed) continue;
    if (accepted.status == Status::exhausted) {
      if (admission.make_room(kRoomWhenExhausted) == 0) wait_for_descriptors(accepted.error);
      return;
    }
    Shard& shard = emptiest();
    shard.expect_one();
    shard.adopt(std::move(accepted.socket), accepted.peer,
                admission.enter(accepted.peer, context_.address_rule(accepted.peer), shard));
  }
}

void Acceptor::wait_for_descriptors(int error) {
  if (std::int64_t suppressed = 0; exhausted_gate_.pass(suppressed)) {
    context_.log.warn("accept refused by the system", {{"reason", std::strerror(error)},
                                                       {"set", "a higher limit of open files (ulimit -n, LimitNOFILE)"},
                                                       {"suppressed", suppressed}});
  }
  pause();
  home().wheel().schedule(*this, home().loop().now() + kExhaustedPause);
}

void Acceptor::pause() {
  home().loop().unwatch(listener_.fd(), *this);
  watching_ = false;
}

void Acceptor::room_later() {
  home().loop().post([this] { start(); });
}

void Acceptor::on_timer() {
  start();
}

}  // namespace nx::gateway
