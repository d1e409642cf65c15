#pragma once
// What a session must ask of the database, as functions by which app/ asks the reader pool. Each is called on the
// session's home loop, does not block, and answers exactly once on that loop (an error when the pool is full or the
// database is away). The answer must find its session again by key: the session may be gone.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/acknowledgement.hpp"
#include "model/ids.hpp"
#include "model/result.hpp"
#include "runtime/event_loop.hpp"
#include "session/bus_subscriptions.hpp"

namespace nx::session {

/// Names in one question of a re-check, but for those of its last user: what a database answers in tens of
/// milliseconds.
inline constexpr std::size_t kRoomsPerQuestion = 1'024;

/// One user's org:/merchant: rooms to be checked.
struct RoomsQuestion {
  UserId user;
  std::vector<RoomName> rooms;
};

struct MissedHints {
  struct Hint {
    std::int64_t seq = 0;
    std::string text;  // complete inner JSON of the `created` hint
  };
  std::vector<Hint> hints;  // oldest first
  bool complete = true;
  std::int64_t newest_seq = 0;  // the user's newest, in the snapshot of the rows
  std::int64_t unread = 0;
  std::string epoch;  // of the database that numbers them
};

struct Lookups {
  /// For each question the rooms that the policy rows allow, in the order of the questions.
  std::function<void(std::vector<RoomsQuestion>, runtime::EventLoop&,
                     std::function<void(Result<std::vector<std::vector<RoomName>>>)>)>
      allowed_rooms;
  std::function<void(UserId, std::int64_t since, std::size_t limit, runtime::EventLoop&,
                     std::function<void(Result<MissedHints>)>)>
      missed;
  /// Marks the rows as delivered, each once: the first time counts. Unset: nobody keeps it.
  std::function<void(std::vector<Acknowledgement>, runtime::EventLoop&, std::function<void(Result<void>)>)> acknowledge;
  BusSubscriptions subscriptions;
};

}  // namespace nx::session
