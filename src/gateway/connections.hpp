#pragma once
// Makes the connections of one shard, removes them from their slots and destroys them. A removed connection is
// destroyed at the end of the turn, because it may still be on the call stack. Home thread only, or the thread that has
// joined it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/admission.hpp"
#include "gateway/slots.hpp"
#include "transport/ip_address.hpp"
#include "transport/socket.hpp"

namespace nx::gateway {

struct ShardParts;
class HttpConnection;
class WsConnection;

class Connections {
 public:
  /// All are borrowed. The slots are members of `shard`; only this object fills and empties them.
  Connections(ShardParts& shard, Slots<WsConnection>& sessions, Slots<HttpConnection>& requests);
  /// Destroys all connections, before the other parts of the shard, which they use.
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Makes a connection of an accepted socket. `counters.connections` already includes it.
  void adopt(transport::Socket socket, const transport::IpAddress& peer, Admission::Place place);
  /// Replaces an HTTP connection by a WebSocket connection. `early` is what the client sent after its
  /// request.
  void upgrade(HttpConnection& from, transport::Socket socket, const transport::IpAddress& client,
               Admission::Place place, std::string& early);
  void remove(WsConnection& connection);
  void remove(HttpConnection& connection);
  void destroy_removed();

  bool empty() const { return sessions_.count() + requests_.count() == 0; }
  /// Ends any connection, sessions first. There must be one.
  void end_one();
  /// Destroys all connections without ending them. Only after the loop has ended.
  void destroy_all();

 private:
  ShardParts& shard_;
  Slots<WsConnection>& sessions_;
  Slots<HttpConnection>& requests_;
  std::vector<std::unique_ptr<WsConnection>> removed_sessions_;
  std::vector<std::unique_ptr<HttpConnection>> removed_requests_;
  std::uint32_t ending_session_ = 0, ending_request_ = 0;  // where end_one() searches next
};

}  // namespace nx::gateway
