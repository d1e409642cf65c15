#include "rest/notifications.hpp"

#include <span>

#include "contract/notification_json.hpp"
#include "model/uuid.hpp"
#include "rest/notification_input.hpp"
#include "rest/notification_list.hpp"
#include "rest/user_route.hpp"
#include "store/filter_plan.hpp"

namespace nx::rest {
namespace {

using runtime::JobKind;
using transport::HttpResponse;
using TellUser = std::function<void(const UserId&, std::shared_ptr<const std::string>)>;

std::string time_json(const std::optional<EpochMs>& time) {
  return time ? '"' + iso8601(*time) + '"' : "null";
}

/// `{"event":"…/updated","data":{…},"unread":N}`
std::shared_ptr<const std::string> updated_frame(const std::string& data, std::int64_t unread) {
  std::string text = R"({"event":")";
  text += contract::kUpdatedEvent;
  text += R"(","data":{)";
  text += data;
  text += R"(},"unread":)";
  text += std::to_string(unread);
  text += '}';
  return std::make_shared<const std::string>(std::move(text));
}

std::string ids_json(std::span<const NotificationId> ids) {
  std::string out = R"("ids":[)";
  for (const NotificationId& id : ids) {
    if (out.back() != '[') out += ',';
    out += '"';
    out += uuid_text(id.bytes);
    out += '"';
  }
  out += ']';
  return out;
}

/// The {id} in the path. An id that no notification can have is treated like an unknown one.
std::optional<NotificationId> path_id(const UserRequest& request) {
  const auto bytes = parse_uuid(request.parameters.path.at("id"));
  if (!bytes) return std::nullopt;
  return NotificationId{*bytes};
}

/// An error in a filter that only PostgreSQL detects is the client's fault, too.
Result<HttpResponse> filter_error(const UserRequest& request, const Error& error) {
  if (error.kind != ErrorKind::invalid) return tl::unexpected<Error>(error);
  return bad_input_reply(request.http, {422, "filter", "cannot be answered by the database"});
}

Result<HttpResponse> get_list(const UserRequest& request, const ListQuestion& asked) {
  const auto page =
      asked.plain ? request.notifications.page(asked.request.page) : request.notifications.list(asked.request);
  if (!page) return filter_error(request, page.error());
  return page_reply(request.http, asked, *page);
}

Result<HttpResponse> get_first(const UserRequest& request, const ListQuestion& asked) {
  const auto page = request.notifications.list(asked.request);
  if (!page) return filter_error(request, page.error());
  const std::optional<InboxRow> first = page->rows.empty() ? std::nullopt : std::optional{page->rows.front()};
  return single_reply(request.http, first, asked.filter.fields);
}

Result<HttpResponse> get_count(const UserRequest& request, const store::FilterRequest& asked) {
  const auto count = request.notifications.count(asked);
  if (!count) return filter_error(request, count.error());
  return json_reply(R"({"count":)" + std::to_string(*count) + "}");
}

/// A query that may use its full time gets only its share of the threads.
JobKind kind_of(const store::FilterRequest& request) {
  return store::is_costly(request) ? JobKind::slow : JobKind::quick;
}

Input<UserQuestion> list_question(const transport::HttpRequest& http, const UserId& user) {
  auto asked = read_list_question(http, user);
  if (!asked) return error_of(asked);
  const JobKind kind = asked->plain ? JobKind::quick : kind_of(asked->request);
  return UserQuestion{[asked = std::move(*asked)](const UserRequest& request) { return get_list(request, asked); },
                      kind};
}

Input<UserQuestion> first_question(const transport::HttpRequest& http, const UserId& user) {
  auto asked = read_one_question(http, user);
  if (!asked) return error_of(asked);
  const JobKind kind = kind_of(asked->request);
  return UserQuestion{[asked = std::move(*asked)](const UserRequest& request) { return get_first(request, asked); },
                      kind};
}

Input<UserQuestion> count_question(const transport::HttpRequest& http, const UserId& user) {
  auto asked = read_count_question(http, user);
  if (!asked) return error_of(asked);
  const JobKind kind = kind_of(*asked);
  return UserQuestion{[asked = std::move(*asked)](const UserRequest& request) { return get_count(request, asked); },
                      kind};
}

Result<HttpResponse> get_one(const UserRequest& request, NotificationFields fields) {
  const auto id = path_id(request);
  if (!id) return single_reply(request.http, std::nullopt);
  const auto row = request.notifications.find(request.user, *id);
  if (!row) return error_of(row);
  return single_reply(request.http, *row, fields);
}

Input<UserQuestion> one_question(const transport::HttpRequest& http, const UserId&) {
  const auto fields = read_fields_question(http);
  if (!fields) return error_of(fields);
  return UserQuestion{[fields = *fields](const UserRequest& request) { return get_one(request, fields); }};
}

Result<HttpResponse> get_unread_count(const UserRequest& request) {
  const auto unread = request.notifications.unread_count(request.user);
  if (!unread) return error_of(unread);
  return json_reply(R"({"count":)" + std::to_string(unread->count) + R"(,"seq":)" + std::to_string(unread->seq) +
                    R"(,"epoch":")" + unread->epoch + "\"}");
}

