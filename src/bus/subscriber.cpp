#include "bus/subscriber.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "redis/resp_command.hpp"

namespace nx::bus {

using redis::RespType;

namespace {

constexpr std::size_t kPing = 0;  // marks a PING in Subscriber::awaited_
constexpr std::size_t kMaxAwaited = 64;

}  // namespace

Subscriber::Subscriber(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& connections,
                       SubscriberOptions options, std::size_t start, ExactChannels& exact, Listener& listener,
                       const observe::Logger& log)
    : loop_(loop),
      names_(names),
      connections_(connections),
      options_(std::move(options)),
      exact_(exact),
      listener_(listener),
      log_(log),
      nodes_(connections.url.nodes),
      at_(start) {}

Subscriber::~Subscriber() {
  if (connection_) connection_->close();
}

void Subscriber::use(const std::vector<redis::Node>& nodes) {
  if (nodes == nodes_ || nodes.empty()) return;
  const redis::Node current = node();
  nodes_ = nodes;
  const auto same = std::find(nodes_.begin(), nodes_.end(), current);
  if (same != nodes_.end()) at_ = static_cast<std::size_t>(same - nodes_.begin());
  failures_ = 0;
}

void Subscriber::rotate(const std::string& reason) {
  lose(ErrorKind::unavailable, reason);
}

void Subscriber::tick(runtime::SteadyTime now) {
  if (const auto connection = connection_) {
    connection->tick(now);
  } else if (now >= try_at_) {
    connection_ = std::make_shared<Connection>(loop_, names_, connections_, node(), owner_);
    connection_->open();
  }
  if (!connection_ || !connection_->is_open()) return;
  if (confirmation_is_late(now)) {
    return lose(ErrorKind::unavailable, node().text() + ": a subscription is not confirmed");
  }
  // Received bytes alone do not show that the server is alive: a value that never ends may arrive for ever.
  if (!pings_.empty() && now > pings_.front() + options_.behind_at_most) {
    return lose(ErrorKind::unavailable,
                fmt::format("{}: a PING is not answered within {} ms", node().text(), options_.behind_at_most.count()));
  }
  if (now >= ping_at_ && awaited_.size() < kMaxAwaited) {
    ping_at_ = now + options_.ping_interval;
    redis::append_command(connection_->output(), {"PING"});
    awaited_.push_back(kPing);
    pings_.push_back(now);
    connection_->flush();
  }
}

/// A confirmation may wait behind many messages. It is late only when the answer to a later PING has arrived before it,
/// or when nothing arrives at all.
bool Subscriber::confirmation_is_late(runtime::SteadyTime now) const {
  if (all_confirmed() || now <= slice_at_ + options_.confirm_within) return false;
  return caught_up_ > slice_at_ || now > connection_->last_received() + options_.confirm_within;
}

void Subscriber::answered_ping() {
  if (pings_.empty()) return;
  caught_up_ = pings_.front();
  pings_.pop_front();
}

void Subscriber::on_open(Connection& connection) {
  std::vector<std::string> subscribe{"SUBSCRIBE"}, by_pattern{"PSUBSCRIBE"};
  subscribe.insert(subscribe.end(), options_.channels.begin(), options_.channels.end());
  by_pattern.insert(by_pattern.end(), options_.patterns.begin(), options_.patterns.end());
  if (!options_.channels.empty()) redis::append_command(connection.output(), subscribe);
  if (!options_.patterns.empty()) redis::append_command(connection.output(), by_pattern);
  awaited_.clear();
  pings_.clear();
  caught_up_ = {};
  for (const std::size_t confirmations : {options_.channels.size(), options_.patterns.size()}) {
    if (confirmations > 0) awaited_.push_back(confirmations);
  }
  base_confirmed_ = false;
  slice_at_ = loop_.now();
  ping_at_ = loop_.now() + options_.ping_interval;
  exact_.restart();
  connection.flush();
}

void Subscriber::update() {
  if (!connection_ || !connection_->is_open()) {
    for (const auto& over : exact_.settled()) over();
  } else if (base_confirmed_ && all_confirmed()) {
    send_next_slice();
  }
}

void Subscriber::send_next_slice() {
  const ExactChannels::Slice slice = exact_.next_slice();
  if (slice.channels.empty()) {
    for (const auto& over : exact_.settled()) over();
    if (!std::exchange(confirmed_, true)) {
      failures_ = 0;
      backoff_.reset();
      listener_.on_confirmed();
    }
    return;
  }
  std::vector<std::string> command{slice.subscribe ? "SUBSCRIBE" : "UNSUBSCRIBE"};
  command.insert(command.end(), slice.channels.begin(), slice.channels.end());
  redis::append_command(connection_->output(), command);
  awaited_.push_back(slice.channels.size());
  slice_at_ = loop_.now();
  connection_->flush();
}

void Subscriber::on_value(Connection&, const redis::RespValue& value) {
  if (value.type() == RespType::error) return on_refusal(value.text());
  const std::string_view kind = value.size() < 2 ? "pong" : value.at(0).text();
  if (kind == "message" || kind == "pmessage") {
    const std::uint32_t channel = kind == "message" ? 1 : 2;
    if (value.size() != channel + 2) return;
    const redis::RespValue payload = value.at(channel + 1);
    if (payload.type() == RespType::too_large) {
      listener_.on_too_large(value.at(channel).text(), static_cast<std::size_t>(payload.number()));
    } else {
      listener_.on_message(value.at(channel).text(), payload.text());
    }
    return;
  }
  if (kind == "pong") {
    const auto ping = std::find(awaited_.begin(), awaited_.end(), kPing);
    if (ping != awaited_.end()) awaited_.erase(ping);
    answered_ping();
  } else if (kind == "subscribe" || kind == "psubscribe" || kind == "unsubscribe" || kind == "punsubscribe") {
    on_confirmation();
  }
}

void Subscriber::on_refusal(std::string_view error) {
  const auto refusal = redis::classify(error);
  const bool of_ping = !awaited_.empty() && awaited_.front() == kPing;
  const bool setting = refusal == redis::Refusal::permission || refusal == redis::Refusal::credentials ||
                       refusal == redis::Refusal::no_password;
  // An error in reply to a PING (MISCONF of a Redis whose disk is full, LOADING, BUSY) is an answer too, and pub/sub
  // continues.
  if (of_ping && !setting) {
    answered_ping();
    return awaited_.pop_front();
  }
  lose(setting ? ErrorKind::invalid : ErrorKind::unavailable,
       fmt::format("{}: {}", node().text(), redis::explain(error, of_ping ? "PING" : "SUBSCRIBE")));
}

void Subscriber::on_confirmation() {
  const auto one = std::find_if(awaited_.begin(), awaited_.end(), [](std::size_t left) { return left != kPing; });
  if (one == awaited_.end() || --*one > 0) return;
  awaited_.erase(one);
  if (!all_confirmed()) return;
  if (std::exchange(base_confirmed_, true)) {
    for (const auto& over : exact_.settled()) over();
  }
  send_next_slice();
}

bool Subscriber::all_confirmed() const {
  return std::all_of(awaited_.begin(), awaited_.end(), [](std::size_t one) { return one == kPing; });
}

void Subscriber::on_lost(Connection&, const Error& error) {
  lose(error.kind, error.message);
}

void Subscriber::lose(ErrorKind kind, const std::string& reason) {
  std::int64_t suppressed = 0;
  if (lost_gate_.pass(suppressed)) {
    log_.write(kind == ErrorKind::invalid ? observe::Level::error : observe::Level::warn, "bus connection lost",
               {{"use", "subscribe"}, {"reason", reason}, {"suppressed", suppressed}});
  }
  if (connection_) connection_->close();
  connection_.reset();
  awaited_.clear();
  base_confirmed_ = false;
  confirmed_ = false;
  problem_ = reason;
  // The next node is tried at once; when all nodes have failed in a row, the subscriber waits.
  ++at_;
  ++failures_;
  try_at_ = failures_ < nodes_.size() ? loop_.now() : loop_.now() + backoff_.next();
  for (const auto& over : exact_.lost()) over();
  listener_.on_subscription_lost();
}

}  // namespace nx::bus
