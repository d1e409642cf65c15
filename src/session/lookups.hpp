#pragma once
// Questions of a session to the database, as functions through which app/ uses the reader pool. Each is called on the
// session's home loop, does not block, and answers exactly once on that loop (with an error when the pool is full or
// the database is unavailable). The answer must find its session by key, because the session may be gone.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/acknowledgement.hpp"
#include "model/ids.hpp"
#include "model/result.hpp"
#include "model/time.hpp"
#include "runtime/event_loop.hpp"
#include "session/bus_subscriptions.hpp"

namespace nx::session {

/// Room names in one question of a re-check, which a database answers in tens of milliseconds. The rooms of the last
/// user may exceed it.
inline constexpr std::size_t kRoomsPerQuestion = 1'024;

/// The org: and merchant: rooms of one user whose membership is to be checked.
struct RoomsQuestion {
  UserId user;
  std::vector<RoomName> rooms;
};

struct MissedHints {
  struct Hint {
    std::int64_t seq = 0;
    std::string text;  // the complete inner JSON of the `created` hint
  };
  std::vector<Hint> hints;  // oldest first
  bool complete = true;
  std::int64_t newest_seq = 0;  // the newest seq of the user, from the same snapshot as the rows
  std::int64_t unread = 0;
  std::string epoch;  // the epoch of the inbox: under another epoch the numbers belong to other rows
};

/// Users in one question about recent hints, and hints of one user in its answer.
inline constexpr std::size_t kUsersPerQuestion = 32;
inline constexpr std::size_t kRecentHints = 10;

/// A hint that a client may have missed while the bus was unavailable.
struct RecentHint {
  std::int64_t seq = 0;
  EpochMs at;        // when the notification was stored
  std::string text;  // the complete inner JSON of the `created` hint, with `unread`
};

struct Lookups {
  /// Returns for each question the rooms that the policy rows allow, in the order of the questions.
  std::function<void(std::vector<RoomsQuestion>, runtime::EventLoop&,
                     std::function<void(Result<std::vector<std::vector<RoomName>>>)>)>
      allowed_rooms;
  std::function<void(UserId, std::int64_t since, std::size_t limit, runtime::EventLoop&,
                     std::function<void(Result<MissedHints>)>)>
      missed;
  /// Returns for each user, in their order, the hints of the newest unread rows whose notifications were stored at
  /// `since` or later, oldest first. An answer has a bound of time and bytes: it may be about the first of the users
  /// only, at least one.
  std::function<void(std::vector<UserId>, EpochMs since, runtime::EventLoop&,
                     std::function<void(Result<std::vector<std::vector<RecentHint>>>)>)>
      recent;
  /// Marks the rows as delivered; only the first time of each row is kept. Unset: deliveries are not stored.
  std::function<void(std::vector<Acknowledgement>, runtime::EventLoop&, std::function<void(Result<void>)>)> acknowledge;
  BusSubscriptions subscriptions;
};

}  // namespace nx::session
