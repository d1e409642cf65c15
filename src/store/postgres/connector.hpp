#pragma once
// Connects to the server when the URL names several, or when a name has several addresses. libpq's PQconnectPoll has no
// time-out and stays with a host that does not answer; therefore each host and each address is a separate attempt here,
// with its share of the deadline. Used by one thread at a time.

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

  /// The first server that accepts us, in the URL's order, silent hosts last. The error has the reason for each host
  /// that was tried.
  Result<std::unique_ptr<Link>> connect(const std::string& application_name, Deadline deadline);

  /// Reports that the server of the link from connect() does not answer.
  void peer_is_silent() { silent_->add(peer_); }
  /// Whether another connection found the server of this link silent, and another server can be tried.
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
  std::string peer_;  // the key of the attempt that made the last link
  bool others_ = false;
};

}  // namespace nx::store::postgres
