#include "gateway/late_hints.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "crypto/sealer.hpp"
#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSlotsPerPiece = 256;
constexpr std::chrono::seconds kPause = 1s;         // after a question without an answer
constexpr std::chrono::seconds kGiveUpAfter = 30s;  // without an answer
constexpr std::chrono::milliseconds kClocks = 30s;  // a notification has the time of the machine that stored it

}  // namespace

void LateHints::begin(EpochMs since) {
  if (!context_.lookups.recent) return;
  since_ = left_ > 0 || asked_ ? std::min(since_, since) : since;
  left_ = sessions_.end();
  failing_since_.reset();
}

std::optional<std::size_t> LateHints::step() {
  if (has_answer()) return push_next();
  if (left_ == 0 || asked_ || loop_.now() < not_before_) return std::nullopt;
  if (context_.late_hints_asked.exchange(true)) return std::nullopt;  // another shard; the next turn tries again
  asked_ = true;
  ask(examine());
  return 0;
}

/// Returns the users of the next slots.
std::vector<UserId> LateHints::examine() {
  std::vector<UserId> users;
  askers_.clear();
  left_ = std::min(left_, sessions_.end());
  for (visited_ = 0; left_ > 0 && visited_ < kSlotsPerPiece && users.size() < session::kUsersPerQuestion; ++visited_) {
    if (slot_ >= sessions_.end()) slot_ = 0;
    const WsConnection* const connection = sessions_.at(static_cast<std::uint32_t>(slot_));
    if (connection != nullptr && connection->session().is_open()) {
      users.push_back(connection->session().user().id);
      askers_.push_back({connection->key(), visited_});
    }
    ++slot_;
    --left_;
  }
  return users;
}

void LateHints::ask(std::vector<UserId> users) {
  if (users.empty()) return finish();
  questions_.ask();
  context_.lookups.recent(std::move(users), since_, loop_, [this](Answer answer) { answered(std::move(answer)); });
}

void LateHints::answered(Answer answer) {
  questions_.answer();
  if (!answer || answer->empty()) return failed(answer ? "no answer" : answer.error().message);
  failing_since_.reset();
  answer_ = std::move(*answer);
  next_ = 0;
  if (answer_.size() < askers_.size()) return_to(askers_[answer_.size()]);
}

void LateHints::failed(std::string_view why) {
  const runtime::SteadyTime now = loop_.now();
  if (!failing_since_) failing_since_ = now;
  not_before_ = now + kPause;
  return_to(askers_.front());
  finish();
  if (now - *failing_since_ < kGiveUpAfter) return;
  if (std::int64_t suppressed = 0; context_.late_hints_gate.pass(suppressed)) {
    context_.log.warn("hints of a gap of the bus not read", {{"reason", why}, {"suppressed", suppressed}});
  }
  left_ = 0;
  failing_since_.reset();
}

/// The round continues with this client of the last question.
void LateHints::return_to(const Asker& asker) {
  slot_ = asker.key.slot;
  left_ = std::min(left_ + visited_ - asker.visited_before, sessions_.end());
}

/// Another question may be asked, by any shard.
void LateHints::finish() {
  answer_.clear();
  asked_ = false;
  context_.late_hints_asked.store(false);
}

std::size_t LateHints::push_next() {
  std::size_t bytes = 0;
  const std::size_t next = next_++;
  WsConnection* const connection = sessions_.find(askers_[next].key);
  if (connection != nullptr && connection->session().is_open() && !answer_[next].empty()) {
    bytes = push(*connection, answer_[next]);
    connection->answered();
  }
  answer_[next] = {};
  if (next_ == std::min(answer_.size(), askers_.size())) finish();
  return bytes;
}

/// Without those that the client was sent before, and those that are older than its connection. The log is read for
/// each client anew, because live hints are sent between two steps.
std::size_t LateHints::push(WsConnection& connection, const std::vector<session::RecentHint>& hints) {
  const std::vector<std::int64_t> sent = push_log_.seqs_of(connection.user_hash(), connection.key());
  const auto what = connection.session().catching_up() ? PushLog::What::held : PushLog::What::pushed;
  const EpochMs now = now_wall();
  const EpochMs oldest{connection.connected_at().value - kClocks.count()};
  std::size_t bytes = 0;
  for (const session::RecentHint& hint : hints) {
    if (hint.at < oldest || std::ranges::find(sent, hint.seq) != sent.end()) continue;
    push_log_.add(connection.user_hash(), hint.seq, connection.key(), what, now);
    connection.session().push(hint.text, {}, hint.seq);
    bytes += crypto::Sealer::envelope_size(hint.text.size());
    counters_.late_hints.add();
  }
  return bytes;
}

}  // namespace nx::gateway
