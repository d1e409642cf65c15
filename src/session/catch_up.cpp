#include "session/catch_up.hpp"

#include <algorithm>
#include <utility>

#include "model/release.hpp"
#include "session/session_options.hpp"

namespace nx::session {

void CatchUp::hold(std::string_view head, std::string_view tail, std::int64_t seq, std::size_t sealed_bytes) {
  if (overflowed_ || !has_room(sealed_bytes)) {
    overflowed_ = true;
    return;
  }
  held_bytes_ += sealed_bytes;
  HeldPush push{.text = {}, .seq = seq, .sealed_bytes = sealed_bytes};
  push.text.reserve(head.size() + tail.size());
  push.text.append(head).append(tail);
  held_.push_back(std::move(push));
}

void CatchUp::take_page(MissedHints page) {
  asking_ = false;
  answered_ = true;
  epoch_ = std::move(page.epoch);
  newest_seq_ = page.newest_seq;
  unread_ = page.unread;
  if (expected_epoch_ && *expected_epoch_ != epoch_ && (reached_ > 0 || sent_ > 0)) {
    expected_epoch_ = epoch_;
    reached_ = 0;
    complete_ = exhausted_ = false;
    page_.clear();
    position_ = 0;
    return;
  }
  expected_epoch_ = epoch_;
  complete_ = page.complete;
  exhausted_ = page.complete || page.hints.empty();
  page_ = std::move(page.hints);
  position_ = 0;
  page_bytes_ = 0;
  for (const MissedHints::Hint& hint : page_) page_bytes_ += hint.text.size();
}

std::size_t CatchUp::next_question() {
  if (asking_ || position_ < page_.size() || exhausted_ || overflowed_) return 0;
  const std::size_t limit = std::min(kMissedPage, kMaxMissedHints - sent_);
  asking_ = limit > 0;
  return limit;
}

const MissedHints::Hint* CatchUp::next_row() {
  if (position_ > 0 && position_ <= page_.size()) release(page_[position_ - 1].text);  // returned by the previous call
  if (position_ >= page_.size()) return nullptr;
  const MissedHints::Hint* row = &page_[position_++];
  page_bytes_ -= row->text.size();
  reached_ = std::max(reached_, row->seq);
  ++sent_;
  return row;
}

void CatchUp::end() {
  over_ = true;
  asking_ = overflowed_ = false;
  std::vector<MissedHints::Hint>().swap(page_);
  position_ = page_bytes_ = 0;
}

std::optional<CatchUp::HeldPush> CatchUp::next_held() {
  if (held_.empty()) return std::nullopt;
  HeldPush first = std::move(held_.front());
  held_.pop_front();
  held_bytes_ -= first.sealed_bytes;
  return first;
}

}  // namespace nx::session
