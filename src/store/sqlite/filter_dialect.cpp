#include "store/sqlite/filter_dialect.hpp"

#include <fmt/core.h>

#include "store/decimal.hpp"
#include "store/sqlite/jsonb_text.hpp"
#include "store/sqlite/rows.hpp"

namespace nx::store::sqlite {

// The indexes are named, as in the statements of pages: SQLite could also choose the primary key for the order.
std::vector<FilterSide> SqliteDialect::sides(FilterPlan::Source source) const {
  constexpr std::string_view kInbox = R"("ActivityNotificationRecipient" AS r INDEXED BY "ActivityRecipientInbox")";
  constexpr std::string_view kArchive = R"("ActivityNotificationRecipient" AS r INDEXED BY "ActivityRecipientArchive")";
  constexpr std::string_view kUnread = R"("ActivityNotificationRecipient" AS r INDEXED BY "ActivityRecipientUnread")";
  constexpr std::string_view kReopened =
      R"("ActivityNotificationRecipient" AS r INDEXED BY "ActivityRecipientReopened")";
  switch (source) {
    case FilterPlan::Source::inbox:
      return {{kInbox, "r.archived_at IS NULL", {}}};
    case FilterPlan::Source::archive:
      return {{kArchive, "r.archived_at IS NOT NULL", {}}};
    case FilterPlan::Source::unread:
      return {{kUnread, "r.archived_at IS NULL AND r.read_at IS NULL",
               R"((SELECT read_up_to FROM "ActivityInbox" WHERE user_no = ?1))"},
              {kReopened, "r.reopened = 1 AND r.archived_at IS NULL AND r.read_at IS NULL", {}}};
    case FilterPlan::Source::everything:
      return {{R"("ActivityNotificationRecipient" AS r NOT INDEXED)", {}, {}}};  // the primary key has the order
    case FilterPlan::Source::by_id:
    case FilterPlan::Source::by_time:
      break;
  }
  // The index of UNIQUE (user_no, notification_id), which has this name in every file. SQLite could also choose the
  // primary key, which would be a scan of all rows of the user.
  return {{R"("ActivityNotificationRecipient" AS r INDEXED BY "sqlite_autoindex_ActivityNotificationRecipient_2")",
           {},
           {}}};
}

std::string_view SqliteDialect::notification() const {
  return R"( CROSS JOIN "ActivityNotification" n ON n.id = r.notification_id)";
}

std::string_view SqliteDialect::entry_columns() const {
  return kEntryColumns;
}

std::string_view SqliteDialect::read_at() const {
  return kReadAt;
}

std::string SqliteDialect::greatest(const std::string& a, std::string_view b) const {
  return fmt::format("max({}, {})", a, b);
}

std::string SqliteDialect::first_of_millisecond(const std::string& id) const {
  return fmt::format("signal_id_at({}, 0)", id);
}

std::string SqliteDialect::last_of_millisecond(const std::string& id) const {
  return fmt::format("signal_id_at({}, 255)", id);
}

std::string SqliteDialect::place(const std::string& document, const std::string& path) const {
  return fmt::format("signal_place({}, {})", document, path);
}

std::vector<std::string> SqliteDialect::place_order(const std::string& document, const std::string& path) const {
  return {fmt::format("signal_place_order({}, {})", document, path)};
}

std::string SqliteDialect::like(const std::string& text, const std::string& pattern) const {
  return fmt::format("signal_like({}, {})", text, pattern);
}

std::string SqliteDialect::matches(const std::string& text, const std::string& pattern) const {
  return fmt::format("signal_matches({}, {})", text, pattern);
}

std::vector<Value> values_of(const std::vector<SqlValue>& values) {
  std::vector<Value> bound;
  bound.reserve(values.size());
  for (const SqlValue& value : values) {
    if (const auto* path = std::get_if<PathValue>(&value)) {
      std::string joined;
      for (const std::string& step : path->steps) joined += (joined.empty() ? "" : ".") + step;
      bound.emplace_back(std::move(joined));
    } else if (const auto* decimal = std::get_if<DecimalValue>(&value)) {
      bound.emplace_back(Blob{decimal_order(decimal->text)});
    } else if (const auto* document = std::get_if<JsonOperand>(&value)) {
      bound.emplace_back(equal_text(document->text));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      bound.emplace_back(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      bound.emplace_back(*number);
    } else if (const auto* id = std::get_if<NotificationId>(&value)) {
      bound.emplace_back(Blob{{id->bytes.begin(), id->bytes.end()}});
    } else {
      bound.emplace_back(std::get<EpochMs>(value).value);
    }
  }
  return bound;
}

}  // namespace nx::store::sqlite
