#include "bus/publisher.hpp"

#include <algorithm>
#include <utility>

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
      topology_known_(!connections.url.cluster),
      nodes_(connections.url.nodes) {
  for (const redis::Node& node : nodes_) masters_[node];
}

Publisher::~Publisher() {
  for (auto& [node, master] : masters_) {
    if (master.connection) master.connection->close();
  }
  if (scout_) scout_->close();
}

void Publisher::tick(runtime::SteadyTime now, runtime::SteadyTime received_until) {
  for (auto& [node, master] : masters_) {
    const auto connection = master.connection;
    if (connection) {
      connection->tick(now);
      drop_mute(node, master);
    } else if (now >= master.try_at) {
      open(node, master);
    }
  }
  if (const auto scout = scout_) scout->tick(now);
  bool changed = now >= probe_at_;
  for (auto& [node, master] : masters_) {
    const bool was_silent = std::exchange(master.silent, is_silent(master, received_until));
    changed = changed || master.silent != was_silent;
    if (now >= probe_at_) probe(node, master);
  }
  if (now >= probe_at_) probe_at_ = now + options_.probe_interval;
  if (changed) listener_.on_masters_changed();
  if (connections_.url.cluster && now >= topology_at_) ask_topology();
  flush();
}

void Publisher::open(const redis::Node& node, Master& master) {
  master.connection = std::make_shared<Connection>(loop_, names_, connections_, node, owner_);
  master.connection->open();
}

void Publisher::on_open(Connection& connection) {
  if (&connection == scout_.get()) {
    redis::append_command(connection.output(), {"CLUSTER", "SLOTS"});
    connection.flush();
    return;
  }
  const auto found = masters_.find(connection.node());
  Master& master = found->second;
  master.problem.clear();
  if (std::exchange(was_cut_off_, false)) {
    hold_until_ = loop_.now() + options_.hold;
    listener_.on_restored();
  }
  probe(found->first, master);
  if (!topology_known_ && !topology_asked_) ask_topology();
  listener_.on_masters_changed();
}

void Publisher::on_lost(Connection& connection, const Error& error) {
  if (&connection == scout_.get()) {
    scout_.reset();
    topology_asked_ = false;
    return;
  }
  const auto found = masters_.find(connection.node());
  std::int64_t suppressed = 0;
  if (lost_gate_.pass(suppressed)) {
    log_.write(error.kind == ErrorKind::invalid ? observe::Level::error : observe::Level::warn, "bus connection lost",
               {{"use", "publish"}, {"reason", error.message}, {"suppressed", suppressed}});
  }
  lose(found->second, error.message);
  listener_.on_masters_changed();
}

/// Returns messages that were sent but not confirmed to the queue.
void Publisher::lose(Master& master, const std::string& problem) {
  std::deque<Outgoing> unconfirmed;
  for (Sent& sent : master.sent) {
    if (sent.what == Sent::What::message) unconfirmed.push_back(std::move(sent.outgoing));
    if (sent.what == Sent::What::topology) topology_asked_ = false;
  }
  queue_.put_back(std::move(unconfirmed));
  master.sent.clear();
  master.messages = 0;
  master.probe_floor = master.probe_sent + 1;
  master.silent = false;
  master.role_known = false;
  master.connection->close();
  master.connection.reset();
  master.problem = problem;
  was_cut_off_ = was_cut_off_ || is_cut_off();
  master.try_at = loop_.now() + master.backoff.next();
  topology_at_ = std::min(topology_at_, loop_.now());  // the master may have been replaced
}

void Publisher::on_value(Connection& connection, const redis::RespValue& value) {
  if (&connection == scout_.get()) {
    const auto scout = std::exchange(scout_, nullptr);
    scout->close();
    topology_asked_ = false;
    return take_topology(value, scout->node());
  }
  if (value.type() == redis::RespType::push) return;  // this connection subscribes to nothing
  const auto found = masters_.find(connection.node());
  settle(found->first, found->second, value);
}

