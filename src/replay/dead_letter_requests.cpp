#include "replay/dead_letter_requests.hpp"

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

namespace nx::replay {
namespace {

constexpr std::chrono::seconds kListWithin{8};  // to read a page

/// Work that throws is an answer, too, so that the caller gets one in any case.
template <class Work>
auto caught(const observe::Logger& log, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& problem) {
    log.error("dead letter request failed", {{"reason", problem.what()}});
    return fail(ErrorKind::unavailable, "the request failed");
  }
}

}  // namespace

DeadLetterRequests::~DeadLetterRequests() {
  stopping_.store(true);
  if (thread_.joinable()) thread_.join();
}

bool DeadLetterRequests::begin(std::function<void()> work) {
  if (busy_.exchange(true)) return false;
  if (thread_.joinable()) thread_.join();  // its work is done
  try {
    thread_ = std::thread([this, work = std::move(work)] {
      work();
      busy_.store(false);
    });
    return true;
  } catch (const std::system_error& problem) {  // the system has no thread left
    log_.error("dead letter request failed", {{"reason", problem.what()}});
    busy_.store(false);
    return false;
  }
}

bool DeadLetterRequests::list(std::size_t limit, std::optional<DeadLetterCursor> before,
                              std::function<void(Result<DeadLetterPage>)> done) {
  return begin([this, limit, before = std::move(before), done = std::move(done)] {
    done(caught(log_, [&]() -> Result<DeadLetterPage> {
      auto reader = kafka::RecordReader::open(topics_.connection, {topics_.dlq_topic, "SIGNAL_KAFKA_DLQ_TOPIC"},
                                              topics_.patience);
      if (!reader) return error_of(reader);
      const auto until = std::chrono::steady_clock::now() + kListWithin;
      return newest_dead_letters(*reader, limit, before, [this, until] {
        return !stopping_.load(std::memory_order_relaxed) && std::chrono::steady_clock::now() < until;
      });
    }));
  });
}

bool DeadLetterRequests::replay(const kafka::Position& at, std::optional<std::string> value,
                                std::function<void(Result<LetterSent>)> done) {
  return begin([this, at, value = std::move(value), done = std::move(done)] {
    done(caught(log_, [&] { return replay_letter(topics_, at, value); }));
  });
}

}  // namespace nx::replay
