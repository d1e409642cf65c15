// How a shard ends: closes are spread over the grace period, then the loop stops once every question is answered or has
// timed out.

#include <algorithm>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kAnswerPatience{6'000};  // longer than a JWKS fetch and the limit of a statement
constexpr std::size_t kClosesPerPiece = 16;

/// Returns the next connection from `slot` on, wrapping around. There must be at least one.
template <class Connection>
Connection& next_of(const Slots<Connection>& connections, std::uint32_t& slot) {
  for (;;) {
    if (slot >= connections.end()) slot = 0;
    if (Connection* const found = connections.at(slot++)) return *found;
  }
}

}  // namespace

void Shard::close_gradually() {
  loop_.post([this] {
    gradual_close_ = std::make_unique<GradualClose>();
    gradual_close_->begin = loop_.now();
    gradual_close_->batches_before = (deliveries_.empty() ? 0 : 1) + (has_mail_ ? 1 : 0);
    requests_.each([this](const HttpConnection& connection) { gradual_close_->requests.push_back(connection.key()); });
    sessions_.each([this](const WsConnection& connection) { gradual_close_->sessions.push_back(connection.key()); });
  });
}

bool Shard::close_piece() {
  if (!gradual_close_ || gradual_close_->batches_before > 0) return false;
  std::size_t done = 0;
  for (; done < kClosesPerPiece && !gradual_close_->requests.empty(); ++done) {
    HttpConnection* const connection = requests_.find(gradual_close_->requests.back());
    gradual_close_->requests.pop_back();
    if (connection != nullptr) connection->finish_if_idle();
  }
  const auto grace =
      std::max<runtime::SteadyTime::duration>(context_.options.shutdown_grace, std::chrono::milliseconds(1));
  const double share = std::chrono::duration<double>(loop_.now() - gradual_close_->begin) / grace;
  const auto due = std::min(gradual_close_->sessions.size(),
                            static_cast<std::size_t>(share * static_cast<double>(gradual_close_->sessions.size())) + 1);
  for (; done < kClosesPerPiece && gradual_close_->closed < due; ++gradual_close_->closed, ++done) {
    if (WsConnection* connection = sessions_.find(gradual_close_->sessions[gradual_close_->closed])) {
      connection->session().close(session::kServerShuttingDown);
    }
  }
  return done > 0;
}

void Shard::stop() {
  loop_.post([this] {
    if (stopping_) return;
    stopping_ = true;
    stop_at_ = loop_.now() + kAnswerPatience;
    flush();
    tokens_.clear();
    missed_questions_.clear();
    queries_.clear();
  });
}

/// Ends as many connections as one turn allows. The loop continues until none is left, because a request that is not
/// ended yet may still be upgraded to another connection.
void Shard::end_connections() {
  working_.begin(std::chrono::steady_clock::now());
  while (sessions_.count() + requests_.count() > 0) {
    if (sessions_.count() > 0) {
      next_of(sessions_, ending_session_).finish();
    } else {
      next_of(requests_, ending_request_).finish();
    }
    if (working_.lasts()) continue;
    counters_.turns_cut.add();
    return loop_.again();
  }
  write_acks();  // no client is left that could acknowledge more
  end_when_answered();
}

void Shard::end_when_answered() {
  const bool idle = unanswered_ == 0 && sessions_.count() + requests_.count() == 0;
  if (idle || loop_.now() >= stop_at_) loop_.stop();
}

}  // namespace nx::gateway
