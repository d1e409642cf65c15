#pragma once
// Submits many small sends together: with one io_uring_enter(2) where the kernel allows it, otherwise with a loop of
// send(2). Every send is non-blocking and has completed or failed when submit() returns, so no buffer is used after the
// call. Reasons and measurements: docs/adr/0001-io-core.md. Owned and used by one thread.

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

  /// Tries io_uring and otherwise uses send(2) without an error; backend() tells which is used. Any thread: the ring is
  /// made at the first submit(), because the kernel binds it to the thread that makes it.
  explicit SendBatch(Backend wanted = Backend::io_uring);
  ~SendBatch();
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  /// Executes any number of operations and sets the result of each. A descriptor must not appear twice in one call. The
  /// result of a partial send is less than its size; a signal never interrupts a send. Throws std::system_error when
  /// the kernel loses completions (a bug).
  void submit(std::span<SendOp> operations);

  Backend backend() const;

 private:
  struct Ring;
  std::unique_ptr<Ring> ring_;
};

}  // namespace nx::runtime
