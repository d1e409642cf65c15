#include "observe/line_writer.hpp"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <poll.h>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <climits>

namespace nx::observe {
namespace {

/// False when the descriptor fails. Uses a single write unless it is interrupted.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // the parent process made it non-blocking
      pollfd room{fd, POLLOUT, 0};
      static_cast<void>(::poll(&room, 1, -1));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// Signals must go to the thread that waits for them, even if they are not blocked yet.
template <class Run>
std::thread without_signals(Run run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread thread(std::move(run));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
}

}  // namespace

struct LineWriter::Queue {
  explicit Queue(Options options_in) : options(std::move(options_in)) {}

  const Options options;
  mutable std::mutex mutex;  // guards everything below
  std::condition_variable wake, idle;
  std::vector<std::string> lines;
  std::size_t bytes = 0;  // size of `lines`
  std::uint64_t dropped = 0;
  std::uint64_t told = 0;  // dropped lines that have been reported
  bool writing = false;
  bool ending = false;
  std::thread thread;  // created with the first line

  void run();
  std::uint64_t write(const std::vector<std::string>& batch) const;
};

/// Returns the number of lines that the descriptor refused. Joins lines up to the size that a pipe accepts in one
/// write.
std::uint64_t LineWriter::Queue::write(const std::vector<std::string>& batch) const {
  std::uint64_t refused = 0;
  std::string together;
  std::uint64_t count = 0;
  const auto flush_together = [&] {
    if (!write_all(options.fd, together)) refused += count;
    together.clear();
    count = 0;
  };
  for (const std::string& line : batch) {
    if (count > 0 && together.size() + line.size() > PIPE_BUF) flush_together();
    together.append(line);
    ++count;
  }
  flush_together();
  return refused;
}

void LineWriter::Queue::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    wake.wait(lock, [this] { return ending || !lines.empty(); });
    if (lines.empty()) return;
    const std::vector<std::string> batch = std::exchange(lines, {});
    const std::uint64_t untold = dropped - told;
    bytes = 0;
    writing = true;
    lock.unlock();
    const std::uint64_t refused = write(batch);
    const bool said = untold > 0 && options.dropped_line && write_all(options.fd, options.dropped_line(untold));
    lock.lock();
    dropped += refused;
    if (said) told += untold;
    writing = false;
    if (lines.empty()) idle.notify_all();
  }
}

LineWriter::LineWriter(Options options) : queue_(std::make_shared<Queue>(std::move(options))) {}

LineWriter::~LineWriter() {
  const bool written = flush(queue_->options.last_lines);
  std::thread thread;
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->ending = true;
    if (!written) queue_->lines.clear();
    thread = std::move(queue_->thread);
  }
  queue_->wake.notify_all();
  if (!thread.joinable()) return;
  if (written) {
    thread.join();
  } else {
    thread.detach();  // it waits for a reader, and ends with the process
  }
}

void LineWriter::add(std::string line) {
  const std::lock_guard lock(queue_->mutex);
  if (queue_->bytes + line.size() > queue_->options.max_bytes) {
    ++queue_->dropped;
    return;
  }
  if (!queue_->thread.joinable()) {
    try {
      queue_->thread = without_signals([queue = queue_] { queue->run(); });
    } catch (const std::system_error&) {  // the thread cannot be created
      ++queue_->dropped;
      return;
    }
  }
  queue_->bytes += line.size();
  queue_->lines.push_back(std::move(line));
  queue_->wake.notify_one();
}

bool LineWriter::flush(std::chrono::milliseconds within) {
  std::unique_lock lock(queue_->mutex);
  return queue_->idle.wait_for(lock, within, [this] { return queue_->lines.empty() && !queue_->writing; });
}

std::uint64_t LineWriter::dropped() const {
  const std::lock_guard lock(queue_->mutex);
  return queue_->dropped;
}

}  // namespace nx::observe
