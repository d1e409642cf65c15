// What sessions ask of the authenticator, the database and the HTTP handler. Answers come back to this loop and find
// their connection by key; the loop does not end before they came or were given up.

#include <utility>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kHandshakesPerTurn = 16;  // ≈ 2 ms: a reconnect storm must not delay pushes
constexpr std::size_t kRoomsPerQuestion = 1'000;

}  // namespace

void Shard::verify(fanout::SeatKey key, std::string token, session::TokenUse use) {
  tokens_.push_back({key, std::move(token), use});
  if (tokens_.size() == 1) loop_.post([this] { verify_some(); });
}

void Shard::refuse_missing_token(const WsConnection& connection) {
  house_.authenticator.authenticate(
      {}, loop_, [](const auth::AuthResult&) {}, connection.address().text());
}

void Shard::verify_some() {
  for (std::size_t i = 0; i < kHandshakesPerTurn && !tokens_.empty(); ++i) {
    PendingToken next = std::move(tokens_.front());
    tokens_.pop_front();
    const WsConnection* const asker = sessions_.find(next.key);
    if (asker == nullptr) continue;
    ++unanswered_;
    house_.authenticator.authenticate(
        std::move(next.token), loop_,
        [this, key = next.key, use = next.use](const auth::AuthResult& result) {
          --unanswered_;
          WsConnection* connection = sessions_.find(key);
          if (connection == nullptr) return;
          connection->session().on_verified(use, result);
          connection->reschedule();
        },
        asker->address().text());
  }
  if (!tokens_.empty()) loop_.post([this] { verify_some(); });
}

void Shard::ask_rooms(WsConnection& connection, std::vector<RoomName> rooms, session::RoomsUse use) {
  if (!house_.lookups.allowed_rooms) return;
  ++unanswered_;
  std::vector<session::RoomsQuestion> question{{connection.session().user().id, rooms}};
  house_.lookups.allowed_rooms(std::move(question), loop_,
                               [this, key = connection.key(), asked = std::move(rooms),
                                use](const Result<std::vector<std::vector<RoomName>>>& answer) {
                                 --unanswered_;
                                 WsConnection* asker = sessions_.find(key);
                                 if (asker == nullptr) return;
                                 if (answer && !answer->empty()) {
                                   asker->session().on_rooms(use, asked, answer->front());
                                 } else {
                                   asker->session().on_rooms(
                                       use, asked,
                                       fail(ErrorKind::unavailable, answer ? "no answer" : answer.error().message));
                                 }
                               });
}

void Shard::ask_missed(WsConnection& connection, std::int64_t since, std::size_t limit) {
  if (!house_.lookups.missed) {
    // Answered on a later turn: the session is in the middle of asking.
    return loop_.post([this, key = connection.key()] {
      if (WsConnection* asker = sessions_.find(key))
        asker->session().on_missed(fail(ErrorKind::unavailable, "no database"));
    });
  }
  ++unanswered_;
  house_.lookups.missed(connection.session().user().id, since, limit, loop_,
                        [this, key = connection.key()](Result<session::MissedHints> answer) {
                          --unanswered_;
                          WsConnection* asker = sessions_.find(key);
                          if (asker == nullptr) return;
                          asker->session().on_missed(std::move(answer));
                          asker->reschedule();
                        });
}

bool Shard::hear(WsConnection& connection, const UserId& user) {
  const session::Audience& audience = house_.lookups.audience;
  if (!audience.came) return false;
  audience.came(user, {uuid_text(connection.session().id())}, loop_, [this, key = connection.key()] {
    WsConnection* waiting = sessions_.find(key);
    if (waiting == nullptr) return;
    waiting->session().on_heard();
    waiting->reschedule();
  });
  return true;
}

void Shard::unhear(const WsConnection& connection) {
  house_.lookups.audience.went(connection.session().user().id, {uuid_text(connection.session().id())});
}

void Shard::recheck_rooms() {
  if (!house_.lookups.allowed_rooms) return;
  struct Asked {
    fanout::SeatKey key;
    std::vector<RoomName> rooms;
  };
  std::vector<session::RoomsQuestion> questions;
  std::vector<Asked> asked;
  const auto ask = [&] {
    if (questions.empty()) return;
    ++unanswered_;
    house_.lookups.allowed_rooms(
        std::exchange(questions, {}), loop_,
        [this, asked = std::exchange(asked, {})](const Result<std::vector<std::vector<RoomName>>>& answer) {
          --unanswered_;
          if (!answer) return;  // while the database is away nobody loses a room
          for (std::size_t i = 0; i < asked.size() && i < answer->size(); ++i) {
            if (WsConnection* connection = sessions_.find(asked[i].key)) {
              connection->session().on_rooms(session::RoomsUse::recheck, asked[i].rooms, (*answer)[i]);
            }
          }
        });
  };
  sessions_.each([&](const WsConnection& connection) {
    const std::vector<RoomName>& rooms = connection.session().rooms().joined();
    if (!connection.session().is_open() || rooms.empty()) return;
    questions.push_back({connection.session().user().id, rooms});
    asked.push_back({connection.key(), rooms});
    if (questions.size() == kRoomsPerQuestion) ask();
  });
  ask();
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
