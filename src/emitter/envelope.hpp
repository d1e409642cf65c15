#pragma once
// The message that is published for a push (docs/protocol.md#envelope): its channel and its bytes, with fixed member
// order.

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
  std::optional<nxsignal::Id> target;  // set for all types except everyone
  std::string_view event;
  std::optional<std::string_view> data;  // JSON text
  std::optional<std::vector<std::string>> exclude;
};

struct Publication {
  std::string channel, message;
};

/// The error (kind invalid) names the argument that is not valid UTF-8 or JSON, or the empty target, which every
/// receiver would ignore.
Result<Publication> publication_of(const Push& push);

}  // namespace nx::emitter
