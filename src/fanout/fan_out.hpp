#pragma once
// Passes pushes to the shards that hold their recipients. Any thread; never blocks on a socket. A shard is woken only
// when it holds a recipient. The mailbox of each shard is bounded; when it is full, the push is dropped and counted:
// the row of a hint remains in the database, and a direct push is lost.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "observe/trace_context.hpp"

namespace nx::fanout {

/// The inner JSON, made once and shared by all shards.
using Payload = std::shared_ptr<const std::string>;

struct HintRecipient {
  UserId user;
  std::int64_t seq = 0;
  std::int64_t unread = 0;
};

/// Where a hint comes from.
struct HintOrigin {
  EpochMs recorded;               // the time of the Kafka record, from which the shards measure the latency
  observe::SpanContext parent{};  // the span that has published the hint; zero: it is not traced
  bool from_bus = false;          // another instance has published it
};

class Shards;
struct ConnectionHint;

/// The recipients of one hint that are connected to this instance, added one by one. Used by one thread; borrows the
/// shards.
class LocalRecipients {
 public:
  explicit LocalRecipients(Shards& shards);
  ~LocalRecipients();
  LocalRecipients(const LocalRecipients&) = delete;
  LocalRecipients& operator=(const LocalRecipients&) = delete;

  void add(std::string_view user, std::int64_t seq, std::int64_t unread);
  std::size_t users() const { return users_; }  // of the added users, those connected to this instance

  /// Puts the hint into the mailboxes of the shards that hold a recipient. Called once.
  void put(const Payload& head, const HintOrigin& origin);

 private:
  Shards& shards_;
  std::vector<std::vector<ConnectionHint>> by_shard_;
  std::size_t users_ = 0;
};

class FanOut {
 public:
  explicit FanOut(Shards& shards) : shards_(shards) {}

  /// `head` is the result of contract::hint_head; each connection of a recipient gets head + `,"seq":N,"unread":N}`.
  /// Returns how many of the recipients are connected to this instance.
  std::size_t hint(const Payload& head, const std::vector<HintRecipient>& recipients, const HintOrigin& origin);

  /// For recipients that are known one by one: add() for each, then put().
  LocalRecipients local_recipients() { return LocalRecipients(shards_); }

  /// `frame` is a complete `{"event":…,"data":…}`.
  void to_user(const UserId& user, const Payload& frame);
  void to_client(const ClientId& client, const Payload& frame);
  void to_room(const RoomName& room, const Payload& frame, const std::vector<ClientId>& exclude = {});
  void to_everyone(const Payload& frame, const std::vector<ClientId>& exclude = {});

 private:
  Shards& shards_;
};

}  // namespace nx::fanout
