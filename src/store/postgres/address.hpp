#pragma once
// Where the server is, out of the URL: for libpq, and for messages without a secret.

#include <string>

#include "model/result.hpp"

namespace nx::store::postgres {

struct Address {
  std::string url;    // secret: may hold the password
  std::string label;  // host:port/database, for messages
};

/// `invalid` for what libpq can not read. The reason never quotes the URL: a wrongly written password could be in any
/// part of it.
Result<Address> read_address(const std::string& url);

}  // namespace nx::store::postgres
