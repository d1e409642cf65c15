#pragma once
// tests/vectors/ecdh.json, embedded in the binary (tools/embed.py).

#include <string_view>

namespace nx::client::conform {

std::string_view ecdh_vectors();

}  // namespace nx::client::conform
