#include "bus/publisher.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "redis/resp_command.hpp"

namespace nx::bus {
namespace {

constexpr std::size_t kMaxUnconfirmed = 1'000;
constexpr std::size_t kMaxUnsentBytes = 1U << 20U;

}  // namespace

Publisher::Publisher(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& connections,
                     PublisherOptions options, OutgoingQueue& queue, Listener& listener, const observe::Logger& log)
    : loop_(loop),
      names_(names),
      connections_(connections),
      options_(std::move(options)),
      queue_(queue),
      listener_(listener),
      log_(log),
      masters_(connections.url.nodes, options_.start),
      topology_(loop, names, connections, *this, lost_gate_, log) {}

Publisher::~Publisher() {
  for (auto& [node, master] : masters_.map()) {
    if (master.connection) master.connection->close();
  }
}

void Publisher::tick(runtime::SteadyTime now, runtime::SteadyTime received_until) {
  for (auto& [node, master] : masters_.map()) {
    const auto connection = master.connection;
    if (connection) {
      connection->tick(now);
      drop_mute(node, master);
    } else if (now >= master.try_at) {
      open(node, master);
    }
  }
  topology_.tick(now);
  bool changed = now >= probe_at_;
  for (auto& [node, master] : masters_.map()) {
    changed = master.probes.judge(received_until) || changed;
    if (now >= probe_at_) probe(node, master);
  }
  if (now >= probe_at_) probe_at_ = now + options_.probe_interval;
  if (changed) listener_.on_masters_changed();
  if (topology_.due(now)) ask_topology();
  flush();
}

void Publisher::open(const redis::Node& node, Master& master) {
  master.connection = std::make_shared<Connection>(loop_, names_, connections_, node, owner_);
  master.connection->open();
}

void Publisher::on_open(Connection& connection) {
  auto& [node, master] = masters_.at(connection.node());
  master.problem.clear();
  if (std::exchange(was_cut_off_, false)) {
    hold_until_ = loop_.now() + options_.hold;
    listener_.on_restored();
  }
  probe(node, master);
  if (!topology_.known() && !topology_.is_asked()) ask_topology();
  listener_.on_masters_changed();
}

void Publisher::on_lost(Connection& connection, const Error& error) {
  log_lost(error.kind == ErrorKind::invalid ? observe::Level::error : observe::Level::warn, error.message);
  lose(masters_.at(connection.node()).second, error.message);
  listener_.on_masters_changed();
}

void Publisher::log_lost(observe::Level level, const std::string& reason) {
  std::int64_t suppressed = 0;
  if (!lost_gate_.pass(suppressed)) return;
  log_.write(level, "bus connection lost", {{"use", "publish"}, {"reason", reason}, {"suppressed", suppressed}});
}

/// Returns messages that were sent but not confirmed to the queue.
void Publisher::lose(Master& master, const std::string& problem) {
  std::deque<Outgoing> unconfirmed;
  for (Sent& sent : master.sent) {
    if (sent.what == Sent::What::message) unconfirmed.push_back(std::move(sent.outgoing));
    if (sent.what == Sent::What::topology) topology_.lost();
  }
  queue_.put_back(std::move(unconfirmed));
  master.sent.clear();
  master.messages = 0;
  master.probes.restart();
  master.role.forget();
  master.connection->close();
  master.connection.reset();
  master.problem = problem;
  was_cut_off_ = was_cut_off_ || !masters_.any_open();
  master.try_at = loop_.now() + master.backoff.next();
  topology_.ask_by(loop_.now());  // the master may have been replaced
}

void Publisher::on_value(Connection& connection, const redis::RespValue& value) {
  if (value.type() == redis::RespType::push) return;  // this connection subscribes to nothing
  auto& [node, master] = masters_.at(connection.node());
  settle(node, master, value);
}

void Publisher::settle(const redis::Node& node, Master& master, const redis::RespValue& value) {
  if (master.sent.empty()) {
    return lose(master, node.text() + ": an answer without a command");
  }
  master.answered_at = loop_.now();
  Sent sent = std::move(master.sent.front());
  master.sent.pop_front();
  if (sent.what == Sent::What::topology) return topology_.take(value, node);
  if (sent.what == Sent::What::role) return take_role(node, master, value);
  if (sent.what == Sent::What::message) --master.messages;
  if (value.type() == redis::RespType::error) return settle_refused(node, master, std::move(sent), value.text());
  settle_accepted(master, sent);
}

void Publisher::settle_accepted(Master& master, const Sent& sent) {
  master.backoff.reset();
  if (sent.what == Sent::What::message) published_.add();
  if (sent.probe != 0) master.probes.accepted(sent.probe, loop_.now());
  if (master.messages < kMaxUnconfirmed / 2) flush();
}

void Publisher::settle_refused(const redis::Node& node, Master& master, Sent sent, std::string_view text) {
  const std::string reason = fmt::format("{}: {}", node.text(), redis::explain(text, "PUBLISH"));
  const redis::Refusal refusal = redis::classify(text);
  const bool lasting = refusal == redis::Refusal::permission || refusal == redis::Refusal::other;
  std::int64_t suppressed = 0;
  if (refused_gate_.pass(suppressed)) {
    log_.write(lasting ? observe::Level::error : observe::Level::warn, "bus publish refused",
               {{"reason", reason}, {"suppressed", suppressed}});
  }
  if (sent.what == Sent::What::probe) {
    master.problem = reason;
    master.probes.ignore_sent();
    return listener_.on_masters_changed();
  }
  if (lasting) return refused_.add();
  master.sent.push_front(std::move(sent));  // put back, to be sent through a node that accepts it
  lose(master, reason);
  listener_.on_masters_changed();
}

std::string Publisher::lacking() const {
  if (topology_.known()) return masters_.lacking();
  std::string problem = masters_.problem();
  if (!problem.empty()) return problem;
  return topology_.problem().empty() ? "the cluster's nodes are not known yet" : topology_.problem();
}

void Publisher::release() {
  hold_until_ = {};
  flush();
}

void Publisher::send_now(std::string_view channel, std::string_view message) {
  Master* const master = masters_.publishing();
  if (master == nullptr) return;
  const auto connection = master->connection;
  redis::append_command(connection->output(), {"PUBLISH", channel, message});
  master->sent.push_back({.what = Sent::What::probe, .outgoing = {}});
  connection->flush();
}

void Publisher::flush() {
  if (holding()) return;
  while (!queue_.empty()) {
    Master* const master = masters_.publishing();
    if (master == nullptr) return;
    const auto connection = master->connection;
    while (master->messages < kMaxUnconfirmed && connection->unsent() < kMaxUnsentBytes) {
      auto next = queue_.take();
      if (!next) break;
      redis::append_command(connection->output(), {"PUBLISH", next->channel, next->message});
      master->sent.push_back({.what = Sent::What::message, .outgoing = std::move(*next)});
      ++master->messages;
    }
    connection->flush();
    if (connection->is_open()) return;  // otherwise it broke: choose another master
  }
}

void Publisher::probe(const redis::Node& node, Master& master) {
  if (!master.is_open()) return;
  const std::uint64_t number = master.probes.next();
  redis::append_command(master.connection->output(),
                        {"PUBLISH", options_.probe_channel, node.text() + ' ' + std::to_string(number)});
  master.sent.push_back({.what = Sent::What::probe, .outgoing = {}, .probe = number});
  redis::append_command(master.connection->output(), {"ROLE"});
  master.sent.push_back({.what = Sent::What::role, .outgoing = {}});
  master.connection->flush();
}

void Publisher::take_role(const redis::Node& node, Master& master, const redis::RespValue& reply) {
  const bool refused = reply.type() == redis::RespType::error;
  if (refused && redis::classify(reply.text()) == redis::Refusal::retry) return;  // asked again with the next probe
  if (refused && !std::exchange(role_refused_, true)) {
    log_.warn("bus cannot read the role of a node: a failover may go unnoticed",
              {{"reason", fmt::format("{}: {}", node.text(), redis::explain(reply.text(), "ROLE"))}});
  }
  switch (master.role.take(node, reply)) {
    case MasterRole::Answer::known_already:
      return;
    case MasterRole::Answer::master:
      flush();
      return listener_.on_masters_changed();
    case MasterRole::Answer::replica:
      break;
  }
  const std::string problem = master.role.problem();
  log_lost(observe::Level::warn, problem);
  lose(master, problem);
  listener_.on_replica(problem);
  listener_.on_masters_changed();
}

void Publisher::restart_probes() {
  for (auto& [node, master] : masters_.map()) {
    master.probes.restart();
    probe(node, master);
  }
  probe_at_ = loop_.now() + options_.probe_interval;
}

void Publisher::receive_probe(std::string_view probe) {
  const std::size_t space = probe.rfind(' ');
  if (space == std::string_view::npos) return;
  std::uint64_t number = 0;
  std::from_chars(probe.data() + space + 1, probe.data() + probe.size(), number);
  for (auto& [node, master] : masters_.map()) {
    if (node.text() != probe.substr(0, space) || !master.probes.receive(number)) continue;
    master.problem.clear();
    return listener_.on_masters_changed();
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
  const std::string problem = fmt::format("{}: no answer within {} ms", node.text(), options_.answer_within.count());
  log_lost(observe::Level::warn, problem);
  lose(master, problem);
  listener_.on_masters_changed();
}

void Publisher::drop_silent() {
  for (auto& [node, master] : masters_.map()) {
    if (master.probes.silent() && master.connection) lose(master, node.text() + ": probes do not come back");
  }
}

void Publisher::ask_topology() {
  const bool whole = topology_.known() && masters_.all_open();
  topology_.ask_at(loop_.now() + (whole ? options_.topology_interval : options_.topology_retry));
  if (topology_.is_asked()) return;
  Masters::Entry* const chosen = masters_.to_ask_after(topology_.last_asked());
  if (chosen == nullptr) return topology_.ask_another_node();
  Master& master = chosen->second;
  topology_.ask(*master.connection);
  master.sent.push_back({.what = Sent::What::topology, .outgoing = {}});
  master.connection->flush();
}

void Publisher::on_topology(const std::vector<redis::Node>& masters, const std::vector<redis::Node>& nodes) {
  auto& map = masters_.map();
  for (auto at = map.begin(); at != map.end();) {
    if (std::binary_search(masters.begin(), masters.end(), at->first)) {
      ++at;
      continue;
    }
    if (at->second.connection) lose(at->second, "is no longer a master");
    at = map.erase(at);
  }
  for (const redis::Node& node : masters) map[node];
  topology_.ask_not_before(loop_.now() + options_.topology_retry);  // nodes may disagree for a while
  listener_.on_nodes(nodes);
  listener_.on_masters_changed();
}

}  // namespace nx::bus
