#pragma once
// What is published for a push (docs/protocol.md#envelope): the channel and the bytes, member order fixed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emitter/include/nxsignal/emitter.hpp"
#include "model/result.hpp"

namespace nx::emitter {

enum class TargetType { user, client, room, everyone };

struct Push {
  TargetType type = TargetType::everyone;
  std::optional<nxsignal::Id> target;  // all but everyone
  std::string_view event;
  std::optional<std::string_view> data;  // JSON text
  std::optional<std::vector<std::string>> exclude;
};

struct Publication {
  std::string channel, message;
};

/// The error (kind invalid) names the argument that is no UTF-8, no JSON, or an empty target, which everyone would
/// drop.
Result<Publication> publication_of(const Push& push);

}  // namespace nx::emitter
