#include "trace/span_writer.hpp"

#include <random>

namespace nx::trace {
namespace {

constexpr double kTwoTo63 = 9'223'372'036'854'775'808.0;

std::uint64_t seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

}  // namespace

SpanWriter::SpanWriter() : state_(seed()) {}

void SpanWriter::add(const Span& span) noexcept {
  const std::size_t end = end_.load(std::memory_order_relaxed);
  if (end - begin_.load(std::memory_order_acquire) == kSpans) return dropped_.add();
  ring_[end % kSpans] = span;
  end_.store(end + 1, std::memory_order_release);
}

void SpanWriter::take(std::vector<Span>& out) {
  std::size_t begin = begin_.load(std::memory_order_relaxed);
  const std::size_t end = end_.load(std::memory_order_acquire);
  for (; begin != end; ++begin) out.push_back(ring_[begin % kSpans]);
  begin_.store(end, std::memory_order_release);
}

std::optional<observe::SpanContext> SpanWriter::root(double ratio) noexcept {
  if (ratio <= 0) return std::nullopt;
  const observe::SpanContext context{{new_id(), new_id()}, new_id()};
  const bool sampled = ratio >= 1 || static_cast<double>(context.trace.low >> 1U) < ratio * kTwoTo63;
  return sampled ? std::optional(context) : std::nullopt;
}

/// SplitMix64 (Steele, Lea and Flood, 2014): ids must be unique, not secret.
std::uint64_t SpanWriter::new_id() noexcept {
  for (;;) {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
    z ^= z >> 31U;
    if (z != 0) return z;
  }
}

}  // namespace nx::trace
