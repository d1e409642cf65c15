#pragma once
// Many small sends submitted together: one io_uring_enter(2) for all of them where the kernel allows it, a loop of
// send(2) elsewhere. Every send is non-blocking and has completed or failed when submit() returns, so no buffer
// outlives the call. Choice and figures: docs/adr/0001-io-core.md. Owned and used by one thread.

#include <cstddef>
#include <memory>
#include <span>

namespace nx::runtime {

struct SendOp {
  int fd = -1;
  const char* data = nullptr;
  std::size_t size = 0;
  long result = 0;  // out: bytes sent, or -errno (-EAGAIN: the kernel's buffer is full)
};

class SendBatch {
 public:
  enum class Backend { io_uring, send };

  /// Tries io_uring and falls back silently; backend() tells which. Any thread: the ring itself is made at the first
  /// submit(), since the kernel binds it to the thread that makes it.
  explicit SendBatch(Backend wanted = Backend::io_uring);
  ~SendBatch();
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  /// Any number of operations; fills each result. Operations on one descriptor must not appear twice in a call.
  /// The result of a partial send is less than its size; a signal never interrupts one. Throws std::system_error when
  /// the kernel loses completions (a bug).
  void submit(std::span<SendOp> operations);

  Backend backend() const;

 private:
  struct Ring;
  std::unique_ptr<Ring> ring_;
};

}  // namespace nx::runtime
