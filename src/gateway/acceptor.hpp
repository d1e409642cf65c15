#pragma once
// Accepts connections from the listener on the loop of shard 0 and gives each to the shard with the fewest connections.
// Home thread: that of shard 0.

#include <atomic>

#include "gateway/shard.hpp"
#include "runtime/timer_wheel.hpp"
#include "transport/listener.hpp"

namespace nx::gateway {

class Acceptor final : public runtime::IoHandler, public runtime::Timer, public Admission::Waiter {
 public:
  Acceptor(GatewayContext& context, transport::Listener listener);

  void start();  // home thread, or any thread before the loop runs
  void close();  // home thread
  std::uint16_t port() const { return listener_.port(); }
  const std::string& address() const { return listener_.address(); }

  void on_ready(std::uint32_t ready) override;
  void on_timer() override;
  void room_later() override;  // any thread

 private:
  Shard& home() { return *context_.shards.front(); }
  Shard& emptiest();
  void wait_for_descriptors(int error);
  void pause();

  GatewayContext& context_;
  transport::Listener listener_;
  bool watching_ = false;
  bool closed_ = false;
  observe::LogGate exhausted_gate_;
};

}  // namespace nx::gateway
