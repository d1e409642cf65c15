#pragma once
// Passes the HTTP requests of one shard to the handler of the gateway and its answers back to the connections. Home
// thread only.

#include <cstdint>
#include <memory>
#include <utility>

#include "fanout/connection_location.hpp"
#include "gateway/open_questions.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"
#include "transport/http_message.hpp"

namespace nx::gateway {

class HttpConnection;

class HandlerQuestions {
 public:
  /// The references are borrowed.
  HandlerQuestions(const Slots<HttpConnection>& requests, runtime::EventLoop& loop,
                   const transport::HttpHandler& handler, OpenQuestions& questions)
      : requests_(requests), loop_(loop), handler_(handler), questions_(questions) {}

  /// Must be called before the first ask(). The handler may answer on any thread and after the shard has ended:
  /// `home` is the loop of the shard. A lock on `home` keeps the shard alive, and with it this object.
  void answer_to(std::weak_ptr<runtime::EventLoop> home) { home_ = std::move(home); }

  /// `number` distinguishes the requests of one connection.
  void ask(transport::HttpRequest request, fanout::SlotKey connection, std::uint64_t number);

 private:
  const Slots<HttpConnection>& requests_;
  runtime::EventLoop& loop_;
  const transport::HttpHandler& handler_;
  OpenQuestions& questions_;
  std::weak_ptr<runtime::EventLoop> home_;
};

}  // namespace nx::gateway
