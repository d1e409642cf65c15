#include "gateway/late_hints.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kSlotsPerPiece = 256;

}  // namespace

void LateHints::begin(EpochMs since) {
  if (!context_.lookups.recent) return;
  since_ = running_ ? std::min(since_, since) : since;
  running_ = true;
  slot_ = 0;
}

bool LateHints::step() {
  if (!running_ || asked_) return false;
  std::vector<UserId> users;
  std::vector<fanout::SlotKey> askers;
  const std::size_t end = std::min(slot_ + kSlotsPerPiece, sessions_.end());
  for (; slot_ < end && users.size() < session::kUsersPerQuestion; ++slot_) {
    const WsConnection* const connection = sessions_.at(static_cast<std::uint32_t>(slot_));
    if (connection == nullptr || !connection->session().is_open()) continue;
    users.push_back(connection->session().user().id);
    askers.push_back(connection->key());
  }
  if (slot_ >= sessions_.end()) running_ = false;
  if (!users.empty()) ask(std::move(users), std::move(askers));
  return true;
}

void LateHints::ask(std::vector<UserId> users, std::vector<fanout::SlotKey> askers) {
  questions_.ask();
  asked_ = true;
  context_.lookups.recent(std::move(users), since_, loop_,
                          [this, askers = std::move(askers)](const Answer& answer) { answered(askers, answer); });
}

void LateHints::answered(const std::vector<fanout::SlotKey>& askers, const Answer& answer) {
  questions_.answer();
  asked_ = false;
  if (!answer || answer->size() != askers.size()) {
    if (std::int64_t suppressed = 0; context_.late_hints_gate.pass(suppressed)) {
      context_.log.warn("hints of a gap of the bus not read",
                        {{"clients", askers.size()},
                         {"reason", answer ? "no answer" : answer.error().message},
                         {"suppressed", suppressed}});
    }
    return;
  }
  for (std::size_t i = 0; i < askers.size(); ++i) {
    WsConnection* const connection = sessions_.find(askers[i]);
    if (connection == nullptr || !connection->session().is_open() || (*answer)[i].empty()) continue;
    push(*connection, (*answer)[i]);
    connection->answered();
  }
}

/// Without those that the client was sent before, and those that are older than its connection.
void LateHints::push(WsConnection& connection, const std::vector<session::RecentHint>& hints) {
  const std::vector<std::int64_t> sent = push_log_.seqs_of(connection.user_hash(), connection.key());
  const auto what = connection.session().catching_up() ? PushLog::What::held : PushLog::What::pushed;
  const EpochMs now = now_wall();
  for (const session::RecentHint& hint : hints) {
    if (hint.at < connection.connected_at() || std::ranges::find(sent, hint.seq) != sent.end()) continue;
    push_log_.add(connection.user_hash(), hint.seq, connection.key(), what, now);
    connection.session().push(hint.text, {}, hint.seq);
    counters_.late_hints.add();
  }
}

}  // namespace nx::gateway
