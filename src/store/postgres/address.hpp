#pragma once
// Where the server is, out of the URL: for libpq, and for messages without a secret.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "model/result.hpp"

namespace nx::store::postgres {

/// One of the servers that the URL names. What is empty is left to libpq.
struct Host {
  std::string name;     // or the folder of a Unix socket
  std::string address;  // numeric, when the URL says it
  std::string port;
};

struct Address {
  std::vector<std::pair<std::string, std::string>> parameters;  // libpq's, but for those below; secret: the password
  std::vector<Host> hosts;                                      // never empty
  std::string wanted;                       // target_session_attrs; with several hosts the primary, unless it is said
  std::chrono::seconds connect_timeout{0};  // of each host; 0: its share alone
  std::string database;
  std::string label;  // host:port/database, for messages
};

/// `invalid` for what libpq can not read. The reason never quotes the URL: a wrongly written password could be in any
/// part of it.
Result<Address> read_address(const std::string& url);

}  // namespace nx::store::postgres
