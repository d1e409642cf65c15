// How a shard ends: closes spread over the grace period, then the loop, once every question was answered or given up.

#include <algorithm>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kAnswerPatience{6'000};  // beyond a JWKS fetch and a statement's limit
constexpr std::size_t kClosesPerPiece = 16;

/// The next from that slot on, round and round; there is one.
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

/// As many as a turn takes. One that is not ended yet may still become another: a request that is upgraded.
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
  write_acks();  // nobody is left to say more
  end_when_answered();
}

void Shard::end_when_answered() {
  const bool idle = unanswered_ == 0 && sessions_.count() + requests_.count() == 0;
  if (idle || loop_.now() >= stop_at_) loop_.stop();
}

}  // namespace nx::gateway
