#include "gateway/room_questions.hpp"

#include <memory>
#include <utility>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

void RoomQuestions::ask(const WsConnection& connection, std::vector<RoomName> rooms, session::RoomsUse use) {
  auto done = [this, client = connection.key(), asked = std::make_shared<const std::vector<RoomName>>(rooms),
               use](const Answer& answer) { answered(client, *asked, use, answer); };
  questions_.ask();
  if (!lookups_.allowed_rooms) {
    return loop_.post([done] { done(fail(ErrorKind::unavailable, "no database")); });
  }
  std::vector<session::RoomsQuestion> question{{connection.session().user().id, std::move(rooms)}};
  lookups_.allowed_rooms(std::move(question), loop_, std::move(done));
}

void RoomQuestions::answered(fanout::SlotKey client, const std::vector<RoomName>& asked, session::RoomsUse use,
                             const Answer& answer) {
  questions_.answer();
  WsConnection* const asker = sessions_.find(client);
  if (asker == nullptr) return;
  if (answer && !answer->empty()) {
    asker->session().on_rooms(use, asked, answer->front());
  } else {
    const std::string why = answer ? "no answer" : answer.error().message;
    use == session::RoomsUse::join ? reports_.left_out(asked.size(), why) : reports_.unchecked(1, why);
    asker->session().on_rooms(use, asked, fail(ErrorKind::unavailable, why));
  }
  asker->answered();
}

}  // namespace nx::gateway
