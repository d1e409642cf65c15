// How a shard ends: closes spread over the grace period, then the loop, once every question was answered or given up.

#include <algorithm>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kAnswerPatience{6'000};  // beyond a JWKS fetch and a statement's limit

}  // namespace

void Shard::close_gradually() {
  loop_.post([this] {
    closure_ = std::make_unique<Closure>();
    closure_->begin = loop_.now();
    requests_.each([](HttpConnection& connection) { connection.finish_if_idle(); });
    sessions_.each([this](const WsConnection& connection) { closure_->seats.push_back(connection.key()); });
    continue_closing();
  });
}

void Shard::continue_closing() {
  if (stopping_) end_when_answered();
  if (!closure_ || closure_->closed == closure_->seats.size()) return;
  const auto grace =
      std::max<runtime::SteadyTime::duration>(house_.options.shutdown_grace, std::chrono::milliseconds(1));
  const double share = std::chrono::duration<double>(loop_.now() - closure_->begin) / grace;
  const auto due = std::min(closure_->seats.size(),
                            static_cast<std::size_t>(share * static_cast<double>(closure_->seats.size())) + 1);
  for (; closure_->closed < due; ++closure_->closed) {
    if (WsConnection* connection = sessions_.find(closure_->seats[closure_->closed])) {
      connection->session().close(session::kServerShuttingDown);
    }
  }
}

void Shard::stop() {
  loop_.post([this] {
    if (stopping_) return;
    stopping_ = true;
    stop_at_ = loop_.now() + kAnswerPatience;
    flush();
    sessions_.each([](WsConnection& connection) { connection.finish(); });
    requests_.each([](HttpConnection& connection) { connection.finish(); });
    tokens_.clear();
    end_when_answered();
  });
}

void Shard::end_when_answered() {
  if (unanswered_ == 0 || loop_.now() >= stop_at_) loop_.stop();
}

}  // namespace nx::gateway
