// Bytes of a Kafka record → Activity. What is taken must hold the bounds that the store relies on.

#include <cstdlib>

#include "contract/activity_message.hpp"
#include "json/value.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_object(const std::optional<std::string>& text) {
  if (!text) return true;
  const auto value = nx::json::parse(*text);
  return value && value->is_object();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const nx::contract::RecordMetadata metadata{
      .topic = "t", .partition = 1, .offset = 2, .timestamp = {3}, .traceparent = text.substr(0, 64)};
  const auto activity = nx::contract::decode_activity(text, metadata);
  if (!activity) {
    require(activity.error().kind == nx::ErrorKind::invalid);
    require(activity.error().message.size() < 512);
    return 0;
  }
  require(!activity->type.empty() && activity->type.size() <= 128);
  require(!activity->title.empty() && activity->title.size() <= 512);
  require(!activity->body || activity->body->size() <= 4096);
  require(!activity->data || activity->data->size() <= 32768);
  require(!activity->extra || activity->extra->size() <= 8192);
  require(is_object(activity->data) && is_object(activity->extra));
  require(activity->scope != nx::RecipientScope::users || !activity->recipient_ids.empty());
  require(activity->scope != nx::RecipientScope::organizer || activity->organizer_id);
  require(activity->scope != nx::RecipientScope::merchant || activity->merchant_id);
  return 0;
}
