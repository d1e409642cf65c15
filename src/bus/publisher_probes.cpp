// Checks whether each master is alive, whether its probes come back through our subscription, and whether it is still a
// master.

#include <algorithm>
#include <charconv>
#include <utility>

#include "bus/publisher.hpp"
#include "redis/resp_command.hpp"

namespace nx::bus {

void Publisher::probe(const redis::Node& node, Master& master) {
  if (!master.connection || !master.connection->is_open()) return;
  redis::append_command(master.connection->output(),
                        {"PUBLISH", options_.probe_channel, node.text() + ' ' + std::to_string(++master.probe_sent)});
  master.sent.push_back({.what = Sent::What::probe, .outgoing = {}, .probe = master.probe_sent});
  redis::append_command(master.connection->output(), {"ROLE"});
  master.sent.push_back({.what = Sent::What::role, .outgoing = {}});
  master.connection->flush();
}

void Publisher::note_published(Master& master, std::uint64_t probe) const {
  if (master.published.size() < options_.missing_probes) master.published.emplace_back(probe, loop_.now());
}

/// A probe is lost when Redis has accepted it and the subscription has meanwhile received what was published after it.
/// While the subscription is still busy with earlier messages, a probe may still be on its way.
bool Publisher::is_silent(Master& master, runtime::SteadyTime received_until) const {
  auto& published = master.published;
  const std::uint64_t first = std::max(master.probe_received + 1, master.probe_floor);
  while (!published.empty() && published.front().first < first) published.pop_front();
  return published.size() >= options_.missing_probes &&
         published.back().second + options_.probe_detour < received_until;
}

/// A returned probe does not show whether the node is still a master: a former master continues as a replica and still
/// accepts messages.
void Publisher::take_role(const redis::Node& node, Master& master, const redis::RespValue& reply) {
  const bool refused = reply.type() == redis::RespType::error;
  if (refused && redis::classify(reply.text()) == redis::Refusal::retry) return;  // asked again with the next probe
  if (refused && !std::exchange(role_refused_, true)) {
    log_.warn("bus can not read the role of a node: a failover may go unnoticed",
              {{"reason", node.text() + ": " + redis::explain(reply.text(), "ROLE")}});
  }
  if (refused || reply.size() < 3 || reply.at(0).text() != "slave") {
    master.replica_problem.clear();
    if (std::exchange(master.role_known, true)) return;
    flush();
    return listener_.on_masters_changed();
  }
  master.replica_problem = node.text() + ": is a replica of " + std::string(reply.at(1).text()) + ":" +
                           std::to_string(reply.at(2).number()) +
                           ": messages published there do not reach all subscribers; SIGNAL_REDIS_URL must point to "
                           "the master";
  const std::string problem = master.replica_problem;
  std::int64_t suppressed = 0;
  if (lost_gate_.pass(suppressed)) {
    log_.warn("bus connection lost", {{"use", "publish"}, {"reason", problem}, {"suppressed", suppressed}});
  }
  lose(master, problem);
  listener_.on_replica(problem);
  listener_.on_masters_changed();
}

void Publisher::restart_probes() {
  for (auto& [node, master] : masters_) {
    master.probe_floor = master.probe_sent + 1;
    master.silent = false;
    probe(node, master);
  }
  probe_at_ = loop_.now() + options_.probe_interval;
}

void Publisher::receive_probe(std::string_view probe) {
  const std::size_t space = probe.rfind(' ');
  if (space == std::string_view::npos) return;
  std::uint64_t number = 0;
  std::from_chars(probe.data() + space + 1, probe.data() + probe.size(), number);
  for (auto& [node, master] : masters_) {
    if (node.text() != probe.substr(0, space) || number <= master.probe_received || number > master.probe_sent)
      continue;
    master.probe_received = number;
    if (number < master.probe_floor) return;
    master.silent = false;
    master.problem.clear();
    listener_.on_masters_changed();
    return;
  }
}

/// Drops a connection that answers nothing. Received bytes (pushes, a value that never ends) reset the silence time-out
/// of the connection, but they do not answer its commands.
void Publisher::drop_mute(const redis::Node& node, Master& master) {
  const auto now = loop_.now();
  if (!master.connection || master.sent.empty()) {
    master.answered_at = now;
    return;
  }
  if (now <= master.answered_at + options_.answer_within) return;
  const std::string problem =
      node.text() + ": no answer within " + std::to_string(options_.answer_within.count()) + " ms";
  std::int64_t suppressed = 0;
  if (lost_gate_.pass(suppressed)) {
    log_.warn("bus connection lost", {{"use", "publish"}, {"reason", problem}, {"suppressed", suppressed}});
  }
  lose(master, problem);
  listener_.on_masters_changed();
}

bool Publisher::has_silent_master() const {
  return std::any_of(masters_.begin(), masters_.end(), [](const auto& one) { return one.second.silent; });
}

void Publisher::drop_silent() {
  for (auto& [node, master] : masters_) {
    if (master.silent && master.connection) lose(master, node.text() + ": probes do not come back");
  }
}

}  // namespace nx::bus
