#pragma once
// What an instance receives of a hint for a thousand users of other instances, and an instance that holds many users.

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "contract/hint_message.hpp"
#include "fanout/shards.hpp"

namespace nx::delivery {

constexpr int kShards = 4;
constexpr int kHere = 5'000;  // users connected to this instance

/// In the form of a UUID, 36 characters.
inline std::string user_id(std::mt19937_64& random) {
  std::string text(36, '\0');
  std::snprintf(text.data(), text.size() + 1, "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(random()),
                static_cast<unsigned>(random() & 0xffffU), static_cast<unsigned>(random() & 0xfffU),
                static_cast<unsigned>(random() & 0xfffU),
                static_cast<unsigned long long>(random() & 0xffff'ffff'ffffULL));
  return text;
}

/// Enters kHere users into presence, in turns on each of the shards; returns their ids in that order.
inline std::vector<std::string> connect_users(fanout::Shards& shards, std::mt19937_64& random) {
  std::vector<std::string> ids;
  for (std::uint32_t i = 0; i < kHere; ++i) {
    const std::uint32_t shard = i % kShards;
    ids.push_back(user_id(random));
    shards.presence().add_user({ids.back()}, {{i, 1}, shard}, fanout::Presence::LastReceived{}, 0);
    shards.presence().count_open(shard, 1);
  }
  return ids;
}

/// For 1,000 users who are elsewhere; `mine` are added to them.
inline std::string users_message(std::mt19937_64& random, const std::vector<std::string>& mine = {}) {
  contract::UsersMessage built("another-instance", {1'700'000'000'000});
  for (const std::string& user : mine) built.add({user}, 7, 2);
  while (built.users() < contract::kUsersAMessage) built.add({user_id(random)}, 123'456, 42);
  return built.finish(R"({"event":"observation/signal/notification/created","data":{"id":"n1","title":")" +
                      std::string(1'000, 'x') + "\"}");
}

}  // namespace nx::delivery
