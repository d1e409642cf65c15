#include "runtime/send_batch.hpp"

#include <cerrno>
#include <system_error>

#include <liburing.h>
#include <sys/socket.h>

namespace nx::runtime {
namespace {

constexpr unsigned kRingSize = 256;  // sends per system call
constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
constexpr std::size_t kWorthARing = 2;  // below this number a plain send(2) per operation is cheaper

void send_each(std::span<SendOp> operations) {
  for (SendOp& op : operations) {
    do {
      op.result = ::send(op.fd, op.data, op.size, kFlags);
    } while (op.result < 0 && errno == EINTR);
    if (op.result < 0) op.result = -errno;
  }
}

// SUBMIT_ALL: a failed operation does not stop those behind it. SINGLE_ISSUER and DEFER_TASKRUN (Linux 6.1) avoid locks
// that several submitters would need, and they avoid interrupts; they bind the ring to the thread that makes it.
bool open_ring(io_uring& ring) {
  for (const unsigned flags : {IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
                               IORING_SETUP_SUBMIT_ALL, 0U}) {
    if (::io_uring_queue_init(kRingSize, &ring, flags) == 0) return true;
  }
  return false;
}

}  // namespace

struct SendBatch::Ring {
  io_uring ring{};
  bool open = false;
  std::size_t in_flight = 0;

  ~Ring() { close(); }
  void close() {
    if (open) ::io_uring_queue_exit(&ring);
    open = false;
  }
  std::size_t submit(std::span<SendOp> operations);
  void take_completions(std::span<SendOp> operations);
};

// Returns how many operations from the front were carried out: fewer than all when the kernel accepts no more.
std::size_t SendBatch::Ring::submit(std::span<SendOp> operations) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const SendOp& op = operations[i];
    io_uring_sqe* const entry =
        ::io_uring_get_sqe(&ring);  // never null: at most kRingSize entries, and the queue is empty at every call
    ::io_uring_prep_send(entry, op.fd, op.data, op.size, kFlags);
    ::io_uring_sqe_set_data64(entry, i);
  }
  std::size_t submitted = 0;
  while (submitted < operations.size()) {
    const int taken = ::io_uring_submit(&ring);
    if (taken == -EINTR) continue;
    if (taken <= 0) break;
    submitted += static_cast<std::size_t>(taken);
    in_flight += static_cast<std::size_t>(taken);
  }
  // MSG_DONTWAIT completes every send while it is submitted, if need be with -EAGAIN. The wait below is for kernels
  // that defer it.
  take_completions(operations);
  while (in_flight > 0) {
    // Not submit_and_wait: operations that the kernel did not accept are still in the queue and are sent in another
    // way.
    io_uring_cqe* first = nullptr;
    const int waited = ::io_uring_wait_cqe_nr(&ring, &first, static_cast<unsigned>(in_flight));
    if (waited < 0 && waited != -EINTR) {
      // The kernel still uses the buffers and it is not possible to wait for it; returning would let the caller reuse
      // them.
      throw std::system_error(-waited, std::generic_category(), "io_uring_enter");
    }
    take_completions(operations);
  }
  return submitted;
}

void SendBatch::Ring::take_completions(std::span<SendOp> operations) {
  io_uring_cqe* completion = nullptr;
  unsigned head = 0;
  unsigned seen = 0;
  io_uring_for_each_cqe(&ring, head, completion) {
    operations[completion->user_data].result = completion->res;
    ++seen;
  }
  ::io_uring_cq_advance(&ring, seen);
  in_flight -= seen;
}

SendBatch::SendBatch(Backend wanted) {
  if (wanted != Backend::io_uring) return;
  io_uring probe{};
  if (!open_ring(probe)) return;
  ::io_uring_queue_exit(&probe);
  ring_ = std::make_unique<Ring>();
}

SendBatch::~SendBatch() = default;

SendBatch::Backend SendBatch::backend() const {
  return ring_ ? Backend::io_uring : Backend::send;
}

void SendBatch::submit(std::span<SendOp> operations) {
  if (ring_ && !ring_->open && !(ring_->open = open_ring(ring_->ring))) ring_.reset();
  while (ring_ && operations.size() >= kWorthARing) {
    const std::span<SendOp> chunk = operations.first(std::min<std::size_t>(operations.size(), kRingSize));
    const std::size_t done = ring_->submit(chunk);
    operations = operations.subspan(done);
    if (done < chunk.size())
      ring_.reset();  // discards the entries that the kernel refused; their operations and all later ones use send(2)
  }
  send_each(operations);
}

}  // namespace nx::runtime
