#pragma once
// The way to the server when the URL names several, or a name has several addresses. libpq's PQconnectPoll knows no
// time-out and stays with a host that says nothing, so each host and each address is an attempt of its own here, with
// its share of the deadline. Used by one thread at a time.

#include <deque>
#include <memory>
#include <string>

#include "store/postgres/address.hpp"
#include "store/postgres/host_lookup.hpp"
#include "store/postgres/link.hpp"
#include "store/silent_hosts.hpp"

namespace nx::store::postgres {

class Connector {
 public:
  Connector(Address address, std::shared_ptr<SilentHosts> silent)
      : address_(std::move(address)), silent_(std::move(silent)) {}

  /// The first server that takes us, in the URL's order, those that were silent last. The error has the reason of each
  /// that was asked.
  Result<std::unique_ptr<Link>> connect(const std::string& application_name, Deadline deadline);

  /// Nobody answers on the link that connect() gave.
  void peer_is_silent() { silent_->add(peer_); }
  /// Another connection has found that link's server silent, and there is somebody else to ask.
  bool doubts_peer() const { return has_others() && silent_->has(peer_); }
  bool has_others() const { return others_; }

  const std::string& label() const { return address_.label; }

 private:
  struct Attempt {
    const Host* host = nullptr;
    std::string address;  // numeric; empty: to be looked up, or a Unix socket
    std::string wanted;   // target_session_attrs
    bool one_of_several = false;

    std::string key() const { return host->name + " " + address + " " + host->port; }
  };
  using Attempts = std::deque<Attempt>;

  Attempts in_order() const;
  void put_addresses(const Attempt& attempt, const std::vector<std::string>& addresses, Attempts& to_do) const;
  Deadline share(Deadline deadline, std::size_t attempts) const;
  ConnectTarget target_of(const Attempt& attempt) const;

  Address address_;
  std::shared_ptr<SilentHosts> silent_;
  HostLookup lookup_;
  std::string peer_;  // the attempt's key that the last link came from
  bool others_ = false;
};

}  // namespace nx::store::postgres
