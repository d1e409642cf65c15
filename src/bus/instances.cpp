#include "bus/instances.hpp"

#include <algorithm>

#include "json/value.hpp"

namespace nx::bus {
namespace {

// Bounds the memory, whatever is published on the channel.
constexpr std::size_t kMaxOthers = 10'000;
constexpr std::size_t kMaxAnnouncementBytes = 1'024;

}  // namespace

Instances::Instances(std::string id, std::int64_t started, const observe::Logger& log)
    : id_(std::move(id)), started_(started), log_(log) {}

void Instances::announce_as(std::string address) {
  announcement_ = json::write(json::Value::object({{"id", json::Value::string(id_)},
                                                   {"address", json::Value::string(std::move(address))},
                                                   {"started", json::Value::number(started_)}}));
}

std::string Instances::farewell() const {
  if (announcement_.empty()) return {};
  return announcement_.substr(0, announcement_.size() - 1) + R"(,"ended":true})";
}

bool Instances::receive(std::string_view message, std::chrono::steady_clock::time_point now) {
  if (message.size() > kMaxAnnouncementBytes) return false;
  const auto said = json::parse(message, {.max_depth = 4});
  if (!said || !said->is_object()) return false;
  const json::Value* const id = said->find("id");
  const json::Value* const since = said->find("started");
  if (!id || !id->is_string() || !since) return false;
  const auto started = since->as_int64();
  if (!started) return false;
  if (id->text() == id_) {
    std::int64_t suppressed = 0;
    if (*started != started_ && twin_gate_.pass(suppressed)) {
      const json::Value* const address = said->find("address");
      log_.error("two instances have the same id: each ignores the messages of the other; restart one of them",
                 {{"id", id_}, {"other", address && address->is_string() ? address->text() : std::string()}});
    }
    return false;
  }
  if (const json::Value* const ended = said->find("ended"); ended && ended->as_bool()) {
    others_.erase(id->text());
    count_.store(others_.size() + 1, std::memory_order_relaxed);
    return false;
  }
  if (others_.size() >= kMaxOthers && !others_.contains(id->text())) return false;
  const bool is_new = others_.insert_or_assign(id->text(), Other{.started = *started, .last_received = now}).second;
  count_.store(others_.size() + 1, std::memory_order_relaxed);
  return is_new;
}

void Instances::link_was_down(std::chrono::steady_clock::time_point now) {
  for (auto& [id, other] : others_) other = {.started = other.started, .last_received = now, .back = false};
}

bool Instances::all_back() const {
  return std::all_of(others_.begin(), others_.end(), [](const auto& other) { return other.second.back; });
}

void Instances::forget(std::chrono::steady_clock::time_point now, bool link_is_down) {
  const auto is_gone = [now](const auto& other) { return now - other.second.last_received > kForgotten; };
  if (!link_is_down) std::erase_if(others_, is_gone);
  const auto gone = std::count_if(others_.begin(), others_.end(), is_gone);
  count_.store(others_.size() - static_cast<std::size_t>(gone) + 1, std::memory_order_relaxed);
}

std::vector<std::string> Instances::others() const {
  std::vector<std::string> ids;
  ids.reserve(others_.size());
  for (const auto& [id, other] : others_) ids.push_back(id);
  return ids;
}

}  // namespace nx::bus
