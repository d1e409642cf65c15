#pragma once
// One blocking connection to one Redis node: each command waits for its answer. Used by one thread.

#include <memory>
#include <string>
#include <string_view>

#include "model/result.hpp"
#include "redis/redis_url.hpp"
#include "redis/resp_reader.hpp"
#include "stream/byte_stream.hpp"

namespace nx::emitter {

class RedisConnection {
 public:
  /// Connects and authenticates. The error names the node; kind invalid: a setting is wrong.
  static Result<std::unique_ptr<RedisConnection>> open(const redis::RedisUrl& url, const redis::Node& node,
                                                       const stream::TlsTrust& trust, stream::Deadline deadline);
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Returns false when the server has closed the connection or has sent data without a command.
  bool usable();

  struct Answer {
    enum class Kind { taken, refused, lost };
    Kind kind = Kind::taken;
    std::string words;  // refused: the server's message; lost: the reason
  };
  Answer publish(std::string_view channel, std::string_view message, stream::Deadline deadline);

 private:
  explicit RedisConnection(stream::ByteStream stream) : stream_(std::move(stream)) {}

  Result<void> greet(const redis::RedisUrl& url, stream::Deadline deadline);
  Result<redis::RespValue> reply(stream::Deadline deadline);  // valid until the next call

  stream::ByteStream stream_;
  redis::RespReader reader_;
};

}  // namespace nx::emitter
