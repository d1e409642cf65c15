#pragma once
// Parses the database URL: an address for libpq, and a label without secrets for messages.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "model/result.hpp"

namespace nx::store::postgres {

/// One of the servers that the URL names. Empty members are left to libpq.
struct Host {
  std::string name;     // or the directory of a Unix socket
  std::string address;  // numeric, if the URL has hostaddr
  std::string port;
};

struct Address {
  std::vector<std::pair<std::string, std::string>> parameters;  // for libpq, except those below; secret: the password
  std::vector<Host> hosts;                                      // never empty
  std::string wanted;                       // target_session_attrs; the default with several hosts is the primary
  std::chrono::seconds connect_timeout{0};  // for each host; 0: only its share of the deadline
  std::string database;
  std::string label;  // host:port/database, for messages
};

/// `invalid` if libpq cannot read the URL. The reason never quotes the URL, because a wrongly written password could
/// be in any part of it.
Result<Address> read_address(const std::string& url);

}  // namespace nx::store::postgres
