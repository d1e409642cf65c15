#include "gateway/gradual_close.hpp"

#include <algorithm>
#include <chrono>

#include "gateway/http_connection.hpp"
#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kClosesPerPiece = 16;

}  // namespace

GradualClose::GradualClose(const Slots<WsConnection>& sessions, const Slots<HttpConnection>& requests, const Plan& plan)
    : sessions_(sessions), requests_(requests), plan_(plan) {
  requests_.each([this](const HttpConnection& connection) { to_examine_.push_back(connection.key()); });
  sessions_.each([this](const WsConnection& connection) { to_close_.push_back(connection.key()); });
}

/// How many sessions should be closed by now.
std::size_t GradualClose::due(runtime::SteadyTime now) const {
  const auto grace = std::max<runtime::SteadyTime::duration>(plan_.grace, std::chrono::milliseconds(1));
  const double share = std::chrono::duration<double>(now - plan_.begin) / grace;
  return std::min(to_close_.size(), static_cast<std::size_t>(share * static_cast<double>(to_close_.size())) + 1);
}

bool GradualClose::step(runtime::SteadyTime now) {
  if (plan_.batches_before > 0) return false;
  std::size_t done = 0;
  for (; done < kClosesPerPiece && !to_examine_.empty(); ++done) {
    HttpConnection* const connection = requests_.find(to_examine_.back());
    to_examine_.pop_back();
    if (connection != nullptr) connection->finish_if_idle();
  }
  for (const std::size_t due_now = due(now); done < kClosesPerPiece && closed_ < due_now; ++closed_, ++done) {
    if (WsConnection* connection = sessions_.find(to_close_[closed_])) {
      connection->session().close(session::kServerShuttingDown);
    }
  }
  return done > 0;
}

}  // namespace nx::gateway
