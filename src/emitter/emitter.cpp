#include "emitter/include/nxsignal/emitter.hpp"

#include "emitter/envelope.hpp"
#include "emitter/redis_connection.hpp"
#include "redis/greeting.hpp"

namespace nxsignal {
namespace {

using nx::ErrorKind;
using nx::emitter::Push;
using nx::emitter::RedisConnection;
using nx::emitter::TargetType;
using Answer = RedisConnection::Answer;

nx::stream::Deadline within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

Outcome failed(ErrorKind kind, std::string why) {
  return {kind == ErrorKind::invalid ? Outcome::Status::invalid : Outcome::Status::unavailable, std::move(why)};
}

Outcome failed(const nx::Error& error) {
  return failed(error.kind, error.message);
}

}  // namespace

struct Emitter::State {
  explicit State(Options given) : options(std::move(given)), url(nx::redis::parse_redis_url(options.url)) {
    trust.ca_file = options.tls_ca;
  }

  Outcome push(const Push& push);

  const Options options;
  const nx::Result<nx::redis::RedisUrl> url;
  nx::stream::TlsTrust trust;
  std::size_t node = 0;  // index into the nodes of the URL: the connected one, or the next to try
  std::unique_ptr<RedisConnection> connection;

 private:
  nx::Result<void> connect();
  void leave_node();
};

nx::Result<void> Emitter::State::connect() {
  // A connection that the server has closed is detected before the push is sent, so that the push is not lost.
  if (connection && connection->usable()) return {};
  connection.reset();
  auto opened = RedisConnection::open(*url, url->nodes[node], trust, within(options.connect_timeout));
  if (!opened) return error_of(opened);
  connection = *std::move(opened);
  return {};
}

void Emitter::State::leave_node() {
  connection.reset();
  node = (node + 1) % url->nodes.size();
}

Outcome Emitter::State::push(const Push& push) {
  if (!url) return failed(url.error());
  const auto publication = nx::emitter::publication_of(push);
  if (!publication) return failed(publication.error());

  ErrorKind kind = ErrorKind::invalid;  // invalid only if the error of each node is
  std::string why;
  for (std::size_t tries = 0; tries < url->nodes.size(); ++tries) {
    if (!why.empty()) why += "; ";
    if (const auto connected = connect(); !connected) {
      if (connected.error().kind != ErrorKind::invalid) kind = ErrorKind::unavailable;
      why += connected.error().message;
      leave_node();
      continue;
    }
    const std::string at = url->nodes[node].text() + ": ";
    const Answer answer =
        connection->publish(publication->channel, publication->message, within(options.reply_timeout));
    if (answer.kind == Answer::Kind::taken) return {};
    if (answer.kind == Answer::Kind::lost) {
      leave_node();
      return failed(ErrorKind::unavailable, at + answer.words + "; the push may have been sent nevertheless");
    }
    const std::string refused = at + nx::redis::explain(answer.words, "PUBLISH");
    if (nx::redis::classify(answer.words) != nx::redis::Refusal::retry) {
      connection.reset();  // to authenticate again: the permissions of the user may have changed
      return failed(ErrorKind::invalid, refused);
    }
    kind = ErrorKind::unavailable;
    why += refused;
    leave_node();
  }
  return failed(kind, why);
}

Emitter::Emitter(Options options) : state_(std::make_unique<State>(std::move(options))) {}
Emitter::Emitter(Emitter&&) noexcept = default;
Emitter& Emitter::operator=(Emitter&&) noexcept = default;
Emitter::~Emitter() = default;

Outcome Emitter::to_user(const Id& user, std::string_view event, Data data) {
  return state_->push({TargetType::user, user, event, data, std::nullopt});
}

Outcome Emitter::to_room(std::string_view room, std::string_view event, Data data,
                         const std::optional<std::vector<std::string>>& exclude) {
  return state_->push({TargetType::room, Id(room), event, data, exclude});
}

Outcome Emitter::to_client(const Id& client, std::string_view event, Data data) {
  return state_->push({TargetType::client, client, event, data, std::nullopt});
}

Outcome Emitter::broadcast(std::string_view event, Data data) {
  return state_->push({TargetType::everyone, std::nullopt, event, data, std::nullopt});
}

}  // namespace nxsignal
