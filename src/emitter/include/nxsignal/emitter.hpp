#pragma once
// Sends pushes to the clients of Signal from another service, through Redis: the same bytes as the WebSocketEmitter of
// npm `@venizia/ignis-helpers`. Best effort: a push that nobody receives is lost; use Kafka for messages that must not
// be lost. C++17, standard library only.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace nxsignal {

struct Options {
  /// redis://[[user]:password@]host[:port], rediss:// (TLS ≥ 1.2, server name verified),
  /// redis+cluster://[[user]:password@]h1[:p1],h2[:p2]… and rediss+cluster://. The format is that of SIGNAL_REDIS_URL,
  /// and errors use that name.
  std::string url;
  std::string tls_ca;                                // PEM file of the trusted authorities; empty: the system's
  std::chrono::milliseconds connect_timeout{2'000};  // per node: address, TLS and greeting together
  std::chrono::milliseconds reply_timeout{2'000};    // per push
};

/// The id of a user or client: text, or an integer when the id in the token is an integer. For Signal a number and its
/// decimal text are the same; for IGNIS services they are different.
class Id {
 public:
  Id(std::string text) : value_(std::move(text)) {}
  Id(std::string_view text) : value_(std::string(text)) {}
  Id(const char* text) : value_(std::string(text)) {}
  template <class Number, std::enable_if_t<std::is_integral_v<Number> && !std::is_same_v<Number, bool> &&
                                               (std::is_signed_v<Number> || sizeof(Number) < sizeof(std::int64_t)),
                                           int> = 0>
  Id(Number number) : value_(static_cast<std::int64_t>(number)) {}

  const std::variant<std::string, std::int64_t>& value() const { return value_; }

 private:
  std::variant<std::string, std::int64_t> value_;
};

/// The outcome of a push. `done`: Redis has accepted it, which does not say whether anybody receives it.
struct Outcome {
  enum class Status {
    done,
    invalid,      // wrong arguments, URL, credentials or permissions: the same call fails again
    unavailable,  // Redis is unreachable or cannot do it now: try again later
  };
  Status status = Status::done;
  std::string error;  // one line for a log, never with the password; empty when done

  explicit operator bool() const { return status == Status::done; }
};

/// One connection, made at the first push and again at the next push after it was lost; no thread of its own. With
/// several nodes any of them accepts a push; the next one is tried when one is unreachable. So a call takes at most
/// connect_timeout per node, plus reply_timeout (plus the time of the system's resolver for a name). A push that was
/// not answered is not sent again: `error` says that it may have been sent.
///
/// Not thread-safe: use one Emitter per thread, or a lock. Raises no signal. Throws only std::bad_alloc.
///
/// `data` is JSON text (at most 64 levels) and is sent without white space; std::nullopt sends an event without data.
/// Texts are UTF-8. An instance drops pushes larger than its SIGNAL_WS_MAX_PUSH_BYTES (256 KiB).
class Emitter {
 public:
  explicit Emitter(Options options);
  Emitter(Emitter&&) noexcept;
  Emitter& operator=(Emitter&&) noexcept;
  ~Emitter();

  using Data = std::optional<std::string_view>;

  /// Pushes to every connection of a user, on every instance.
  Outcome to_user(const Id& user, std::string_view event, Data data = std::nullopt);
  /// Pushes to every connection in a room, except those with a client id in `exclude`.
  Outcome to_room(std::string_view room, std::string_view event, Data data = std::nullopt,
                  const std::optional<std::vector<std::string>>& exclude = std::nullopt);
  /// Pushes to one connection, by the id in its `connected` frame.
  Outcome to_client(const Id& client, std::string_view event, Data data = std::nullopt);
  /// Pushes to every connection.
  Outcome broadcast(std::string_view event, Data data = std::nullopt);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nxsignal
