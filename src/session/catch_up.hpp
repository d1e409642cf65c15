#pragma once
// The time between `connected` with a `since` and `caught-up`: missed rows are sent page by page as the client takes
// them, live pushes wait. Bounded in rows (a page), in held bytes and in time; whatever bound is reached, the client
// learns how far it got. Exists only during a catch-up; one thread.

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
  /// `epoch`: of the inbox that the client knows `since` from; unset when it does not say.
  CatchUp(std::int64_t since, std::optional<std::string> epoch, runtime::SteadyTime deadline,
          std::size_t max_held_bytes)
      : reached_(since), expected_epoch_(std::move(epoch)), deadline_(deadline), max_held_bytes_(max_held_bytes) {}

  struct HeldPush {
    std::string text;
    std::int64_t seq = 0;  // 0: no hint
    std::size_t sealed_bytes = 0;
  };

  runtime::SteadyTime deadline() const { return deadline_; }
  std::int64_t reached() const { return reached_; }
  std::size_t sent() const { return sent_; }

  /// Keeps a live push for later; `sealed_bytes` is what it will cost. The first one beyond the bound ends
  /// completeness.
  void hold(std::string_view head, std::string_view tail, std::int64_t seq, std::size_t sealed_bytes);

  /// The answer to the last question. One from another epoch than expected is not used: everything is asked anew, from
  /// 0.
  void take_page(MissedHints page);

  /// How many rows to ask for now; 0 when the page in hand is not used up, an answer is awaited, or there is nothing to
  /// ask any more.
  std::size_t next_question();

  /// The next row in order, or null when the page is used up. Valid until the next call.
  const MissedHints::Hint* next_row();

  bool is_waiting() const { return asking_; }
  /// Everything of the snapshot was handed out, no live push since was lost, and the client was not ahead of the inbox.
  bool is_complete() const { return complete_ && position_ >= page_.size() && !overflowed_ && !is_ahead(); }
  /// Some answer has come, maybe not the last one.
  bool was_answered() const { return answered_; }
  /// Of the inbox; empty before the first answer.
  const std::string& epoch() const { return epoch_; }
  /// Up to where the client has everything. Complete: the snapshot has everything up to its newest, so a late push of
  /// one of those would be a repeat. Ahead: the inbox's own newest, whatever the client named.
  std::int64_t position(bool complete) const { return complete || is_ahead() ? newest_seq_ : reached_; }
  std::int64_t unread() const { return unread_; }
  /// What the held pushes will cost when they are sealed, never above the bound, and the rows of the page in hand.
  std::size_t held_bytes() const { return held_bytes_ + page_bytes_; }

  /// The client was told how far it got: what is held follows, as the client takes it, and what comes meanwhile waits
  /// behind that.
  void end();
  bool is_over() const { return over_; }
  /// Once it is over: the next of the held, oldest first; none when all were handed out.
  std::optional<HeldPush> next_held();
  /// Whether one more can be held.
  bool has_room(std::size_t sealed_bytes) const { return held_bytes_ + sealed_bytes <= max_held_bytes_; }

 private:
  /// The client named a position that this inbox has not reached.
  bool is_ahead() const { return answered_ && reached_ > newest_seq_; }

  std::vector<MissedHints::Hint> page_;
  std::size_t position_ = 0;
  std::size_t page_bytes_ = 0;  // of the rows that are not handed out
  std::int64_t reached_;
  std::optional<std::string> expected_epoch_;
  std::string epoch_;
  bool answered_ = false;
  std::size_t sent_ = 0;
  bool asking_ = false;
  bool complete_ = false;  // the last page was the end of the snapshot
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
