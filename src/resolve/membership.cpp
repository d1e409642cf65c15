#include "resolve/membership.hpp"

#include "model/room_name.hpp"

namespace nx::resolve {

Result<std::vector<std::vector<RoomName>>> allowed_rooms(store::PolicyDefinitionRepository& policies,
                                                         std::span<const RoomsAsked> asked) {
  std::vector<store::Membership> pairs;
  for (const RoomsAsked& question : asked) {
    for (const RoomName& room : question.rooms) {
      if (parse_member_room(room.value)) pairs.push_back({question.user, room});
    }
  }
  std::vector<std::vector<RoomName>> allowed(asked.size());
  if (pairs.empty()) return allowed;
  const auto held = policies.members_among(pairs);
  if (!held) return error_of(held);

  // The pairs that hold are returned in the order asked, so both lists are read in parallel.
  auto next = held->begin();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    for (const RoomName& room : asked[i].rooms) {
      if (next == held->end()) return allowed;
      if (next->user != asked[i].user || next->room != room) continue;
      allowed[i].push_back(room);
      ++next;
    }
  }
  return allowed;
}

}  // namespace nx::resolve
