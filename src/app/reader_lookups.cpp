#include "app/reader_lookups.hpp"

#include "contract/notification_json.hpp"

namespace nx::app {
namespace {

using session::MissedHints;
using session::RoomsQuestion;
using Rooms = std::vector<std::vector<RoomName>>;

const char* const kPoolFull = "the queue of database questions is full";

Result<Rooms> allowed_rooms(store::PolicyDefinitionRepository& policies, const std::vector<RoomsQuestion>& questions) {
  std::vector<store::Membership> asked;
  for (const RoomsQuestion& question : questions) {
    for (const RoomName& room : question.rooms) asked.push_back({question.user, room});
  }
  const auto held = policies.members_among(asked);
  if (!held) return tl::unexpected(held.error());
  Rooms allowed(questions.size());
  // Both lists are in the order asked.
  auto next = held->begin();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    for (const RoomName& room : questions[i].rooms) {
      if (next == held->end() || next->user != questions[i].user || next->room != room) continue;
      allowed[i].push_back(room);
      ++next;
    }
  }
  return allowed;
}

Result<MissedHints> missed_hints(store::ActivityNotificationRepository& notifications, const UserId& user,
                                 std::int64_t since, std::size_t limit) {
  const auto missed = notifications.missed(user, since, limit);
  if (!missed) return tl::unexpected(missed.error());
  MissedHints hints;
  hints.complete = missed->complete;
  hints.newest_seq = missed->now.seq;
  hints.unread = missed->now.count;
  hints.hints.reserve(missed->entries.size());
  for (const InboxEntry& entry : missed->entries) hints.hints.push_back({entry.seq, contract::missed_hint(entry)});
  return hints;
}

}  // namespace

session::Lookups reader_lookups(store::ReaderPool& readers) {
  session::Lookups lookups;
  lookups.allowed_rooms = [&readers](std::vector<RoomsQuestion> questions, runtime::EventLoop& home, auto done) {
    const bool taken = readers.submit([questions = std::move(questions), &home,
                                       done](store::Repositories& repositories) {
      home.post([done, rooms = allowed_rooms(*repositories.policies, questions)]() mutable { done(std::move(rooms)); });
    });
    if (!taken) home.post([done] { done(fail(ErrorKind::unavailable, kPoolFull)); });
  };
  lookups.missed = [&readers](UserId user, std::int64_t since, std::size_t limit, runtime::EventLoop& home, auto done) {
    const bool taken =
        readers.submit([user = std::move(user), since, limit, &home, done](store::Repositories& repositories) {
          home.post([done, hints = missed_hints(*repositories.notifications, user, since, limit)]() mutable {
            done(std::move(hints));
          });
        });
    if (!taken) home.post([done] { done(fail(ErrorKind::unavailable, kPoolFull)); });
  };
  return lookups;
}

}  // namespace nx::app
