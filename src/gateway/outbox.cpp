#include "gateway/outbox.hpp"

#include <chrono>
#include <utility>

#include "transport/ws_frame.hpp"

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kMarkSpacing{100};
constexpr std::size_t kCompactBytes = 64U * 1024U;

}  // namespace

std::string& Outbox::begin_frame(runtime::SteadyTime now) {
  if (marks_.empty() || now - marks_.back().queued >= kMarkSpacing) marks_.push_back({bytes_.size(), now});
  return bytes_;
}

void Outbox::consume(std::size_t bytes) {
  sent_ += bytes;
  if (empty()) return clear();
  std::size_t passed = 0;
  while (passed + 1 < marks_.size() && marks_[passed + 1].offset <= sent_) ++passed;
  marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(passed));
  if (sent_ < kCompactBytes || sent_ < bytes_.size() / 2) return;
  advance_frame();
  bytes_.erase(0, frame_);
  // Releases the capacity that a backlog needed when only a little of it is still used.
  if (bytes_.capacity() > 2 * bytes_.size() + 2 * kCompactBytes) bytes_.shrink_to_fit();
  sent_ -= frame_;
  for (Mark& mark : marks_) mark.offset = mark.offset > frame_ ? mark.offset - frame_ : 0;
  frame_ = 0;
}

void Outbox::advance_frame() {
  while (frame_ < sent_) {
    const std::size_t length = transport::first_frame_end(std::string_view(bytes_).substr(frame_));
    if (length == 0 || frame_ + length > sent_) return;
    frame_ += length;
  }
}

void Outbox::cut(std::size_t promised) {
  advance_frame();
  std::size_t end = frame_;
  while (end < sent_ + promised && end < bytes_.size()) {
    const std::size_t length = transport::first_frame_end(std::string_view(bytes_).substr(end));
    if (length == 0) break;
    end += length;
  }
  bytes_.resize(end);
  if (empty()) clear();
  bytes_.shrink_to_fit();
}

void Outbox::clear() {
  bytes_.clear();
  marks_.clear();
  sent_ = 0;
  frame_ = 0;
}

std::unique_ptr<Outbox> OutboxPool::take() {
  if (kept_.empty()) return std::make_unique<Outbox>();
  std::unique_ptr<Outbox> outbox = std::move(kept_.back());
  kept_.pop_back();
  return outbox;
}

void OutboxPool::give_back(std::unique_ptr<Outbox> outbox) {
  if (kept_.size() >= kMaxKept || outbox->capacity() > kMaxKeptCapacity) return;
  outbox->clear();
  kept_.push_back(std::move(outbox));
}

}  // namespace nx::gateway
