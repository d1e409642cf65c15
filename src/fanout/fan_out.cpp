#include "fanout/fan_out.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "fanout/shards.hpp"
#include "model/uuid.hpp"
#include "session/room_list.hpp"

namespace nx::fanout {

namespace {

using Exclusion = std::shared_ptr<const std::vector<UuidBytes>>;

/// Accepts a client id only in the form that the server gave out: lower case.
std::optional<UuidBytes> client_bytes(const std::string& text) {
  const std::optional<UuidBytes> bytes = parse_uuid(text);
  return bytes && uuid_text(*bytes) == text ? bytes : std::nullopt;
}

Exclusion exclusion_of(const std::vector<ClientId>& exclude) {
  std::vector<UuidBytes> ids;
  for (const ClientId& client : exclude) {
    if (const auto id = client_bytes(client.value)) ids.push_back(*id);
  }
  if (ids.empty()) return nullptr;
  std::ranges::sort(ids);
  return std::make_shared<const std::vector<UuidBytes>>(std::move(ids));
}

void put_broadcast(Shards& shards, ShardMask mask, Delivery::To to, const RoomName& room, const Payload& text,
                   const Exclusion& exclude) {
  for (std::uint32_t shard = 0; shard < shards.count(); ++shard) {
    if ((mask >> shard & 1U) == 0) continue;
    Delivery delivery;
    delivery.to = to;
    delivery.room = room;
    delivery.text = text;
    delivery.exclude = exclude;
    shards.mailbox(shard).put(std::move(delivery));
  }
}

ShardMask open_shards(Shards& shards) {
  ShardMask mask = 0;
  for (std::uint32_t shard = 0; shard < shards.count(); ++shard) {
    if (shards.presence().has_open(shard)) mask |= ShardMask{1} << shard;
  }
  return mask;
}

void put_client(Shards& shards, const UuidBytes& client, const Payload& text) {
  const ClientLocation location = read_client_location(client);
  if (location.shard >= shards.count()) return;
  Delivery delivery;
  delivery.to = Delivery::To::client;
  delivery.client = client;
  delivery.text = text;
  shards.mailbox(location.shard).put(std::move(delivery));
}

}  // namespace

LocalRecipients::LocalRecipients(Shards& shards) : shards_(shards) {}
LocalRecipients::~LocalRecipients() = default;

void LocalRecipients::add(std::string_view user, std::int64_t seq, std::int64_t unread) {
  const auto add_connection = [&](const ConnectionLocation& at) {
    if (by_shard_.empty()) by_shard_.resize(shards_.count());
    by_shard_[at.shard].push_back({at.key, seq, unread});
  };
  if (shards_.presence().visit_user(user, add_connection)) ++users_;
}

void LocalRecipients::put(const Payload& head, const HintOrigin& origin) {
  const auto now = origin.parent ? std::chrono::system_clock::now() : std::chrono::system_clock::time_point{};
  for (std::uint32_t shard = 0; shard < by_shard_.size(); ++shard) {
    if (by_shard_[shard].empty()) continue;
    Delivery delivery;
    delivery.to = Delivery::To::hints;
    delivery.text = head;
    delivery.hints = std::move(by_shard_[shard]);
    delivery.origin = origin;
    delivery.put_at = now;
    shards_.mailbox(shard).put(std::move(delivery));
  }
}

std::size_t FanOut::hint(const Payload& head, const std::vector<HintRecipient>& recipients, const HintOrigin& origin) {
  LocalRecipients local(shards_);
  for (const HintRecipient& recipient : recipients) local.add(recipient.user.value, recipient.seq, recipient.unread);
  local.put(head, origin);
  return local.users();
}

void FanOut::to_user(const UserId& user, const Payload& frame) {
  std::vector<ConnectionLocation> connections;
  shards_.presence().visit_user(user.value,
                                [&connections](const ConnectionLocation& at) { connections.push_back(at); });
  std::ranges::stable_sort(connections, {}, &ConnectionLocation::shard);
  for (auto at = connections.begin(); at != connections.end();) {
    Delivery delivery;
    delivery.to = Delivery::To::connections;
    delivery.text = frame;
    const std::uint32_t shard = at->shard;
    for (; at != connections.end() && at->shard == shard; ++at) delivery.connections.push_back(at->key);
    shards_.mailbox(shard).put(std::move(delivery));
  }
}

void FanOut::to_client(const ClientId& client, const Payload& frame) {
  if (const auto id = client_bytes(client.value)) put_client(shards_, *id, frame);
}

void FanOut::to_room(const RoomName& room, const Payload& frame, const std::vector<ClientId>& exclude) {
  const Exclusion excluded = exclusion_of(exclude);
  if (room.value == session::kDefaultRoom) {
    put_broadcast(shards_, open_shards(shards_), Delivery::To::default_room, {}, frame, excluded);
  } else if (room.value == session::kNotificationRoom) {
    put_broadcast(shards_, open_shards(shards_), Delivery::To::notification_room, {}, frame, excluded);
  } else if (const auto own = client_bytes(room.value)) {  // the client's own room (docs/protocol.md#rooms)
    if (!excluded || !std::ranges::binary_search(*excluded, *own)) put_client(shards_, *own, frame);
  } else {
    put_broadcast(shards_, shards_.presence().shards_of(room), Delivery::To::room, room, frame, excluded);
  }
}

void FanOut::to_everyone(const Payload& frame, const std::vector<ClientId>& exclude) {
  put_broadcast(shards_, open_shards(shards_), Delivery::To::everyone, {}, frame, exclusion_of(exclude));
}

}  // namespace nx::fanout
