#include "contract/notification_json.hpp"

#include <gtest/gtest.h>

#include "model/uuid.hpp"

namespace nx::contract {
namespace {

Notification full() {
  Notification row;
  row.id.bytes = *parse_uuid("0190c2a4-8e3b-7cde-8f01-23456789abcd");
  row.key = "pay-1";
  row.type = "payment.success";
  row.title = "Paid \"12 €\"";
  row.body = "line\nbreak";
  row.data = R"({"amount":1.50,"big":9007199254740993})";
  row.extra = R"({"shift":7})";
  row.scope = RecipientScope::merchant;
  row.organizer_id = "o1";
  row.merchant_id = "m1";
  row.actor_id = "u9";
  row.occurred_at = EpochMs{0};
  row.created_at = EpochMs{1795423485117};
  row.modified_at = EpochMs{1795423485118};
  return row;
}

const std::string kFullTail =
    R"("type":"payment.success","title":"Paid \"12 €\"","body":"line\nbreak","data":{"amount":1.50,"big":9007199254740993},)"
    R"("recipientScope":"merchant","organizerId":"o1","merchantId":"m1","actorId":"u9","occurredAt":"1970-01-01T00:00:00.000Z",)"
    R"("createdAt":"2026-11-23T08:44:45.117Z","modifiedAt":"2026-11-23T08:44:45.118Z",)";

TEST(NotificationJson, WritesTheRowAsRestReturnsIt) {
  std::string out = "x";
  append_inbox_row(out, {.notification = full(), .seq = 42, .read_at = EpochMs{1}, .archived_at = EpochMs{2}});

  EXPECT_EQ(out,
            R"(x{"id":"0190c2a4-8e3b-7cde-8f01-23456789abcd","key":"pay-1","seq":42,)" + kFullTail +
                R"("readAt":"1970-01-01T00:00:00.001Z","archivedAt":"1970-01-01T00:00:00.002Z","extra":{"shift":7}})");
}

TEST(NotificationJson, WritesAbsentValuesAsNull) {
  Notification bare;
  bare.type = "t";
  bare.title = "x";
  std::string out;
  append_inbox_row(out, {.notification = bare, .seq = 1, .read_at = {}, .archived_at = {}});

  EXPECT_EQ(
      out,
      R"({"id":"00000000-0000-0000-0000-000000000000","key":null,"seq":1,"type":"t","title":"x","body":null,"data":null,)"
      R"("recipientScope":"users","organizerId":null,"merchantId":null,"actorId":null,"occurredAt":null,)"
      R"("createdAt":"1970-01-01T00:00:00.000Z","modifiedAt":"1970-01-01T00:00:00.000Z","readAt":null,"archivedAt":null,)"
      R"("extra":null})");
}

TEST(NotificationJson, AHintLeavesOutWhatIsTheRecipientsOwn) {
  const std::string data = R"({"id":"0190c2a4-8e3b-7cde-8f01-23456789abcd","key":"pay-1",)" + kFullTail +
                           R"("readAt":null,"archivedAt":null,"extra":{"shift":7}})";
  const std::string head = R"({"event":"observation/signal/notification/created","data":)" + data;

  EXPECT_EQ(hint_head(full(), std::nullopt), head);
  EXPECT_EQ(hint_head(full(), "00-aa-bb-01"), head + R"(,"traceparent":"00-aa-bb-01")");
}

TEST(NotificationJson, ACatchUpHintIsTheHintWithItsSeq) {
  const InboxRow row{.notification = full(), .seq = 7, .read_at = EpochMs{5}, .archived_at = {}};

  EXPECT_EQ(missed_hint(row), hint_head(full(), std::nullopt) + R"(,"seq":7})");
}

}  // namespace
}  // namespace nx::contract
