#pragma once
// What operators ask of this gateway's clients, on its way through the shards: each walks over its connections in short
// pieces and adds what it found; the last one answers. Any thread.

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

/// The first of the clients that match, by their ids; the others are only counted.
class ClientSelection {
 public:
  ClientSelection(std::optional<UuidBytes> after, std::size_t limit) : after_(after), limit_(limit) {}

  bool wants(const UuidBytes& id) const;
  void add(const UuidBytes& id, contract::ClientRecord client);
  void count_one() { ++count_; }
  /// Of another shard.
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

  /// Of `after` in a list only the client counts: those of other instances are not here. `shards`: how many will add
  /// their part. A filter whose address can not be read matches nobody.
  ClientQuery(contract::OperatorAsk ask, std::size_t shards, Done done);

  /// For a shard's part.
  ClientSelection selection() const;
  /// Looks at one connection; ends it where that is what was asked. Its home thread.
  void look_at(WsConnection& connection, ClientSelection& selection) const;
  /// Whose hint of which row is asked about; none for other questions.
  struct HintAsked {
    const UserId& user;
    std::int64_t seq;
  };
  std::optional<HintAsked> hint() const;
  /// What a shard remembers of it.
  void add_pushes(const std::vector<contract::PushRecord>& pushes, EpochMs since);

  /// A shard's part is complete.
  void add(ClientSelection part);

 private:
  bool is_meant(const WsConnection& connection) const;

  const contract::OperatorAsk ask_;
  const Done done_;
  std::optional<transport::Cidr> range_;
  std::mutex mutex_;  // guards what follows
  ClientSelection all_;
  std::vector<contract::PushRecord> pushes_;
  std::optional<EpochMs> records_since_;
  std::size_t left_;
};

}  // namespace nx::gateway
