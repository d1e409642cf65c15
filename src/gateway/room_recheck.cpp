#include "gateway/room_recheck.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kSlotsPerPiece = 256;

}  // namespace

void RoomRecheck::begin() {
  if (!lookups_.allowed_rooms) return;
  due_ = running_;
  if (std::exchange(running_, true)) return;
  slot_ = 0;
}

bool RoomRecheck::step() {
  if (!running_ || asked_) return false;
  std::vector<session::RoomsQuestion> questions;
  std::vector<fanout::SlotKey> askers;
  std::size_t names = 0;
  const std::size_t end = std::min(slot_ + kSlotsPerPiece, sessions_.end());
  for (; slot_ < end && names < session::kRoomsPerQuestion; ++slot_) {
    const WsConnection* const connection = sessions_.at(static_cast<std::uint32_t>(slot_));
    if (connection == nullptr || !connection->session().is_open()) continue;
    std::vector<RoomName> rooms = connection->session().rooms().held();
    if (rooms.empty()) continue;
    names += rooms.size();
    questions.push_back({connection->session().user().id, std::move(rooms)});
    askers.push_back(connection->key());
  }
  if (slot_ >= sessions_.end()) {
    running_ = std::exchange(due_, false);
    slot_ = 0;
  }
  if (!questions.empty()) ask(std::move(questions), std::move(askers));
  return true;
}

void RoomRecheck::ask(std::vector<session::RoomsQuestion> questions, std::vector<fanout::SlotKey> askers) {
  questions_.ask();
  asked_ = true;
  auto asked = questions;
  lookups_.allowed_rooms(std::move(questions), loop_,
                         [this, askers = std::move(askers), asked = std::move(asked)](const Answer& answer) {
                           answered(asked, askers, answer);
                         });
}

void RoomRecheck::answered(const std::vector<session::RoomsQuestion>& asked, const std::vector<fanout::SlotKey>& askers,
                           const Answer& answer) {
  questions_.answer();
  asked_ = false;
  if (!answer || answer->size() != asked.size()) {
    return reports_.unchecked(asked.size(), answer ? "no answer" : answer.error().message);
  }
  reports_.checked();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    WsConnection* const connection = sessions_.find(askers[i]);
    if (connection == nullptr) continue;
    connection->session().on_rooms(session::RoomsUse::recheck, asked[i].rooms, (*answer)[i]);
    connection->answered();
  }
}

}  // namespace nx::gateway
