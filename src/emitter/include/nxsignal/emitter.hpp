#pragma once
// Pushes to the clients of Signal from another service, through Redis: the same bytes as the WebSocketEmitter of npm
// `@venizia/ignis-helpers`. Best effort: what nobody listens to is gone; what must not be lost goes through Kafka.
// C++17, standard library only.

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
  /// redis://[[user]:password@]host[:port], rediss:// (TLS ≥ 1.2, the server's name is checked),
  /// redis+cluster://[[user]:password@]h1[:p1],h2[:p2]… and rediss+cluster://. Also what SIGNAL_REDIS_URL says, which
  /// is the name that errors call it by.
  std::string url;
  std::string tls_ca;                                // PEM file of those who may sign; empty: the system's
  std::chrono::milliseconds connect_timeout{2'000};  // of one node: address, TLS and greeting together
  std::chrono::milliseconds reply_timeout{2'000};    // of one push
};

/// A user, client: text, or a whole number where the token's id is one. A number and its decimal text are the same to
/// Signal; IGNIS services tell them apart.
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

/// What came of a push. `done`: Redis has taken it, which says nothing about who listens.
struct Outcome {
  enum class Status {
    done,
    invalid,      // arguments, url, credentials or permissions: the same call fails again
    unavailable,  // Redis can not be reached or can not now: worth a try later
  };
  Status status = Status::done;
  std::string error;  // one line for a log, never with the password; empty when done

  explicit operator bool() const { return status == Status::done; }
};

/// One connection, made at the first push and again at the next one after it was lost; no thread of its own. Of several
/// nodes any takes a push; the next one is tried when one can not be reached, so a call takes at most connect_timeout
/// for each node and reply_timeout (and, for a name, what the system's resolver takes). A push whose answer did not
/// come is not sent again: `error` says that it may have gone out.
///
/// Not thread-safe: one Emitter for each thread, or a lock around it. Raises no signal. Throws std::bad_alloc only.
///
/// `data` is JSON text (at most 64 levels) and is sent compact; none sends an event without data. Texts are UTF-8. An
/// instance drops pushes of more than its SIGNAL_WS_MAX_PUSH_BYTES (256 KiB).
class Emitter {
 public:
  explicit Emitter(Options options);
  Emitter(Emitter&&) noexcept;
  Emitter& operator=(Emitter&&) noexcept;
  ~Emitter();

  using Data = std::optional<std::string_view>;

  /// To every connection of a user, on every instance.
  Outcome to_user(const Id& user, std::string_view event, Data data = std::nullopt);
  /// To every connection in a room but those with the client ids of `exclude`.
  Outcome to_room(std::string_view room, std::string_view event, Data data = std::nullopt,
                  const std::optional<std::vector<std::string>>& exclude = std::nullopt);
  /// To one connection, by the id that its `connected` frame named.
  Outcome to_client(const Id& client, std::string_view event, Data data = std::nullopt);
  /// To every connection.
  Outcome broadcast(std::string_view event, Data data = std::nullopt);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nxsignal
