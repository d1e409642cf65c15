#include "replay/dead_letter_requests.hpp"

#include <exception>
#include <utility>

namespace nx::replay {
namespace {

void log_failure(const observe::Logger& log, const std::exception& problem) {
  log.error("dead letter request failed", {{"reason", problem.what()}});
}

/// An exception of the work becomes an answer, too, so that the caller gets one in any case.
template <class Work>
auto caught(const observe::Logger& log, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& problem) {
    log_failure(log, problem);
    return fail(ErrorKind::unavailable, "the request failed");
  }
}

}  // namespace

DeadLetterRequests::~DeadLetterRequests() {
  stop_soon();
  if (thread_.joinable()) thread_.join();
}

bool DeadLetterRequests::begin(std::function<void()> work) {
  const std::lock_guard lock{mutex_};
  if (busy_) return false;
  if (thread_.joinable()) thread_.join();  // it was not busy any more, so it ends at once
  try {
    thread_ = std::thread([this, work = std::move(work)]() mutable {
      try {
        work();
      } catch (const std::exception& problem) {  // thrown by the caller's `done`
        log_failure(log_, problem);
      }
      work = nullptr;  // what it holds ends before the next request begins
      const std::lock_guard done{mutex_};
      busy_ = false;
    });
    busy_ = true;  // the new thread cannot have cleared it: this one has the mutex
    return true;
  } catch (const std::exception& problem) {  // no thread or no memory is left
    log_failure(log_, problem);
    return false;
  }
}

bool DeadLetterRequests::list(std::size_t limit, std::optional<DeadLetterCursor> before,
                              std::function<void(Result<DeadLetterPage>)> done) {
  return begin([this, limit, before = std::move(before), done = std::move(done)] {
    done(caught(log_, [&]() -> Result<DeadLetterPage> {
      auto reader = kafka::RecordReader::open(topics_.connection, {topics_.dlq_topic, "SIGNAL_KAFKA_DLQ_TOPIC"},
                                              topics_.patience, deadline());
      if (!reader) return error_of(reader);
      return newest_dead_letters(*reader, limit, before);
    }));
  });
}

bool DeadLetterRequests::replay(const kafka::Position& at, std::optional<std::string> value,
                                std::function<void(Result<LetterSent>)> done) {
  return begin([this, at, value = std::move(value), done = std::move(done)] {
    done(caught(log_, [&] { return replay_letter(topics_, at, value, deadline()); }));
  });
}

}  // namespace nx::replay
