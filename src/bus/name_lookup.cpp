#include "bus/name_lookup.hpp"

#include <utility>

#include <fmt/core.h>

namespace nx::bus {

void NameLookup::ask(const redis::Node& node, std::weak_ptr<const void> asker, Answer answer) {
  if (auto literal = transport::literal_addresses(node.host, node.port); !literal.empty()) {
    home_.post([answer = std::move(answer), literal = std::move(literal)]() mutable { answer(std::move(literal)); });
    return;
  }
  if (!pool_) {
    pool_ = std::make_unique<runtime::BlockingPool<Nothing>>("bus-names", 1, kMaxQueued, [] { return Nothing{}; });
  }
  const bool taken = pool_->submit([node, asker = std::move(asker), answer, &home = home_](Nothing&) {
    if (asker.expired()) return;
    home.post([answer, found = transport::look_up(node.host, node.port)]() mutable { answer(std::move(found)); });
  });
  if (taken) return;
  home_.post([answer = std::move(answer), host = node.host] {
    answer(fail(ErrorKind::unavailable, fmt::format("cannot look up {}: the resolver is slow", host)));
  });
}

}  // namespace nx::bus
