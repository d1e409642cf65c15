#include "emitter/redis_connection.hpp"

#include "redis/greeting.hpp"
#include "redis/resp_command.hpp"

namespace nx::emitter {
namespace {

using stream::ByteStream;

constexpr std::size_t kReadBytes = 4'096;  // an answer is a number or a short line

}  // namespace

Result<std::unique_ptr<RedisConnection>> RedisConnection::open(const redis::RedisUrl& url, const redis::Node& node,
                                                               const stream::TlsTrust& trust,
                                                               stream::Deadline deadline) {
  auto stream = ByteStream::connect({node.host, node.port, url.tls}, trust, deadline, nullptr);
  if (!stream) return error_of(stream);
  std::unique_ptr<RedisConnection> connection(new RedisConnection(*std::move(stream)));
  if (const auto greeted = connection->greet(url, deadline); !greeted) {
    return fail(greeted.error().kind, node.text() + ": " + greeted.error().message);
  }
  return connection;
}

Result<void> RedisConnection::greet(const redis::RedisUrl& url, stream::Deadline deadline) {
  redis::Greeting greeting(url, "nx-signal-emitter");
  for (;;) {
    if (auto written = stream_.write(greeting.take_output(), deadline); !written) return written;
    const auto answer = reply(deadline);
    if (!answer) return error_of(answer);
    const auto done = greeting.on_reply(*answer);
    if (!done) return error_of(done);
    if (*done) return {};
  }
}

bool RedisConnection::usable() {
  const auto read = stream_.read(reader_.space(kReadBytes), std::chrono::steady_clock::now());
  return read && read->state == ByteStream::Reading::late;
}

RedisConnection::Answer RedisConnection::publish(std::string_view channel, std::string_view message,
                                                 stream::Deadline deadline) {
  std::string command;
  redis::append_command(command, {"PUBLISH", channel, message});
  if (const auto written = stream_.write(command, deadline); !written) {
    return {Answer::Kind::lost, written.error().message};
  }
  const auto answer = reply(deadline);
  if (!answer) return {Answer::Kind::lost, answer.error().message};
  if (answer->type() == redis::RespType::error) return {Answer::Kind::refused, std::string(answer->text())};
  if (answer->type() != redis::RespType::integer) return {Answer::Kind::lost, "the answer does not come from Redis"};
  return {};
}

Result<redis::RespValue> RedisConnection::reply(stream::Deadline deadline) {
  for (;;) {
    auto value = reader_.next();
    if (!value) return error_of(value);
    if (*value && (*value)->type() != redis::RespType::push) return **value;
    if (*value) continue;
    const auto read = stream_.read(reader_.space(kReadBytes), deadline);
    if (!read) return error_of(read);
    if (read->state == ByteStream::Reading::ended)
      return fail(ErrorKind::unavailable, "the server ended the connection");
    if (read->state != ByteStream::Reading::bytes) return fail(ErrorKind::unavailable, "no answer in time");
    reader_.took(read->size);
  }
}

}  // namespace nx::emitter