Input<UserQuestion> unread_question(const transport::HttpRequest&, const UserId&) {
  return UserQuestion{get_unread_count};
}

/// Every change of a row that a badge or a list shows is sent to the user's other sessions; `archivedAt` only if it
/// changed.
void tell_change(const UserRequest& request, const TellUser& tell_user, const InboxRow& before, const InboxRow& after) {
  const bool moved = before.archived_at != after.archived_at;
  if (!moved && before.read_at == after.read_at) return;
  const auto unread = request.notifications.unread_count(request.user);
  if (!unread) return;  // the row is authoritative; a session that misses this reads it later
  std::string data = ids_json(std::span{&after.notification.id, 1});
  data += R"(,"readAt":)";
  data += time_json(after.read_at);
  if (moved) {
    data += R"(,"archivedAt":)";
    data += time_json(after.archived_at);
  }
  tell_user(request.user, updated_frame(data, unread->count));
}

Result<HttpResponse> patch_one(const UserRequest& request, const store::Change& change, const TellUser& tell_user) {
  const auto id = path_id(request);
  if (!id) return single_reply(request.http, std::nullopt);
  const auto before = request.notifications.find(request.user, *id);
  if (!before) return error_of(before);
  if (!*before) return single_reply(request.http, std::nullopt);
  const auto after = request.notifications.change(request.user, *id, change);
  if (!after) return error_of(after);
  if (*after) tell_change(request, tell_user, **before, **after);
  return single_reply(request.http, *after);
}

ReadQuestion patch_question(TellUser tell) {
  return [tell = std::move(tell)](const transport::HttpRequest& http, const UserId&) -> Input<UserQuestion> {
    const auto change = read_change(http);
    if (!change) return error_of(change);
    return UserQuestion{
        [change = *change, tell](const UserRequest& request) { return patch_one(request, change, tell); },
        JobKind::change};
  };
}

Result<HttpResponse> post_read(const UserRequest& request, const ReadOrder& order, const TellUser& tell_user) {
  const auto marked = order.all ? request.notifications.mark_all_read(request.user, order.up_to)
                                : request.notifications.mark_read(request.user, order.ids);
  if (!marked) return error_of(marked);
  if (marked->changed > 0) {
    std::string data = order.all ? R"("all":true,"upTo":)" + std::to_string(marked->up_to) : ids_json(marked->ids);
    data += R"(,"readAt":)";
    data += time_json(marked->read_at);
    tell_user(request.user, updated_frame(data, marked->unread));
  }
  return json_reply(R"({"count":)" + std::to_string(marked->changed) + "}");
}

ReadQuestion read_question(TellUser tell) {
  return [tell = std::move(tell)](const transport::HttpRequest& http, const UserId&) -> Input<UserQuestion> {
    auto order = read_read_order(http);
    if (!order) return error_of(order);
    return UserQuestion{
        [order = std::move(*order), tell](const UserRequest& request) { return post_read(request, order, tell); },
        JobKind::change};
  };
}

}  // namespace

void add_notification_routes(Router& router, const NotificationRoutes& routes) {
  router.add("GET", "/v1/notifications", user_route(routes, list_question));
  router.add("GET", "/v1/notifications/count", user_route(routes, count_question));
  router.add("GET", "/v1/notifications/find-one", user_route(routes, first_question));
  router.add("GET", "/v1/notifications/unread-count", user_route(routes, unread_question));
  router.add("GET", "/v1/notifications/{id}", user_route(routes, one_question));
  router.add("PATCH", "/v1/notifications/{id}", user_route(routes, patch_question(routes.tell_user)));
  router.add("POST", "/v1/notifications/read", user_route(routes, read_question(routes.tell_user)));
}

}  // namespace nx::rest
