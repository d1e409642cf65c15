#pragma once
// One connection to one Redis node: look-up, connect, TLS, greeting, then commands out and values in. Used on the bus
// thread's loop. It ends by itself when a step takes too long or when nothing arrives for too long; the owner then
// makes a new one.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bus/name_lookup.hpp"
#include "redis/greeting.hpp"
#include "redis/redis_url.hpp"
#include "redis/resp_reader.hpp"
#include "runtime/event_loop.hpp"
#include "transport/outgoing.hpp"
#include "transport/socket.hpp"

namespace nx::bus {

/// Options shared by all connections of a bus. Outlives them.
struct ConnectionOptions {
  redis::RedisUrl url;                                     // credentials, database, TLS
  std::shared_ptr<const transport::TlsClientContext> tls;  // null without TLS
  std::string name;                                        // as shown by CLIENT LIST
  redis::RespLimits limits;
  // resolv.conf(5): two name servers with 5 s each, and a look-up queued before this one
  std::chrono::milliseconds look_up_within{15'000};
  std::chrono::milliseconds open_within{2'000};  // from connect() to the end of the greeting
  std::chrono::milliseconds silence{5'000};      // the connection is lost when nothing arrives for this time
};

class Connection final : public std::enable_shared_from_this<Connection>, private runtime::IoHandler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_open(Connection& connection) = 0;
    virtual void on_value(Connection& connection, const redis::RespValue& value) = 0;
    /// Called once, unless the owner has closed the connection. `error` says what happened, in words for an operator.
    virtual void on_lost(Connection& connection, const Error& error) = 0;
  };

  /// All references are borrowed.
  Connection(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& options, redis::Node node,
             Owner& owner);
  ~Connection() override;

  void open();

  bool is_open() const { return step_ == Step::open; }
  const redis::Node& node() const { return node_; }
  runtime::SteadyTime last_received() const { return last_received_; }  // when bytes last arrived

  /// Only after on_open. Commands are appended to output(); flush() writes them. unsent() is the number of bytes that
  /// the kernel has not taken.
  std::string& output() { return output_; }
  std::size_t unsent() const { return output_.size() - written_; }
  void flush();

  /// Must be called often: ends steps that take too long.
  void tick(runtime::SteadyTime now);

  /// Closes without further calls to the owner.
  void close();

 private:
  enum class Step { idle, names, connecting, greeting, open, closed };

  void on_ready(std::uint32_t ready) override;
  void connect_next();
  void try_next_or_end(std::string reason);
  void connected();
  void read();
  void take_values();
  void write();
  void watch(std::uint32_t interest);
  void end(ErrorKind kind, std::string reason);
  void end_slow(const char* what, std::chrono::milliseconds within);
  void end_by_socket();

  runtime::EventLoop& loop_;
  NameLookup& names_;
  const ConnectionOptions& options_;
  const redis::Node node_;
  Owner* owner_;
  Step step_ = Step::idle;
  std::vector<transport::SocketAddress> addresses_;
  std::size_t next_address_ = 0;
  transport::Socket socket_;
  std::uint32_t watched_ = 0;
  redis::Greeting greeting_;
  redis::RespReader reader_;
  std::string output_;
  std::size_t written_ = 0;
  runtime::SteadyTime begun_, address_begun_, last_received_;
};

}  // namespace nx::bus
