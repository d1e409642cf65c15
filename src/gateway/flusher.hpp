#pragma once
// The connections of one shard that have new frames, and the sending of these frames: those of connections without TLS
// in one batch, those of TLS connections one by one. Home thread only.

#include <cstddef>
#include <vector>

#include "runtime/send_batch.hpp"

namespace nx::gateway {

class WsConnection;

class Flusher {
 public:
  /// The connection has new frames: the next flush() sends them. It must exist until then.
  void add(WsConnection& connection) { dirty_.push_back(&connection); }
  std::size_t waiting() const { return dirty_.size(); }

  /// Bytes of deliveries that were sealed since the last flush().
  std::size_t sealed() const { return sealed_; }
  void add_sealed(std::size_t bytes) { sealed_ += bytes; }

  void flush();

 private:
  std::vector<WsConnection*> dirty_, round_, senders_;
  std::vector<runtime::SendOp> operations_;
  std::size_t sealed_ = 0;
  runtime::SendBatch sender_;
};

}  // namespace nx::gateway
