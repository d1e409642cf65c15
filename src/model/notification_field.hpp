#pragma once
// The fields of a notification as REST shows and names them, in the order in which they are written.

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace nx {

enum class NotificationField : std::uint8_t {
  id,
  key,
  seq,
  type,
  title,
  body,
  data,
  recipient_scope,
  organizer_id,
  merchant_id,
  actor_id,
  occurred_at,
  created_at,
  modified_at,
  read_at,
  archived_at,
  extra,
};

inline constexpr std::array<std::string_view, 17> kNotificationFieldNames{
    "id",          "key",        "seq",     "type",       "title",     "body",       "data",   "recipientScope",
    "organizerId", "merchantId", "actorId", "occurredAt", "createdAt", "modifiedAt", "readAt", "archivedAt",
    "extra"};

constexpr std::string_view name_of(NotificationField field) {
  return kNotificationFieldNames[static_cast<std::size_t>(field)];
}

/// The type of the values of a field.
enum class FieldKind { id, integer, text, time, document };
constexpr FieldKind kind_of_field(NotificationField field) {
  using enum NotificationField;
  switch (field) {
    case id:
      return FieldKind::id;
    case seq:
      return FieldKind::integer;
    case key:
    case type:
    case title:
    case body:
    case recipient_scope:
    case organizer_id:
    case merchant_id:
    case actor_id:
      return FieldKind::text;
    case occurred_at:
    case created_at:
    case modified_at:
    case read_at:
    case archived_at:
      return FieldKind::time;
    case data:
    case extra:
      return FieldKind::document;
  }
  return FieldKind::text;
}

/// The name must match exactly; nullopt for any other name.
constexpr std::optional<NotificationField> notification_field(std::string_view name) {
  const auto found = std::find(kNotificationFieldNames.begin(), kNotificationFieldNames.end(), name);
  if (found == kNotificationFieldNames.end()) return std::nullopt;
  return static_cast<NotificationField>(found - kNotificationFieldNames.begin());
}

/// A subset of the fields. Value type.
class NotificationFields {
 public:
  constexpr NotificationFields() = default;
  static constexpr NotificationFields all() {
    NotificationFields fields;
    fields.bits_ = (1U << kNotificationFieldNames.size()) - 1;
    return fields;
  }
  constexpr NotificationFields without(std::initializer_list<NotificationField> left_out) const {
    NotificationFields fields = *this;
    for (const NotificationField field : left_out) fields.bits_ &= ~bit(field);
    return fields;
  }
  constexpr void add(NotificationField field) { bits_ |= bit(field); }
  constexpr bool has(NotificationField field) const { return (bits_ & bit(field)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend bool operator==(const NotificationFields&, const NotificationFields&) = default;

 private:
  static constexpr std::uint32_t bit(NotificationField field) { return 1U << static_cast<unsigned>(field); }
  std::uint32_t bits_ = 0;
};

}  // namespace nx
