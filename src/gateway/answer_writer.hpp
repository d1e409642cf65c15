#pragma once
// Writes the answers of one HTTP connection and observes whether its peer reads them. The kernel accepts more output
// only in large steps, so a slow reader is recognised by the bytes that its own kernel acknowledges. Home thread only.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/held_text.hpp"
#include "runtime/event_loop.hpp"
#include "transport/socket.hpp"

namespace nx::gateway {

class AnswerWriter {
 public:
  /// The caller appends whole answers and calls write().
  std::string& buffer() { return output_; }
  std::size_t held_bytes() const { return held_by(output_); }

  enum class Progress : std::uint8_t {
    done,   // the kernel has taken all, and the buffer is released
    some,   // it has taken a part
    none,   // it has taken nothing
    failed  // the connection is broken
  };
  Progress write(transport::Socket& socket);

  /// The peer is supposed to read from now on.
  void begin_watch(const transport::Socket& socket, runtime::SteadyTime now) {
    read_on_ = now;
    unacknowledged_ = socket.unacknowledged();
  }
  /// Returns true unless the peer has acknowledged nothing for `patience`.
  bool is_being_read(const transport::Socket& socket, runtime::SteadyTime now, std::chrono::milliseconds patience);
  /// At the last of these two calls the peer had acknowledged everything.
  bool was_read() const { return unacknowledged_ == 0; }

 private:
  std::string output_;
  std::size_t sent_ = 0;
  std::size_t unacknowledged_ = 0;  // bytes
  runtime::SteadyTime read_on_;     // when the peer was last seen to read
};

}  // namespace nx::gateway
