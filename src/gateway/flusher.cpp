#include "gateway/flusher.hpp"

#include <string_view>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

void Flusher::flush() {
  sealed_ = 0;
  while (!dirty_.empty()) {
    round_.swap(dirty_);
    operations_.clear();
    senders_.clear();
    for (WsConnection* connection : round_) {
      connection->clear_dirty();
      if (!connection->can_submit()) continue;
      const std::string_view bytes = connection->unsent();
      operations_.push_back({.fd = connection->fd(), .data = bytes.data(), .size = bytes.size()});
      senders_.push_back(connection);
    }
    if (!operations_.empty()) sender_.submit(operations_);
    std::size_t next = 0;
    for (WsConnection* connection : round_) {
      if (next < senders_.size() && senders_[next] == connection) {
        connection->submitted(operations_[next++].result);
      } else {
        connection->flush_alone();
      }
    }
    round_.clear();
  }
}

}  // namespace nx::gateway
