// Questions of sessions to the authenticator, the inbox and the HTTP handler; shard_rooms.cpp has those about rooms.
// Answers return to this loop and find their connection by key. The loop does not end before they have arrived or timed
// out.

#include <utility>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kMissedInFlight = 8;  // catch-up pages asked for or not processed yet; each may have megabytes

}  // namespace

void Shard::verify(fanout::SlotKey key, std::string token, session::TokenUse use) {
  tokens_.push_back({key, std::move(token), use});
  loop_.again();
}

void Shard::count_refused_token(const WsConnection& connection, auth::AuthError reason) {
  context_.authenticator.refused(reason, connection.address().text());
}

void Shard::verify_next() {
  PendingToken next = std::move(tokens_.front());
  tokens_.pop_front();
  WsConnection* const asker = sessions_.find(next.key);
  if (asker == nullptr) return;
  ++unanswered_;
  const bool answered = context_.authenticator.authenticate(
      std::move(next.token), loop_,
      [this, key = next.key, use = next.use](const auth::AuthResult& result) {
        --unanswered_;
        WsConnection* connection = sessions_.find(key);
        if (connection == nullptr) return;
        connection->verified(result.has_value());
        connection->session().on_verified(use, result);
        connection->answered();
      },
      asker->address().text());
  if (!answered) asker->waits_for_keys();
}

void Shard::ask_missed(const WsConnection& connection, std::int64_t since, std::size_t limit) {
  missed_questions_.push_back({connection.key(), since, limit});
  loop_.again();
}

void Shard::ask_more_missed() {
  // Over half of the bound one page at a time: catch-ups of other clients continue although somebody else holds that
  // half, and the size of a page is bounded.
  const std::size_t most = context_.ledger.is_over() ? 0 : context_.ledger.is_half_full() ? 1 : kMissedInFlight;
  while (!missed_questions_.empty() && missed_in_flight_ < most) {
    const MissedQuestion next = missed_questions_.front();
    missed_questions_.pop_front();
    const WsConnection* const asker = sessions_.find(next.key);
    if (asker == nullptr || !asker->session().catching_up()) continue;
    ++missed_in_flight_;
    if (!context_.lookups.missed) {
      missed_answers_.push_back({next.key, fail(ErrorKind::unavailable, "no database")});
      continue;
    }
    ++unanswered_;
    context_.lookups.missed(asker->session().user().id, next.since, next.limit, loop_,
                            [this, key = next.key](Result<session::MissedHints> answer) {
                              --unanswered_;
                              missed_answers_.push_back({key, std::move(answer)});
                            });
  }
}

/// `caught-up` tells the client that it is incomplete; the log tells the operator why.
void Shard::count_unanswered_catch_up(std::string_view why) {
  counters_.catch_ups_unanswered.add();
  if (std::int64_t suppressed = 0; context_.missed_gate.pass(suppressed)) {
    log().warn("a catch-up was cut short", {{"reason", why}, {"suppressed", suppressed}});
  }
}

bool Shard::subscribe(WsConnection& connection, const UserId& user) {
  const session::BusSubscriptions& subscriptions = context_.lookups.subscriptions;
  if (!subscriptions.subscribe) return false;
  subscriptions.subscribe(user, {uuid_text(connection.session().id())}, loop_, [this, key = connection.key()] {
    WsConnection* waiting = sessions_.find(key);
    if (waiting == nullptr) return;
    waiting->session().on_subscribed();
    waiting->answered();
  });
  return true;
}

void Shard::unsubscribe(const WsConnection& connection) {
  context_.lookups.subscriptions.unsubscribe(connection.session().user().id, {uuid_text(connection.session().id())});
}

void Shard::ask_handler(transport::HttpRequest request, fanout::SlotKey key, std::uint64_t number) {
  ++unanswered_;
  context_.handler(std::move(request), loop_, [home = weak_from_this(), key, number](transport::HttpResponse response) {
    const std::shared_ptr<Shard> shard = home.lock();
    if (!shard) return;
    shard->loop_.post([shard = shard.get(), key, number, answer = std::move(response)]() mutable {
      if (shard->unanswered_ > 0) --shard->unanswered_;
      if (HttpConnection* connection = shard->requests_.find(key)) connection->respond(number, std::move(answer));
    });
  });
}

}  // namespace nx::gateway