void Publisher::settle(const redis::Node& node, Master& master, const redis::RespValue& value) {
  if (master.sent.empty()) {
    return lose(master, node.text() + ": an answer without a command");
  }
  master.answered_at = loop_.now();
  Sent sent = std::move(master.sent.front());
  master.sent.pop_front();
  const bool failed = value.type() == redis::RespType::error;
  if (sent.what == Sent::What::topology) {
    topology_asked_ = false;
    return take_topology(value, node);
  }
  if (sent.what == Sent::What::role) return take_role(node, master, value);
  if (sent.what == Sent::What::message) --master.messages;
  if (!failed) {
    master.backoff.reset();
    if (sent.what == Sent::What::message) published_.add();
    if (sent.probe != 0) note_published(master, sent.probe);
    if (master.messages < kMaxUnconfirmed / 2) flush();
    return;
  }
  const std::string reason = node.text() + ": " + redis::explain(value.text(), "PUBLISH");
  const redis::Refusal refusal = redis::classify(value.text());
  const bool lasting = refusal == redis::Refusal::permission || refusal == redis::Refusal::other;
  std::int64_t suppressed = 0;
  if (refused_gate_.pass(suppressed)) {
    log_.write(lasting ? observe::Level::error : observe::Level::warn, "bus publish refused",
               {{"reason", reason}, {"suppressed", suppressed}});
  }
  if (sent.what == Sent::What::probe) {
    master.problem = reason;
    master.probe_floor =
        // a refused probe does not count as lost: a new subscription would not receive it either
        master.probe_sent + 1;
    return listener_.on_masters_changed();
  }
  if (lasting) return refused_.add();
  master.sent.push_front(std::move(sent));  // put back, to be sent through a node that accepts it
  lose(master, reason);
  listener_.on_masters_changed();
}

std::string Publisher::lacking() const {
  if (!topology_known_) {
    for (const auto& [node, master] : masters_) {
      if (!master.problem.empty()) return master.problem;
    }
    return topology_problem_.empty() ? "the cluster's nodes are not known yet" : topology_problem_;
  }
  for (const auto& [node, master] : masters_) {
    if (!master.problem.empty()) return master.problem;
    if (!master.connection || !master.connection->is_open()) return node.text() + ": connecting";
    if (master.silent) return node.text() + ": probes do not come back";
    if (!master.replica_problem.empty()) return master.replica_problem;
    if (!master.role_known) return node.text() + ": its role is not known yet";
    if (master.probe_received < master.probe_floor) return node.text() + ": waiting for the first probe";
  }
  return {};
}

bool Publisher::is_cut_off() const {
  return std::none_of(masters_.begin(), masters_.end(),
                      [](const auto& one) { return one.second.connection && one.second.connection->is_open(); });
}

void Publisher::release() {
  hold_until_ = {};
  flush();
}

void Publisher::send_now(std::string_view channel, std::string_view message) {
  const auto chosen = publishing_master();
  if (chosen == masters_.end()) return;
  const auto connection = chosen->second.connection;
  redis::append_command(connection->output(), {"PUBLISH", channel, message});
  chosen->second.sent.push_back({.what = Sent::What::probe, .outgoing = {}});
  connection->flush();
}

void Publisher::flush() {
  if (holding()) return;
  while (!queue_.empty()) {
    const auto chosen = publishing_master();
    if (chosen == masters_.end()) return;
    Master& master = chosen->second;
    const auto connection = master.connection;
    while (master.messages < kMaxUnconfirmed && connection->unsent() < kMaxUnsentBytes) {
      auto next = queue_.take();
      if (!next) break;
      redis::append_command(connection->output(), {"PUBLISH", next->channel, next->message});
      master.sent.push_back({.what = Sent::What::message, .outgoing = std::move(*next)});
      ++master.messages;
    }
    connection->flush();
    if (connection->is_open()) return;  // otherwise it broke: choose another master
  }
}

bool Publisher::idle() const {
  return queue_.empty() &&
         std::all_of(masters_.begin(), masters_.end(), [](const auto& one) { return one.second.messages == 0; });
}

/// The current master while it is open and its probes come back; otherwise another such master; otherwise any open one.
/// Only masters whose role is known are considered: a replica accepts messages too, but hardly any subscriber receives
/// them.
Publisher::Masters::iterator Publisher::publishing_master() {
  const auto open = [](const Master& master) {
    return master.connection && master.connection->is_open() && master.role_known;
  };
  const auto current = masters_.find(via_);
  if (current != masters_.end() && open(current->second) && !current->second.silent) return current;
  auto best = masters_.end();
  if (masters_.empty()) return best;
  auto at = std::next(masters_.begin(), static_cast<std::ptrdiff_t>(options_.start % masters_.size()));
  for (std::size_t i = 0; i < masters_.size(); ++i, ++at) {
    if (at == masters_.end()) at = masters_.begin();
    if (!open(at->second)) continue;
    if (best == masters_.end() || (best->second.silent && !at->second.silent)) best = at;
  }
  if (best != masters_.end()) via_ = best->first;
  return best;
}

}  // namespace nx::bus
