#include "store/postgres/connector.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

namespace nx::store::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A shorter share is not enough for TLS and a password exchange on a busy machine. A host that does not get its turn
// before the deadline is tried first at the next call, because silent hosts are tried last.
constexpr milliseconds kLeastShare{300};

bool is_socket_path(const std::string& name) {
  return name.empty() || name.front() == '/' || name.front() == '@';
}

}  // namespace

Connector::Attempts Connector::in_order() const {
  // As libpq does it: standbys in the first round, any server in the second.
  std::vector<std::string> rounds{address_.wanted};
  if (address_.wanted == "prefer-standby") rounds = {"standby", "any"};
  Attempts list;
  for (const std::string& wanted : rounds) {
    const auto begin = static_cast<std::ptrdiff_t>(list.size());
    for (const Host& host : address_.hosts) list.push_back({&host, host.address, wanted, false});
    std::stable_partition(list.begin() + begin, list.end(),
                          [this](const Attempt& attempt) { return !silent_->has(attempt.key()); });
  }
  return list;
}

void Connector::put_addresses(const Attempt& attempt, const std::vector<std::string>& addresses,
                              Attempts& to_do) const {
  Attempts found;
  for (const std::string& address : addresses) {
    Attempt one{attempt.host, address, attempt.wanted, addresses.size() > 1};
    if (silent_->has(one.key())) {
      to_do.push_back(std::move(one));
    } else {
      found.push_back(std::move(one));
    }
  }
  to_do.insert(to_do.begin(), found.begin(), found.end());
}

Deadline Connector::share(Deadline deadline, std::size_t attempts) const {
  const auto now = steady_clock::now();
  const auto left = std::max(std::chrono::duration_cast<milliseconds>(deadline - now), milliseconds{0});
  milliseconds share = std::max(left / static_cast<int>(attempts), kLeastShare);
  if (address_.connect_timeout.count() > 0) share = std::min<milliseconds>(share, address_.connect_timeout);
  return attempts == 1 && address_.connect_timeout.count() == 0 ? deadline : std::min(deadline, now + share);
}

ConnectTarget Connector::target_of(const Attempt& attempt) const {
  const std::string& name = attempt.host->name;
  std::string where = name.empty() ? attempt.address : name;
  if (where.empty()) where = "localhost";
  if (attempt.one_of_several) where += fmt::format(" ({})", attempt.address);
  return {.parameters = address_.parameters,
          .host = name,
          .address = attempt.address,
          .port = attempt.host->port,
          .wanted = attempt.wanted,
          .label = fmt::format("{}:{}/{}", where, attempt.host->port.empty() ? "5432" : attempt.host->port,
                               address_.database)};
}

Result<std::unique_ptr<Link>> Connector::connect(const std::string& application_name, Deadline deadline) {
  Attempts to_do = in_order();
  others_ = address_.hosts.size() > 1;
  std::set<std::string> silent_now;
  std::string reasons;
  while (!to_do.empty() && (reasons.empty() || steady_clock::now() < deadline)) {
    const Deadline end = share(deadline, to_do.size());
    const Attempt attempt = std::move(to_do.front());
    to_do.pop_front();
    const std::string key = attempt.key();
    if (silent_now.contains(key)) continue;
    std::string reason;
    if (attempt.address.empty() && !is_socket_path(attempt.host->name)) {
      auto addresses = lookup_.find(attempt.host->name, end);
      if (addresses) {
        silent_->remove(key);
        others_ = others_ || addresses->size() > 1;
        put_addresses(attempt, *addresses, to_do);
        continue;
      }
      reason = std::move(addresses.error().message);
    } else {
      auto link = Link::connect(target_of(attempt), application_name, end);
      if (link) {
        silent_->remove(key);
        peer_ = key;
        return link;
      }
      reason = std::move(link.error().message);
    }
    if (steady_clock::now() >= end) {
      silent_->add(key);
      silent_now.insert(key);
    } else {
      silent_->remove(key);
    }
    reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  return fail(ErrorKind::unavailable, std::move(reasons));
}

}  // namespace nx::store::postgres
