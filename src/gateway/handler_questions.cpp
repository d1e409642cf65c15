#include "gateway/handler_questions.hpp"

#include <utility>

#include "gateway/http_connection.hpp"

namespace nx::gateway {

void HandlerQuestions::ask(transport::HttpRequest request, fanout::SlotKey connection, std::uint64_t number) {
  questions_.ask();
  handler_(std::move(request), loop_, [this, home = home_, connection, number](transport::HttpResponse response) {
    const std::shared_ptr<runtime::EventLoop> loop = home.lock();
    if (!loop) return;
    loop->post([this, connection, number, answer = std::move(response)]() mutable {
      questions_.answer();
      if (HttpConnection* asker = requests_.find(connection)) asker->respond(number, std::move(answer));
    });
  });
}

}  // namespace nx::gateway
