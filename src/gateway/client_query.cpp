#include "gateway/client_query.hpp"

#include <algorithm>
#include <utility>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {
namespace {

using contract::DisconnectClient;
using contract::DisconnectUser;
using contract::FindClient;
using contract::ListClients;

std::vector<RoomName> rooms_of(const session::Session& session) {
  std::vector<RoomName> rooms;
  rooms.reserve(session.rooms().joined().size() + 3);
  if (session.rooms().in_default()) rooms.push_back({session::kDefaultRoom});
  if (session.rooms().in_notification()) rooms.push_back({session::kNotificationRoom});
  rooms.push_back({uuid_text(session.id())});
  rooms.insert(rooms.end(), session.rooms().joined().begin(), session.rooms().joined().end());
  return rooms;
}

bool is_in(const session::Session& session, const RoomName& room) {
  if (room.value == session::kDefaultRoom) return session.rooms().in_default();
  if (room.value == session::kNotificationRoom) return session.rooms().in_notification();
  const std::vector<RoomName>& joined = session.rooms().joined();
  return std::find(joined.begin(), joined.end(), room) != joined.end() || room.value == uuid_text(session.id());
}

contract::ClientRecord record_of(const WsConnection& connection) {
  const session::Session& session = connection.session();
  const auto silent = std::chrono::duration_cast<std::chrono::milliseconds>(
      connection.now() - session.last_received().load(std::memory_order_relaxed));
  return {.id = {uuid_text(session.id())},
          .user = session.user().id,
          .user_is_number = session.user().is_number,
          .rooms = rooms_of(session),
          .connected_at = connection.connected_at(),
          .address = connection.address().text(),
          .last_activity_at = {now_wall().value - silent.count()},
          .queued_bytes = static_cast<std::int64_t>(connection.queued_bytes())};
}

ClientSelection selection_for(const contract::OperatorAsk& ask) {
  const auto* list = std::get_if<ListClients>(&ask);
  if (list == nullptr) return {std::nullopt, 1};
  return {list->after ? parse_uuid(list->after->client) : std::nullopt, list->limit};
}

}  // namespace

bool ClientSelection::wants(const UuidBytes& id) const {
  if (limit_ == 0 || (after_ && id <= *after_)) return false;
  return clients_.size() < limit_ || id < clients_.rbegin()->first;
}

void ClientSelection::add(const UuidBytes& id, contract::ClientRecord client) {
  clients_.emplace(id, std::move(client));
  if (clients_.size() > limit_) clients_.erase(std::prev(clients_.end()));
}

void ClientSelection::merge(ClientSelection other) {
  count_ += other.count_;
  for (auto& [id, client] : other.clients_) {
    if (wants(id)) add(id, std::move(client));
  }
}

contract::Findings ClientSelection::findings() && {
  contract::Findings findings{.count = count_, .clients = {}};
  findings.clients.reserve(clients_.size());
  for (auto& [id, client] : clients_) findings.clients.push_back(std::move(client));
  return findings;
}

ClientQuery::ClientQuery(contract::OperatorAsk ask, std::size_t shards, Done done)
    : ask_(std::move(ask)), done_(std::move(done)), all_(selection_for(ask_)), left_(shards) {
  const auto* list = std::get_if<ListClients>(&ask_);
  if (list != nullptr && list->filter.address) range_ = transport::Cidr::parse(*list->filter.address);
}

ClientSelection ClientQuery::selection() const {
  return selection_for(ask_);
}

bool ClientQuery::is_meant(const WsConnection& connection) const {
  const session::Session& session = connection.session();
  if (const auto* user = std::get_if<DisconnectUser>(&ask_)) {
    // A session that still waits for its bus subscription matches too: its token is already verified.
    return session.phase() != session::Session::Phase::closing && !session.user().id.value.empty() &&
           session.user().id == user->user && session.token_issued_at() <= user->revoked_at;
  }
  if (!session.is_open()) return false;
  if (const auto* list = std::get_if<ListClients>(&ask_)) {
    const contract::ClientFilter& filter = list->filter;
    if (filter.user && *filter.user != session.user().id) return false;
    if (filter.room && !is_in(session, *filter.room)) return false;
    return !filter.address || (range_ && range_->contains(connection.address()));
  }
  const auto* find = std::get_if<FindClient>(&ask_);
  const ClientId& client = find != nullptr ? find->client : std::get<DisconnectClient>(ask_).client;
  return uuid_text(session.id()) == client.value;
}

void ClientQuery::look_at(WsConnection& connection, ClientSelection& selection) const {
  if (!is_meant(connection)) return;
  selection.count_one();
  if (std::holds_alternative<DisconnectClient>(ask_) || std::holds_alternative<DisconnectUser>(ask_)) {
    connection.session().close(session::kDisconnectedByOperator);
    return;
  }
  const UuidBytes& id = connection.session().id();
  if (selection.wants(id)) selection.add(id, record_of(connection));
}

std::optional<ClientQuery::HintAsked> ClientQuery::hint() const {
  const auto* list = std::get_if<ListClients>(&ask_);
  if (list == nullptr || !list->hint || !list->filter.user) return std::nullopt;
  return HintAsked{*list->filter.user, *list->hint};
}

void ClientQuery::add_pushes(const std::vector<contract::PushRecord>& pushes, EpochMs since) {
  const std::lock_guard lock(mutex_);
  records_since_ = records_since_ ? std::max(*records_since_, since) : since;
  for (const contract::PushRecord& push : pushes) {
    if (pushes_.size() < contract::kMaxPushesAsked) pushes_.push_back(push);
  }
}

void ClientQuery::add(ClientSelection part) {
  std::unique_lock lock(mutex_);
  all_.merge(std::move(part));
  if (--left_ > 0) return;
  contract::Findings findings = std::move(all_).findings();
  findings.pushes = std::move(pushes_);
  findings.records_since = records_since_;
  lock.unlock();
  done_(std::move(findings));
}

}  // namespace nx::gateway
