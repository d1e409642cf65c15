#include "contract/notification_json.hpp"

#include "json/value.hpp"
#include "model/uuid.hpp"

namespace nx::contract {
namespace {

void append_text(std::string& out, const std::optional<std::string>& text) {
  if (text) {
    json::append_string(out, *text);
  } else {
    out += "null";
  }
}

void append_time(std::string& out, const std::optional<EpochMs>& time) {
  if (time) {
    out += '"';
    out += iso8601(*time);
    out += '"';
  } else {
    out += "null";
  }
}

/// `data` and `extra` are already JSON: they were validated and made compact when the message was decoded.
void append_json(std::string& out, const std::optional<std::string>& compact) {
  out += compact ? std::string_view{*compact} : std::string_view{"null"};
}

/// The values of a row that belong to one user; empty in a hint.
struct OwnValues {
  std::int64_t seq = 0;
  std::optional<EpochMs> read_at, archived_at;
};

void append_value(std::string& out, const Notification& row, const OwnValues& own, NotificationField field) {
  switch (field) {
    case NotificationField::id:
      out += '"';
      out += uuid_text(row.id.bytes);
      out += '"';
      return;
    case NotificationField::key:
      return append_text(out, row.key);
    case NotificationField::seq:
      out += std::to_string(own.seq);
      return;
    case NotificationField::type:
      return json::append_string(out, row.type);
    case NotificationField::title:
      return json::append_string(out, row.title);
    case NotificationField::body:
      return append_text(out, row.body);
    case NotificationField::data:
      return append_json(out, row.data);
    case NotificationField::recipient_scope:
      return json::append_string(out, to_text(row.scope));
    case NotificationField::organizer_id:
      return append_text(out, row.organizer_id);
    case NotificationField::merchant_id:
      return append_text(out, row.merchant_id);
    case NotificationField::actor_id:
      return append_text(out, row.actor_id);
    case NotificationField::occurred_at:
      return append_time(out, row.occurred_at);
    case NotificationField::created_at:
      return append_time(out, row.created_at);
    case NotificationField::modified_at:
      return append_time(out, row.modified_at);
    case NotificationField::read_at:
      return append_time(out, own.read_at);
    case NotificationField::archived_at:
      return append_time(out, own.archived_at);
    case NotificationField::extra:
      return append_json(out, row.extra);
  }
}

void append_row(std::string& out, const Notification& row, const OwnValues& own, NotificationFields shown) {
  char before = '{';
  for (std::size_t i = 0; i < kNotificationFieldNames.size(); ++i) {
    const auto field = static_cast<NotificationField>(i);
    if (!shown.has(field)) continue;
    out += before;
    out += '"';
    out += kNotificationFieldNames[i];
    out += R"(":)";
    append_value(out, row, own, field);
    before = ',';
  }
  out += before == '{' ? "{}" : "}";
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

void append_inbox_row(std::string& out, const InboxRow& row, NotificationFields shown) {
  append_row(out, row.notification, {row.seq, row.read_at, row.archived_at}, shown);
}

void append_notification(std::string& out, const Notification& notification) {
  append_row(out, notification, {}, NotificationFields::all().without({NotificationField::seq}));
}

std::string hint_head(const Notification& notification, const std::optional<std::string>& traceparent) {
  std::string text = created_event(notification);
  if (traceparent) {
    text += R"(,"traceparent":)";
    json::append_string(text, *traceparent);
  }
  return text;
}

std::string missed_hint(const InboxRow& row) {
  std::string text = created_event(row.notification);
  text += R"(,"seq":)";
  text += std::to_string(row.seq);
  text += '}';
  return text;
}

}  // namespace nx::contract
