// The order of a catch-up: rows, then `caught-up`, then the held pushes, then live pushes.

#include <algorithm>
#include <utility>

#include "contract/server_frame.hpp"
#include "session/session.hpp"

namespace nx::session {

void Session::begin_catch_up(std::int64_t since, std::optional<std::string> epoch) {
  catch_up_ = std::make_unique<CatchUp>(since, std::move(epoch), connection_.now() + kCatchUpTimeout,
                                        connection_.options().backpressure_bytes);
  continue_catch_up();
}

void Session::on_missed(Result<MissedHints> page) {
  if (phase_ != Phase::open || !catch_up_ || !catch_up_->is_waiting()) return;
  if (!page) return finish_catch_up();
  catch_up_->take_page(std::move(*page));
  continue_catch_up();
}

void Session::on_drained() {
  if (phase_ != Phase::open || !catch_up_) return;
  if (catch_up_->is_over()) {
    release_held(enough_queued());
  } else {
    continue_catch_up();
  }
}

/// A quarter of the queue limit: so the held pushes and the queued rows together stay below the limit, and the amount
/// sealed at once for one client is bounded.
std::size_t Session::enough_queued() const {
  return connection_.options().backpressure_bytes / 4;
}

void Session::continue_catch_up() {
  while (connection_.queued_bytes() <= enough_queued()) {
    const MissedHints::Hint* row = catch_up_->next_row();
    if (row == nullptr) {
      if (const std::size_t limit = catch_up_->next_question(); limit > 0)
        return connection_.ask_missed(catch_up_->reached(), limit);
      if (!catch_up_->is_waiting()) finish_catch_up();
      return;
    }
    seal(row->text, {});
    connection_.row_sent(row->seq);
  }
}

void Session::finish_catch_up() {
  CatchUp& done = *catch_up_;
  const bool answered = !done.is_waiting();
  const bool complete = answered && done.is_complete();
  const std::int64_t position = done.position(complete);
  // A position that no answer has confirmed may belong to another inbox; no live hint must be dropped because of it.
  caught_up_to_ = done.was_answered() ? position : 0;
  repeats_until_ = connection_.now() + kLatePush;
  send(contract::caught_up_frame({.count = done.sent(),
                                  .complete = complete,
                                  .seq = position,
                                  .unread = answered ? std::optional(done.unread()) : std::nullopt,
                                  .epoch = done.epoch()}));
  done.end();
  release_held(enough_queued());
}

/// Sends held pushes until `queued_bytes` bytes are queued; the rest follows when the client has read them.
void Session::release_held(std::size_t queued_bytes) {
  while (connection_.queued_bytes() <= queued_bytes) {
    const auto next = catch_up_->next_held();
    if (!next) return catch_up_.reset();
    push_now(next->text, {}, next->seq);
  }
}

}  // namespace nx::session
