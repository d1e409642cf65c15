// Checks who may be in which room: when a client joins or refreshes, and again every period for all rooms in use.
// Without an answer nobody joins. Members stay in their rooms for a few periods without an answer
// (session::kRoomPeriods); then their rooms are closed.

#include <algorithm>
#include <utility>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kSlotsPerPiece = 256;

}  // namespace

void Shard::ask_rooms(WsConnection& connection, std::vector<RoomName> rooms, session::RoomsUse use) {
  auto answered = [this, key = connection.key(), asked = std::make_shared<const std::vector<RoomName>>(rooms),
                   use](const Result<std::vector<std::vector<RoomName>>>& answer) {
    --unanswered_;
    WsConnection* asker = sessions_.find(key);
    if (asker == nullptr) return;
    if (answer && !answer->empty()) {
      asker->session().on_rooms(use, *asked, answer->front());
    } else {
      const std::string why = answer ? "no answer" : answer.error().message;
      use == session::RoomsUse::join ? count_left_out(asked->size(), why) : count_unchecked(1, why);
      asker->session().on_rooms(use, *asked, fail(ErrorKind::unavailable, why));
    }
    asker->answered();
  };
  ++unanswered_;
  if (!context_.lookups.allowed_rooms) {
    return loop_.post([answered] { answered(fail(ErrorKind::unavailable, "no database")); });
  }
  std::vector<session::RoomsQuestion> question{{connection.session().user().id, std::move(rooms)}};
  context_.lookups.allowed_rooms(std::move(question), loop_, std::move(answered));
}

/// The client is not told about a room that it did not get; the operator is.
void Shard::count_left_out(std::size_t rooms, std::string_view why) {
  counters_.rooms_left_out.add(rooms);
  if (std::int64_t suppressed = 0; context_.left_out_gate.pass(suppressed)) {
    log().warn("rooms left out of a join", {{"reason", why}, {"suppressed", suppressed}});
  }
}

/// The client is not told about a closed room; the operator is.
void Shard::count_closed(std::size_t rooms) {
  counters_.rooms_closed.add(rooms);
  if (std::int64_t suppressed = 0; context_.closed_rooms_gate.pass(suppressed)) {
    log().error("rooms closed: membership not confirmed in time",
                {{"rooms", rooms},
                 {"reason", recheck_failure_.empty() ? "no answer" : recheck_failure_},
                 {"suppressed", suppressed}});
  }
}

void Shard::count_unchecked(std::size_t clients, const std::string& why) {
  counters_.room_checks_failed.add(clients);
  recheck_failure_ = why;
  if (std::int64_t suppressed = 0; context_.unchecked_gate.pass(suppressed)) {
    log().warn("room membership not checked", {{"clients", clients}, {"reason", why}, {"suppressed", suppressed}});
  }
}

/// When a round is still in progress at the time of the next one, the next one begins as soon as it ends.
void Shard::begin_recheck() {
  if (!context_.lookups.allowed_rooms) return;
  recheck_due_ = rechecking_;
  if (std::exchange(rechecking_, true)) return;
  recheck_slot_ = 0;
}

bool Shard::recheck_piece() {
  if (!rechecking_ || recheck_asked_) return false;
  std::vector<session::RoomsQuestion> questions;
  std::vector<fanout::SlotKey> askers;
  std::size_t names = 0;
  const std::size_t end = std::min(recheck_slot_ + kSlotsPerPiece, sessions_.end());
  for (; recheck_slot_ < end && names < session::kRoomsPerQuestion; ++recheck_slot_) {
    const WsConnection* const connection = sessions_.at(static_cast<std::uint32_t>(recheck_slot_));
    if (connection == nullptr || !connection->session().is_open()) continue;
    std::vector<RoomName> rooms = connection->session().rooms().held();
    if (rooms.empty()) continue;
    names += rooms.size();
    questions.push_back({connection->session().user().id, std::move(rooms)});
    askers.push_back(connection->key());
  }
  if (recheck_slot_ >= sessions_.end()) {
    rechecking_ = std::exchange(recheck_due_, false);
    recheck_slot_ = 0;
  }
  if (!questions.empty()) ask_again(std::move(questions), std::move(askers));
  return true;
}

/// One question at a time, so that neither the database nor this loop has to process all rooms at once.
void Shard::ask_again(std::vector<session::RoomsQuestion> questions, std::vector<fanout::SlotKey> askers) {
  ++unanswered_;
  recheck_asked_ = true;
  auto asked = questions;
  context_.lookups.allowed_rooms(
      std::move(questions), loop_,
      [this, askers = std::move(askers),
       asked = std::move(asked)](const Result<std::vector<std::vector<RoomName>>>& answer) {
        --unanswered_;
        recheck_asked_ = false;
        if (!answer || answer->size() != asked.size()) {
          return count_unchecked(asked.size(), answer ? "no answer" : answer.error().message);
        }
        recheck_failure_.clear();
        for (std::size_t i = 0; i < asked.size(); ++i) {
          WsConnection* const connection = sessions_.find(askers[i]);
          if (connection == nullptr) continue;
          connection->session().on_rooms(session::RoomsUse::recheck, asked[i].rooms, (*answer)[i]);
          connection->answered();
        }
      });
}

}  // namespace nx::gateway
