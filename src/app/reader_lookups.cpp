#include "app/reader_lookups.hpp"

#include <chrono>
#include <exception>
#include <string>

#include "app/recent_hints.hpp"
#include "contract/notification_json.hpp"
#include "resolve/membership.hpp"

namespace nx::app {
namespace {

using session::MissedHints;
using session::RoomsQuestion;
using Rooms = std::vector<std::vector<RoomName>>;

constexpr std::chrono::milliseconds kRecentWithin{1'000};  // for one question about recent hints
const char* const kPoolFull = "the queue of database questions is full";

Result<Rooms> allowed_rooms(store::PolicyDefinitionRepository& policies, const std::vector<RoomsQuestion>& questions) {
  std::vector<resolve::RoomsAsked> asked;
  asked.reserve(questions.size());
  for (const RoomsQuestion& question : questions) asked.push_back({question.user, question.rooms});
  return resolve::allowed_rooms(policies, asked);
}

Result<MissedHints> missed_hints(store::ActivityNotificationRepository& notifications, const UserId& user,
                                 std::int64_t since, std::size_t limit) {
  const auto missed = notifications.missed(user, since, limit);
  if (!missed) return error_of(missed);
  MissedHints hints;
  hints.complete = missed->complete;
  hints.newest_seq = missed->now.seq;
  hints.unread = missed->now.count;
  hints.epoch = missed->now.epoch;
  hints.hints.reserve(missed->rows.size());
  for (const InboxRow& row : missed->rows) hints.hints.push_back({row.seq, contract::missed_hint(row)});
  return hints;
}

/// An answer that runs out of memory fails alone and does not end the program.
template <class Look>
auto caught(Look look) -> decltype(look()) {
  try {
    return look();
  } catch (const std::exception& error) {
    return fail(ErrorKind::unavailable, std::string("cannot read: ") + error.what());
  }
}

Result<void> acknowledge(store::ActivityNotificationRepository& notifications,
                         const std::vector<Acknowledgement>& batch) {
  constexpr int kConflictTries = 3;
  Result<std::int64_t> done = 0;
  for (int i = 0; i < kConflictTries; ++i) {
    done = notifications.acknowledge(batch);
    if (done || done.error().kind != ErrorKind::conflict) break;
  }
  if (done) return {};
  if (done.error().kind == ErrorKind::conflict) done.error().kind = ErrorKind::unavailable;
  return error_of(done);
}

}  // namespace

session::Lookups reader_lookups(store::ReaderPool& readers, std::chrono::milliseconds hint_max_age) {
  session::Lookups lookups;
  lookups.allowed_rooms = [&readers](std::vector<RoomsQuestion> questions, runtime::EventLoop& home, auto done) {
    const auto too_late = [&home, done] { home.post([done] { done(fail(ErrorKind::unavailable, kPoolFull)); }); };
    // A periodic check is about many users, so it is attributed to no user.
    store::ReaderPool::Label label{runtime::JobKind::rooms, questions.size() == 1 ? questions[0].user.value : ""};
    const bool taken = readers.submit(
        [questions = std::move(questions), &home, done](store::Repositories& repositories) {
          auto rooms = caught([&] { return allowed_rooms(*repositories.policies, questions); });
          home.post([done, rooms = std::move(rooms)]() mutable { done(std::move(rooms)); });
        },
        too_late, std::move(label));
    if (!taken) too_late();
  };
  lookups.missed = [&readers](UserId user, std::int64_t since, std::size_t limit, runtime::EventLoop& home, auto done) {
    const auto too_late = [&home, done] { home.post([done] { done(fail(ErrorKind::unavailable, kPoolFull)); }); };
    store::ReaderPool::Label label{runtime::JobKind::catch_up, user.value};
    const bool taken = readers.submit(
        [user = std::move(user), since, limit, &home, done](store::Repositories& repositories) {
          auto hints = caught([&] { return missed_hints(*repositories.notifications, user, since, limit); });
          home.post([done, hints = std::move(hints)]() mutable { done(std::move(hints)); });
        },
        too_late, std::move(label));
    if (!taken) too_late();
  };
  lookups.recent = [&readers, hint_max_age](std::vector<UserId> users, EpochMs since, runtime::EventLoop& home,
                                            auto done) {
    const auto too_late = [&home, done] { home.post([done] { done(fail(ErrorKind::unavailable, kPoolFull)); }); };
    const bool taken = readers.submit(
        [users = std::move(users), since, hint_max_age, &home, done](store::Repositories& repositories) {
          const RecentHintsBounds bounds{.oldest = {now_wall().value - hint_max_age.count()},
                                         .deadline = std::chrono::steady_clock::now() + kRecentWithin};
          auto hints = caught([&] { return recent_hints(*repositories.notifications, users, since, bounds); });
          home.post([done, hints = std::move(hints)]() mutable { done(std::move(hints)); });
        },
        // Slow reads share one thread: clients that wait for a catch-up or a page keep the other one.
        too_late, {runtime::JobKind::slow});
    if (!taken) too_late();
  };
  lookups.acknowledge = [&readers](std::vector<Acknowledgement> batch, runtime::EventLoop& home, auto done) {
    const auto too_late = [&home, done] { home.post([done] { done(fail(ErrorKind::unavailable, kPoolFull)); }); };
    const bool taken = readers.submit(
        [batch = std::move(batch), &home, done](store::Repositories& repositories) {
          auto kept = caught([&] { return acknowledge(*repositories.notifications, batch); });
          home.post([done, kept = std::move(kept)] { done(kept); });
        },
        too_late, {runtime::JobKind::record});
    if (!taken) too_late();
  };
  return lookups;
}

}  // namespace nx::app
