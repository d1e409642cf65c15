#include "contract/notification_json.hpp"

#include "json/value.hpp"
#include "model/uuid.hpp"

namespace nx::contract {
namespace {

void append_text(std::string& out, std::string_view name, const std::optional<std::string>& text) {
  out += name;
  if (text) {
    json::append_string(out, *text);
  } else {
    out += "null";
  }
}

/// `compact` is JSON already: it was validated and made compact when the message was decoded.
void append_json(std::string& out, std::string_view name, const std::optional<std::string>& compact) {
  out += name;
  out += compact ? std::string_view{*compact} : std::string_view{"null"};
}

void append_time(std::string& out, std::string_view name, const std::optional<EpochMs>& time) {
  out += name;
  if (time) {
    out += '"';
    out += iso8601(*time);
    out += '"';
  } else {
    out += "null";
  }
}

void append_row(std::string& out, const Notification& row, std::optional<std::int64_t> seq,
                std::optional<EpochMs> read_at, std::optional<EpochMs> archived_at) {
  out += R"({"id":")";
  out += uuid_text(row.id.bytes);
  out += '"';
  append_text(out, R"(,"key":)", row.key);
  if (seq) {
    out += R"(,"seq":)";
    out += std::to_string(*seq);
  }
  append_text(out, R"(,"type":)", row.type);
  append_text(out, R"(,"title":)", row.title);
  append_text(out, R"(,"body":)", row.body);
  append_json(out, R"(,"data":)", row.data);
  append_text(out, R"(,"recipientScope":)", std::string{to_text(row.scope)});
  append_text(out, R"(,"organizerId":)", row.organizer_id);
  append_text(out, R"(,"merchantId":)", row.merchant_id);
  append_text(out, R"(,"actorId":)", row.actor_id);
  append_time(out, R"(,"occurredAt":)", row.occurred_at);
  append_time(out, R"(,"createdAt":)", row.created_at);
  append_time(out, R"(,"modifiedAt":)", row.modified_at);
  append_time(out, R"(,"readAt":)", read_at);
  append_time(out, R"(,"archivedAt":)", archived_at);
  append_json(out, R"(,"extra":)", row.extra);
  out += '}';
}

std::string created_event(const Notification& notification) {
  std::string text;
  text.reserve(512 + notification.title.size() + (notification.data ? notification.data->size() : 0));
  text += R"({"event":")";
  text += kCreatedEvent;
  text += R"(","data":)";
  append_notification(text, notification);
  return text;
}

}  // namespace

void append_entry(std::string& out, const InboxEntry& entry) {
  append_row(out, entry.notification, entry.seq, entry.read_at, entry.archived_at);
}

void append_notification(std::string& out, const Notification& notification) {
  append_row(out, notification, std::nullopt, std::nullopt, std::nullopt);
}

std::string hint_head(const Notification& notification, const std::optional<std::string>& traceparent) {
  std::string text = created_event(notification);
  if (traceparent) append_text(text, R"(,"traceparent":)", traceparent);
  return text;
}

std::string missed_hint(const InboxEntry& entry) {
  std::string text = created_event(entry.notification);
  text += R"(,"seq":)";
  text += std::to_string(entry.seq);
  text += '}';
  return text;
}

}  // namespace nx::contract
