// What sessions ask of the authenticator, the database and the HTTP handler. Answers come back to this loop and find
// their connection by key; the loop does not end before they came or were given up.

#include <algorithm>
#include <utility>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kMissedInFlight = 8;  // pages of a catch-up asked for or not taken yet: each may be megabytes
constexpr std::size_t kSlotsPerPiece = 256;
constexpr std::size_t kRoomsPerQuestion = 1'024;

}  // namespace

void Shard::verify(fanout::SeatKey key, std::string token, session::TokenUse use) {
  tokens_.push_back({key, std::move(token), use});
  loop_.again();
}

void Shard::count_refused(const WsConnection& connection, auth::AuthError reason) {
  house_.authenticator.refused(reason, connection.address().text());
}

void Shard::verify_next() {
  PendingToken next = std::move(tokens_.front());
  tokens_.pop_front();
  const WsConnection* const asker = sessions_.find(next.key);
  if (asker == nullptr) return;
  ++unanswered_;
  house_.authenticator.authenticate(
      std::move(next.token), loop_,
      [this, key = next.key, use = next.use](const auth::AuthResult& result) {
        --unanswered_;
        WsConnection* connection = sessions_.find(key);
        if (connection == nullptr) return;
        connection->session().on_verified(use, result);
        connection->answered();
      },
      asker->address().text());
}

void Shard::ask_rooms(WsConnection& connection, std::vector<RoomName> rooms, session::RoomsUse use) {
  auto answered = [this, key = connection.key(), asked = std::make_shared<const std::vector<RoomName>>(rooms),
                   use](const Result<std::vector<std::vector<RoomName>>>& answer) {
    --unanswered_;
    WsConnection* asker = sessions_.find(key);
    if (asker == nullptr) return;
    if (answer && !answer->empty()) {
      asker->session().on_rooms(use, *asked, answer->front());
    } else {
      if (use == session::RoomsUse::join) count_left_out(asked->size(), answer ? "no answer" : answer.error().message);
      asker->session().on_rooms(use, *asked,
                                fail(ErrorKind::unavailable, answer ? "no answer" : answer.error().message));
    }
    asker->answered();
  };
  ++unanswered_;
  if (!house_.lookups.allowed_rooms) {
    return loop_.post([answered] { answered(fail(ErrorKind::unavailable, "no database")); });
  }
  std::vector<session::RoomsQuestion> question{{connection.session().user().id, std::move(rooms)}};
  house_.lookups.allowed_rooms(std::move(question), loop_, std::move(answered));
}

/// A client is not told of a room that it did not get: an operator is.
void Shard::count_left_out(std::size_t rooms, std::string_view why) {
  counters_.rooms_left_out.add(rooms);
  if (std::int64_t suppressed = 0; house_.told_left_out.pass(suppressed)) {
    log().warn("rooms left out of a join", {{"reason", why}, {"suppressed", suppressed}});
  }
}

void Shard::ask_missed(const WsConnection& connection, std::int64_t since, std::size_t limit) {
  missed_questions_.push_back({connection.key(), since, limit});
  loop_.again();
}

void Shard::ask_more_missed() {
  // Over half of the bound one at a time: whoever holds that half, the others' catch-ups go on, and a page is bounded.
  const std::size_t most = house_.ledger.is_over() ? 0 : house_.ledger.is_half_full() ? 1 : kMissedInFlight;
  while (!missed_questions_.empty() && missed_in_flight_ < most) {
    const MissedQuestion next = missed_questions_.front();
    missed_questions_.pop_front();
    const WsConnection* const asker = sessions_.find(next.key);
    if (asker == nullptr || !asker->session().catching_up()) continue;
    ++missed_in_flight_;
    if (!house_.lookups.missed) {
      missed_answers_.push_back({next.key, fail(ErrorKind::unavailable, "no database")});
      continue;
    }
    ++unanswered_;
    house_.lookups.missed(asker->session().user().id, next.since, next.limit, loop_,
                          [this, key = next.key](Result<session::MissedHints> answer) {
                            --unanswered_;
                            missed_answers_.push_back({key, std::move(answer)});
                          });
  }
}

bool Shard::hear(WsConnection& connection, const UserId& user) {
  const session::Audience& audience = house_.lookups.audience;
  if (!audience.came) return false;
  audience.came(user, {uuid_text(connection.session().id())}, loop_, [this, key = connection.key()] {
    WsConnection* waiting = sessions_.find(key);
    if (waiting == nullptr) return;
    waiting->session().on_heard();
    waiting->answered();
  });
  return true;
}

void Shard::unhear(const WsConnection& connection) {
  house_.lookups.audience.went(connection.session().user().id, {uuid_text(connection.session().id())});
}

void Shard::begin_recheck() {
  if (!house_.lookups.allowed_rooms || rechecking_) return;
  rechecking_ = true;
  recheck_slot_ = 0;
}

bool Shard::recheck_piece() {
  if (!rechecking_ || recheck_asked_) return false;
  std::vector<session::RoomsQuestion> questions;
  std::vector<fanout::SeatKey> askers;
  std::size_t names = 0;
  const std::size_t end = std::min(recheck_slot_ + kSlotsPerPiece, sessions_.end());
  for (; recheck_slot_ < end && names < kRoomsPerQuestion; ++recheck_slot_) {
    const WsConnection* const connection = sessions_.at(static_cast<std::uint32_t>(recheck_slot_));
    if (connection == nullptr || !connection->session().is_open()) continue;
    const std::vector<RoomName>& rooms = connection->session().rooms().joined();
    if (rooms.empty()) continue;
    names += rooms.size();
    questions.push_back({connection->session().user().id, rooms});
    askers.push_back(connection->key());
  }
  rechecking_ = recheck_slot_ < sessions_.end();
  if (questions.empty()) return true;
  ++unanswered_;
  recheck_asked_ = true;  // one at a time: neither the database nor this loop has to take them all at once
  auto asked = questions;
  house_.lookups.allowed_rooms(std::move(questions), loop_,
                               [this, askers = std::move(askers),
                                asked = std::move(asked)](const Result<std::vector<std::vector<RoomName>>>& answer) {
                                 --unanswered_;
                                 recheck_asked_ = false;
                                 if (!answer) return;  // while the database is away nobody loses a room
                                 for (std::size_t i = 0; i < asked.size() && i < answer->size(); ++i) {
                                   if (WsConnection* connection = sessions_.find(askers[i])) {
                                     connection->session().on_rooms(session::RoomsUse::recheck, asked[i].rooms,
                                                                    (*answer)[i]);
                                   }
                                 }
                               });
  return true;
}

void Shard::ask_handler(transport::HttpRequest request, fanout::SeatKey key, std::uint64_t number) {
  ++unanswered_;
  house_.handler(std::move(request), loop_, [home = weak_from_this(), key, number](transport::HttpResponse response) {
    const std::shared_ptr<Shard> shard = home.lock();
    if (!shard) return;
    shard->loop_.post([shard = shard.get(), key, number, answer = std::move(response)]() mutable {
      if (shard->unanswered_ > 0) --shard->unanswered_;
      if (HttpConnection* connection = shard->requests_.find(key)) connection->respond(number, std::move(answer));
    });
  });
}

}  // namespace nx::gateway
