#include "dev/payment.hpp"

#include <fmt/core.h>

#include "model/activity.hpp"

namespace nx::dev {

namespace {

using json::Value;

std::string text_of(const Value& object, std::string_view name) {
  const Value* const member = object.find(name);
  return member == nullptr ? std::string() : member->as_id().value_or("");
}

/// A decimal number above 0 with at most two digits after the point and nine before it, given as JSON number or string
/// → "42.50".
Result<std::string> amount_of(const Value* given) {
  const auto wrong = [] {
    return fail(ErrorKind::invalid, "amount must be a number from 0.01 to 999999999.99, e.g. 42.50");
  };
  if (given == nullptr || (!given->is_number() && !given->is_string())) return wrong();
  const std::string& text = given->text();
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string whole = text.substr(0, point);
  std::string cents = point == text.size() ? "" : text.substr(point + 1);
  const std::string digits = whole + cents;
  if (whole.empty() || whole.size() > 9 || cents.size() > 2 || (point != text.size() && cents.empty()) ||
      digits.find_first_not_of("0123456789") != std::string::npos ||
      digits.find_first_not_of('0') == std::string::npos) {
    return wrong();
  }
  cents.resize(2, '0');
  const std::size_t first = std::min(whole.find_first_not_of('0'), whole.size() - 1);
  return fmt::format("{}.{}", whole.substr(first), cents);
}

}  // namespace

Result<PaymentMessage> compose_payment(const Value& request, const SampleData& sample, const std::string& id,
                                       EpochMs now) {
  if (!request.is_object()) return fail(ErrorKind::invalid, "the body must be a JSON object");
  const auto amount = amount_of(request.find("amount"));
  if (!amount) return error_of(amount);
  std::string currency = text_of(request, "currency");
  if (currency.empty()) currency = "EUR";
  if (currency.size() != 3) return fail(ErrorKind::invalid, "currency must be three letters, e.g. EUR");

  PaymentMessage message{sample.organization.id, {}};
  std::vector<json::Member> members{{"id", Value::string(id)}};
  std::string where = sample.organization.name;
  const auto scope = recipient_scope(text_of(request, "scope"));
  if (!scope) return fail(ErrorKind::invalid, "scope must be org, merchant or users");
  members.push_back({"recipientScope", Value::string(to_text(*scope))});
  switch (*scope) {
    case RecipientScope::organizer:
    case RecipientScope::merchant: {
      const char* const field = *scope == RecipientScope::organizer ? "organizerId" : "merchantId";
      const std::string place = text_of(request, field);
      if (place.empty()) {
        return fail(ErrorKind::invalid, fmt::format("{} is required for scope {}", field, to_text(*scope)));
      }
      where = sample.place_name(place);
      members.push_back({field, Value::string(place)});
      break;
    }
    case RecipientScope::users: {
      const Value* const recipients = request.find("recipientIds");
      if (recipients == nullptr || !recipients->is_array() || recipients->items().empty()) {
        return fail(ErrorKind::invalid, "recipientIds must be a list of at least one user id for scope users");
      }
      members.push_back({"recipientIds", *recipients});
      message.record_key = id;
    }
  }
  if (const Value* const excluded = request.find("excludeUserIds"); excluded != nullptr && !excluded->is_null()) {
    members.push_back({"excludeUserIds", *excluded});
  }
  const std::string actor = text_of(request, "actorId");
  if (!actor.empty()) members.push_back({"actorId", Value::string(actor)});
  members.push_back({"type", Value::string("payment.success")});
  members.push_back({"title", Value::string("Payment received")});
  members.push_back({"body", Value::string(fmt::format("{} {} at {}", *amount, currency, where))});
  members.push_back({"data", Value::object({{"paymentId", Value::string(id)},
                                            {"amount", Value::string(*amount)},
                                            {"currency", Value::string(currency)},
                                            {"method", Value::string("card")}})});
  members.push_back({"occurredAt", Value::string(iso8601(now))});
  message.json = json::write(Value::object(std::move(members)));
  return message;
}

}  // namespace nx::dev
