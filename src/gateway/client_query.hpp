#pragma once
// A question of operators about the clients of this gateway, on its way through the shards. Each shard examines its
// connections in short pieces and adds its part; the shard that finishes last calls `done`. Any thread.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "contract/operator_message.hpp"
#include "model/uuid.hpp"
#include "transport/cidr.hpp"

namespace nx::gateway {

class WsConnection;

/// The first `limit` matching clients after `after`, ordered by id. All others are only counted.
class ClientSelection {
 public:
  ClientSelection(std::optional<UuidBytes> after, std::size_t limit) : after_(after), limit_(limit) {}

  bool wants(const UuidBytes& id) const;
  void add(const UuidBytes& id, contract::ClientRecord client);
  void count_one() { ++count_; }
  /// Adds the selection of another shard.
  void merge(ClientSelection other);
  contract::Findings findings() &&;

 private:
  std::optional<UuidBytes> after_;
  std::size_t limit_;
  std::int64_t count_ = 0;
  std::map<UuidBytes, contract::ClientRecord> clients_;
};

class ClientQuery {
 public:
  using Done = std::function<void(contract::Findings)>;

  /// In the cursor `after` only the client id is used: clients of other instances are not here. `shards` is the number
  /// of parts that will be added. A filter with an unreadable address matches no client.
  ClientQuery(contract::OperatorAsk ask, std::size_t shards, Done done);

  /// An empty selection for the part of one shard.
  ClientSelection selection() const;
  /// Examines one connection, and closes it if the operator asked for that. Home thread of the connection.
  void look_at(WsConnection& connection, ClientSelection& selection) const;
  /// The user and row whose hint the operator asks about; std::nullopt for other questions.
  struct HintAsked {
    const UserId& user;
    std::int64_t seq;
  };
  std::optional<HintAsked> hint() const;
  /// Adds what one shard recorded about that hint.
  void add_pushes(const std::vector<contract::PushRecord>& pushes, EpochMs since);

  /// Adds the complete part of one shard.
  void add(ClientSelection part);

 private:
  bool is_meant(const WsConnection& connection) const;

  const contract::OperatorAsk ask_;
  const Done done_;
  std::optional<transport::Cidr> range_;
  std::mutex mutex_;  // guards all members below
  ClientSelection all_;
  std::vector<contract::PushRecord> pushes_;
  std::optional<EpochMs> records_since_;
  std::size_t left_;
};

}  // namespace nx::gateway
