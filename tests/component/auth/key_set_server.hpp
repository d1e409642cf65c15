#pragma once
// The identity service's key set, answered as a test wants it.

#include <string>

#include "component/answering_server.hpp"

namespace nx::auth {

class KeySetServer : public AnsweringServer {
 public:
  using AnsweringServer::AnsweringServer;
  std::string url() const { return address() + "/jw-certs"; }
};

}  // namespace nx::auth
