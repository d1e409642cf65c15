#include "bus/master_role.hpp"

#include <utility>

#include <fmt/core.h>

namespace nx::bus {

MasterRole::Answer MasterRole::take(const redis::Node& node, const redis::RespValue& reply) {
  if (reply.type() == redis::RespType::error || reply.size() < 3 || reply.at(0).text() != "slave") {
    problem_.clear();
    return std::exchange(known_, true) ? Answer::known_already : Answer::master;
  }
  problem_ = fmt::format(
      "{}: is a replica of {}:{}: messages published there do not reach all subscribers; SIGNAL_REDIS_URL must point "
      "to the master",
      node.text(), reply.at(1).text(), reply.at(2).number());
  return Answer::replica;
}

}  // namespace nx::bus
