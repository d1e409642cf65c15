#pragma once
// Whether a node is still a master, by its answers to ROLE. A returned probe does not show that: a former master
// continues as a replica and still accepts messages. Used on the bus thread.

#include <string>

#include "redis/redis_url.hpp"
#include "redis/resp_reader.hpp"

namespace nx::bus {

class MasterRole {
 public:
  enum class Answer {
    known_already,  // it is a master, as it was
    master,         // the first answer on this connection
    replica,        // problem() says of which node
  };
  /// An answer that is an error counts as that of a master.
  Answer take(const redis::Node& node, const redis::RespValue& reply);
  /// The connection was lost: the next one has to ask again.
  void forget() { known_ = false; }

  bool known() const { return known_; }  // the node has confirmed on this connection that it is a master
  const std::string& problem() const { return problem_; }  // of the last answer; empty: none

 private:
  bool known_ = false;
  std::string problem_;
};

}  // namespace nx::bus
