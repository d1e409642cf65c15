#pragma once
// The period between `connected` with a `since` and `caught-up`. Missed rows are sent page by page as the client reads
// them, and live pushes are held. Rows (per page), held bytes and time are bounded; when a bound is reached, the client
// is told up to which row it has everything. Exists only during a catch-up. Used by one thread.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/event_loop.hpp"
#include "session/lookups.hpp"

namespace nx::session {

class CatchUp {
 public:
  /// `epoch` is that of the inbox to which `since` belongs; unset when the client did not send it.
  CatchUp(std::int64_t since, std::optional<std::string> epoch, runtime::SteadyTime deadline,
          std::size_t max_held_bytes)
      : reached_(since), expected_epoch_(std::move(epoch)), deadline_(deadline), max_held_bytes_(max_held_bytes) {}

  struct HeldPush {
    std::string text;
    std::int64_t seq = 0;  // 0: not a hint
    std::size_t sealed_bytes = 0;
  };

  runtime::SteadyTime deadline() const { return deadline_; }
  std::int64_t reached() const { return reached_; }
  std::size_t sent() const { return sent_; }

  /// Holds a live push; `sealed_bytes` is its size once sealed. After the first push that exceeds the bound, pushes are
  /// dropped and the catch-up is not complete.
  void hold(std::string_view head, std::string_view tail, std::int64_t seq, std::size_t sealed_bytes);

  /// Processes the answer to the last question. A page with an unexpected epoch is not used: all rows are asked for
  /// again, from 0.
  void take_page(MissedHints page);

  /// The number of rows to ask for now. 0 while rows of the current page are left or an answer is pending, and when
  /// there is nothing more to ask for.
  std::size_t next_question();

  /// The next row in order, or null after the last one of the page. Valid until the next call.
  const MissedHints::Hint* next_row();

  bool is_waiting() const { return asking_; }
  /// True when every row of the snapshot was returned, no live push was dropped, and the client was not ahead of the
  /// inbox.
  bool is_complete() const { return complete_ && position_ >= page_.size() && !overflowed_ && !is_ahead(); }
  /// True once an answer has arrived; it need not be the last one.
  bool was_answered() const { return answered_; }
  /// The epoch of the inbox; empty before the first answer.
  const std::string& epoch() const { return epoch_; }
  /// Up to which seq the client has everything. When complete: the newest seq of the snapshot, so that a late push of
  /// one of its rows is recognised as a repeat. When the client is ahead: the newest seq of the inbox, whatever
  /// position the client named.
  std::int64_t position(bool complete) const { return complete || is_ahead() ? newest_seq_ : reached_; }
  std::int64_t unread() const { return unread_; }
  /// The bytes of the held pushes once they are sealed (never above the bound), and of the rows of the current page.
  std::size_t held_bytes() const { return held_bytes_ + page_bytes_; }

  /// Called when `caught-up` is sent. The held pushes follow as the client reads; pushes that arrive meanwhile are held
  /// behind them.
  void end();
  bool is_over() const { return over_; }
  /// After end(): the oldest held push, or std::nullopt when all were returned.
  std::optional<HeldPush> next_held();
  /// Returns true when one more push can be held.
  bool has_room(std::size_t sealed_bytes) const { return held_bytes_ + sealed_bytes <= max_held_bytes_; }

 private:
  /// The client named a position that this inbox has not reached.
  bool is_ahead() const { return answered_ && reached_ > newest_seq_; }

  std::vector<MissedHints::Hint> page_;
  std::size_t position_ = 0;
  std::size_t page_bytes_ = 0;  // of the rows not yet returned
  std::int64_t reached_;
  std::optional<std::string> expected_epoch_;
  std::string epoch_;
  bool answered_ = false;
  std::size_t sent_ = 0;
  bool asking_ = false;
  bool complete_ = false;  // the last page contained the end of the snapshot
  bool exhausted_ = false;
  std::int64_t newest_seq_ = 0;
  std::int64_t unread_ = 0;
  std::deque<HeldPush> held_;
  std::size_t held_bytes_ = 0;
  bool overflowed_ = false;
  bool over_ = false;
  runtime::SteadyTime deadline_;
  std::size_t max_held_bytes_;
};

}  // namespace nx::session
