#include "dev/payment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/activity_message.hpp"

namespace nx::dev {
namespace {

constexpr EpochMs kNow{1'700'000'000'000};

Result<PaymentMessage> compose(const std::string& request) {
  return compose_payment(json::parse(request).value(), sample_data(), "pay-1", kNow);
}

Activity decoded(const std::string& request) {
  const auto payment = compose(request);
  EXPECT_TRUE(payment.has_value()) << payment.error().message;
  return contract::decode_activity(payment->json, {"t", 0, 0, kNow, {}}).value();
}

TEST(Payment, of_a_merchant_decodes_to_what_was_asked) {
  const Activity activity = decoded(R"({"scope":"merchant","merchantId":"harbour","amount":42.5})");
  EXPECT_EQ(activity.scope, RecipientScope::merchant);
  EXPECT_EQ(activity.merchant_id, "harbour");
  EXPECT_EQ(activity.key, "pay-1");
  EXPECT_EQ(activity.type, "payment.success");
  EXPECT_EQ(activity.body, "42.50 EUR at Lantern Harbour");
  EXPECT_EQ(activity.occurred_at, kNow);
}

TEST(Payment, of_the_organisation_decodes_to_what_was_asked) {
  const Activity activity = decoded(R"({"scope":"org","organizerId":"lantern","amount":"7"})");
  EXPECT_EQ(activity.scope, RecipientScope::organizer);
  EXPECT_EQ(activity.organizer_id, "lantern");
  EXPECT_EQ(activity.body, "7.00 EUR at Lantern Coffee");
}

TEST(Payment, to_chosen_people_keeps_them_and_leaves_the_excluded_out) {
  const Activity activity = decoded(
      R"({"scope":"users","recipientIds":["u-owner",5],"excludeUserIds":["u-outsider"],"actorId":"u-owner","amount":1})");
  EXPECT_THAT(activity.recipient_ids, testing::ElementsAre(UserId{"u-owner"}, UserId{"5"}));
  EXPECT_THAT(activity.excluded, testing::ElementsAre(UserId{"u-outsider"}));
  EXPECT_EQ(activity.actor_id, "u-owner");
}

TEST(Payment, messages_of_one_organisation_share_a_record_key_so_that_they_stay_in_order) {
  EXPECT_EQ(compose(R"({"scope":"org","organizerId":"lantern","amount":1})")->record_key, "lantern");
  EXPECT_EQ(compose(R"({"scope":"merchant","merchantId":"harbour","amount":1})")->record_key, "lantern");
  EXPECT_EQ(compose(R"({"scope":"users","recipientIds":["u"],"amount":1})")->record_key, "pay-1");
}

TEST(Payment, amounts_are_written_with_two_digits) {
  const auto amount = [](const std::string& given) {
    const auto payment = compose(R"({"scope":"users","recipientIds":["u"],"amount":)" + given + "}");
    return payment ? json::parse(payment->json)->find("data")->find("amount")->text() : "refused";
  };
  EXPECT_EQ(amount("0.01"), "0.01");
  EXPECT_EQ(amount("\"007.5\""), "7.50");
  EXPECT_EQ(amount("999999999.99"), "999999999.99");
  for (const char* bad :
       {"0", "0.00", "-1", "1.234", "1000000000", "1e3", "\"\"", "\".5\"", "\"1.\"", "\"a\"", "null", "[1]"}) {
    EXPECT_EQ(amount(bad), "refused") << bad;
  }
}

TEST(Payment, a_refusal_names_the_field) {
  const auto complaint = [](const std::string& request) {
    const auto payment = compose(request);
    return payment ? "taken" : payment.error().message;
  };
  using testing::HasSubstr;
  EXPECT_THAT(complaint(R"({"scope":"users","recipientIds":["u"]})"), HasSubstr("amount"));
  EXPECT_THAT(complaint(R"({"amount":1})"), HasSubstr("scope"));
  EXPECT_THAT(complaint(R"({"amount":1,"scope":"everyone"})"), HasSubstr("scope"));
  EXPECT_THAT(complaint(R"({"amount":1,"scope":"org"})"), HasSubstr("organizerId"));
  EXPECT_THAT(complaint(R"({"amount":1,"scope":"merchant","organizerId":"lantern"})"), HasSubstr("merchantId"));
  EXPECT_THAT(complaint(R"({"amount":1,"scope":"users","recipientIds":[]})"), HasSubstr("recipientIds"));
  EXPECT_THAT(complaint(R"({"amount":1,"scope":"users","recipientIds":["u"],"currency":"EURO"})"),
              HasSubstr("currency"));
  EXPECT_THAT(complaint("[]"), HasSubstr("object"));
}

}  // namespace
}  // namespace nx::dev
