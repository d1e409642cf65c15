#include "trace/export_queue.hpp"

#include <algorithm>

namespace nx::trace {
namespace {

/// The answers after which the OTLP/HTTP specification lets a client repeat the request.
bool may_repeat(int status) {
  return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

void ExportQueue::add(std::span<const Span> spans) {
  const std::size_t room = kMaxSpans - std::min(size(), kMaxSpans);
  const auto fit = spans.first(std::min(room, spans.size()));
  spans_.insert(spans_.end(), fit.begin(), fit.end());
  counters_.no_room.add(spans.size() - fit.size());
}

std::span<const Span> ExportQueue::due(Clock::time_point now) const {
  return now < not_before_ ? std::span<const Span>{} : next();
}

std::span<const Span> ExportQueue::next() const {
  return std::span(spans_).subspan(first_, std::min(size(), kRequestSpans));
}

bool ExportQueue::answered(std::size_t count, const Answer& answer, Clock::time_point now) {
  if (may_repeat(answer.status)) {
    counters_.failed.add();
    std::chrono::milliseconds pause = backoff_.next();
    if (answer.retry_after)
      pause = std::max<std::chrono::milliseconds>(pause, std::min(*answer.retry_after, kLongestRetryAfter));
    not_before_ = now + pause;
    return false;
  }
  const bool accepted = answer.status / 100 == 2;
  const std::size_t rejected = accepted ? std::min(answer.rejected, count) : count;
  counters_.refused.add(rejected);
  counters_.exported.add(count - rejected);
  backoff_.reset();
  remove(count);
  return true;
}

void ExportQueue::remove(std::size_t count) {
  first_ += count;
  if (first_ < spans_.size() / 2) return;
  spans_.erase(spans_.begin(), spans_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

}  // namespace nx::trace
