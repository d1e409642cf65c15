#include "trace/tracer.hpp"

#include <algorithm>
#include <utility>

namespace nx::trace {
namespace {

constexpr std::chrono::milliseconds kCollect{100};  // how often the writers are emptied

}  // namespace

Tracer::Tracer(TracerOptions options, const observe::Logger& log)
    : options_(std::move(options)), log_(log), collector_(options_.url, options_.timeout) {}

Tracer::~Tracer() {
  stop(std::chrono::milliseconds{0});
}

SpanWriter& Tracer::writer() {
  const std::lock_guard lock(mutex_);
  return *writers_.emplace_back(std::make_unique<SpanWriter>());
}

void Tracer::start() {
  thread_ = std::thread([this] { run(); });
}

void Tracer::stop(std::chrono::milliseconds within) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  collector_.end_by(Clock::now() + within);
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Tracer::Stats Tracer::stats() const {
  const auto& counters = queue_.counters();
  Stats stats{.exported = counters.exported.value(),
              .no_room = counters.no_room.value(),
              .refused = counters.refused.value(),
              .requests_failed = counters.failed.value()};
  const std::lock_guard lock(mutex_);
  for (const auto& writer : writers_) stats.no_room += writer->dropped();
  return stats;
}

void Tracer::run() {
  auto next_request = Clock::now();
  while (pause()) {
    collect();
    const auto now = Clock::now();
    if (now < next_request && queue_.size() < ExportQueue::kRequestSpans) continue;
    next_request = now + options_.interval;
    // Full requests follow each other without a pause.
    for (auto spans = queue_.due(now); !spans.empty() && send(spans);) {
      spans = queue_.size() < ExportQueue::kRequestSpans ? std::span<const Span>{} : queue_.due(now);
    }
  }
  collect();
  while (queue_.size() > 0 && send(queue_.next())) {
  }
  if (queue_.size() > 0) {
    log_.warn("spans not exported before the end", {{"spans", queue_.size()}});
  }
}

/// Returns false at the stop.
bool Tracer::pause() {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, kCollect, [this] { return stopping_; });
}

void Tracer::collect() {
  const std::lock_guard lock(mutex_);
  for (const auto& writer : writers_) {
    taken_.clear();
    writer->take(taken_);
    queue_.add(taken_);
  }
}

/// Returns true if the spans are done.
bool Tracer::send(std::span<const Span> spans) {
  const std::size_t count = spans.size();
  const std::string body = otlp_json(options_.source, spans);
  std::string problem;
  const Answer answer = collector_.post(
      body, [this] { collect(); }, problem);
  const bool done = queue_.answered(count, answer, Clock::now());
  note(done, answer, problem);
  return done;
}

/// One line when the collector begins to fail, and one when it accepts spans again.
void Tracer::note(bool done, const Answer& answer, const std::string& problem) {
  const bool well = done && answer.status / 100 == 2;
  if (well == std::exchange(is_well_, well)) return;
  if (well) {
    log_.info("spans exported again");
  } else {
    log_.warn("spans not exported", {{"reason", problem}, {"queued", queue_.size()}});
  }
}

}  // namespace nx::trace
