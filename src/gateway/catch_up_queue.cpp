#include "gateway/catch_up_queue.hpp"

#include <utility>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kMostInFlight = 8;  // pages

}  // namespace

void CatchUpQueue::ask(fanout::SlotKey client, std::int64_t since, std::size_t limit) {
  to_ask_.push_back({client, since, limit});
  loop_.again();
}

bool CatchUpQueue::step() {
  ask_more();
  if (!answers_.empty()) {
    Answer next = std::move(answers_.front());
    answers_.pop_front();
    process(std::move(next));
    return true;
  }
  WsConnection* const reader = drained_.take();
  if (reader != nullptr) reader->drained();
  return reader != nullptr;
}

void CatchUpQueue::ask_more() {
  // Over half of the bound one page at a time: catch-ups of other clients continue although another peer holds that
  // half, and the size of a page is bounded.
  const std::size_t most = context_.ledger.is_over() ? 0 : context_.ledger.is_half_full() ? 1 : kMostInFlight;
  while (!to_ask_.empty() && in_flight_ < most) {
    const Question next = to_ask_.front();
    to_ask_.pop_front();
    const WsConnection* const asker = sessions_.find(next.client);
    if (asker == nullptr || !asker->session().catching_up()) continue;
    ++in_flight_;
    if (!context_.lookups.missed) {
      answers_.push_back({next.client, fail(ErrorKind::unavailable, "no database")});
      continue;
    }
    questions_.ask();
    context_.lookups.missed(asker->session().user().id, next.since, next.limit, loop_,
                            [this, client = next.client](Result<session::MissedHints> page) {
                              questions_.answer();
                              answers_.push_back({client, std::move(page)});
                            });
  }
}

void CatchUpQueue::process(Answer answer) {
  --in_flight_;
  if (!answer.page) count_unanswered(answer.page.error().message);
  WsConnection* const asker = sessions_.find(answer.client);
  if (asker == nullptr) return;
  asker->session().on_missed(std::move(answer.page));
  asker->answered();
}

/// `caught-up` tells the client that it is incomplete; the log tells the operator why.
void CatchUpQueue::count_unanswered(std::string_view why) {
  counters_.catch_ups_unanswered.add();
  if (std::int64_t suppressed = 0; context_.missed_gate.pass(suppressed)) {
    context_.log.warn("a catch-up was cut short", {{"reason", why}, {"suppressed", suppressed}});
  }
}

}  // namespace nx::gateway
