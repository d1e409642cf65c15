#include "rest/notification_input.hpp"

#include <fmt/core.h>

#include "model/uuid.hpp"
#include "rest/json_body.hpp"

namespace nx::rest {
namespace {

constexpr std::size_t kMaxIds = 1'000;  // fits into a body of 64 KiB and into one short write transaction

Input<std::optional<bool>> read_flag(json::View body, const char* name) {
  const json::View value = body.find(name);
  if (!value) return std::nullopt;
  if (value.kind() != json::Kind::boolean) return bad_field(name, "expected true or false");
  return value.is_true();
}

Input<std::vector<NotificationId>> read_ids(json::View list) {
  const std::size_t count = list.items().count();
  if (count == 0 || count > kMaxIds) {
    return bad_field("ids", fmt::format("expected a list of 1 to {} notification ids", kMaxIds));
  }
  std::vector<NotificationId> ids;
  ids.reserve(count);
  for (const json::View item : list.items()) {
    const auto bytes = item.is_string() ? parse_uuid(item.text()) : std::nullopt;
    if (!bytes) return bad_field("ids." + std::to_string(ids.size()), "expected a notification id");
    ids.push_back({*bytes});
  }
  return ids;
}

Input<ReadOrder> read_all(json::View body, json::View all) {
  if (!all.is_true()) return bad_field("all", "expected true");
  ReadOrder order;
  order.all = true;
  if (const json::View up_to = body.find("upTo")) {
    order.up_to = up_to.as_int64();
    if (!order.up_to || *order.up_to < 0) return bad_field("upTo", "expected an integer from 0");
  }
  return order;
}

}  // namespace

Input<store::Change> read_change(const transport::HttpRequest& request) {
  const auto body = read_json_object(request);
  if (!body) return error_of(body);
  const auto read = read_flag(body->root(), "read");
  if (!read) return error_of(read);
  const auto archived = read_flag(body->root(), "archived");
  if (!archived) return error_of(archived);
  if (!*read && !*archived) return bad_field("read", "expected read or archived");
  return store::Change{.read = *read, .archived = *archived};
}

Input<ReadOrder> read_read_order(const transport::HttpRequest& request) {
  const auto body = read_json_object(request);
  if (!body) return error_of(body);
  const json::View list = body->root().find("ids");
  const json::View all = body->root().find("all");
  if (list && all) return bad_field("all", "not together with ids");
  if (all) return read_all(body->root(), all);
  if (!list) return bad_field("ids", "expected ids, or all: true");
  if (body->root().find("upTo")) return bad_field("upTo", "only together with all");
  return read_ids(list).map(
      [](const std::vector<NotificationId>& ids) { return ReadOrder{.ids = ids, .all = false, .up_to = {}}; });
}

}  // namespace nx::rest
