#include "dev/dev_routes.hpp"

#include <algorithm>

#include "contract/activity_message.hpp"
#include "crypto/random.hpp"
#include "dev/loopback_guard.hpp"
#include "dev/payment.hpp"
#include "resolve/explanation.hpp"

namespace nx::dev {

namespace {

using json::Value;
using rest::RouteParameters;
using runtime::EventLoop;
using transport::HttpRequest;
using transport::HttpResponse;
using transport::Respond;

HttpResponse json_response(int status, const Value& body) {
  return {status,
          {{"content-type", "application/json"}, {"cache-control", "no-store"}, {"x-content-type-options", "nosniff"}},
          json::write(body)};
}

HttpResponse refused(const Error& error) {
  return dev::refusal(error.kind == ErrorKind::invalid ? 422 : 503, error.message);
}

/// Checks the side-effect header, then parses the body as a JSON object.
tl::expected<Value, HttpResponse> side_effect_body(const HttpRequest& request) {
  if (!has_side_effect_header(request)) {
    return tl::unexpected(dev::refusal(
        403, "this changes something: send the header `x-signal-dev: 1`, which a form of another site cannot"));
  }
  auto body = json::parse(request.body);
  if (!body) return tl::unexpected(dev::refusal(400, "the body is not JSON: " + body.error().message));
  if (!body->is_object()) return tl::unexpected(dev::refusal(400, "the body must be a JSON object"));
  return std::move(*body);
}

Value place(const SamplePlace& given) {
  return Value::object({{"id", Value::string(given.id)}, {"name", Value::string(given.name)}});
}

Value info(const SampleData& sample, const Addresses& addresses) {
  std::vector<Value> merchants, users, lines;
  for (const SamplePlace& merchant : sample.merchants) merchants.push_back(place(merchant));
  for (const SampleUser& user : sample.users) {
    users.push_back(Value::object({{"id", Value::string(user.id)},
                                   {"name", Value::string(user.name)},
                                   {"role", Value::string(user.role)},
                                   {"joined", user.joined ? Value::string(*user.joined) : Value()}}));
  }
  for (const PasteLine& line : paste_lines(addresses)) {
    lines.push_back(Value::object({{"name", Value::string(line.name)},
                                   {"purpose", Value::string(line.purpose)},
                                   {"command", Value::string(line.command)}}));
  }
  return Value::object({{"http", Value::string(addresses.http)},
                        {"stream", Value::string(addresses.stream)},
                        {"broker", Value::string(addresses.broker)},
                        {"topic", Value::string(addresses.topic)},
                        {"organization", place(sample.organization)},
                        {"merchants", Value::array(std::move(merchants))},
                        {"users", Value::array(std::move(users))},
                        {"lines", Value::array(std::move(lines))}});
}

HttpResponse issue_token(const Identity& identity, const HttpRequest& request) {
  constexpr std::int64_t kLongest = 86'400;
  const auto body = side_effect_body(request);
  if (!body) return body.error();
  TokenRequest wanted;
  const Value* const user = body->find("userId");
  if (user == nullptr || !user->as_id()) return dev::refusal(422, "userId must be a string or an integer");
  wanted.user_id = *user;
  if (const Value* const lifetime = body->find("expiresInSeconds"); lifetime != nullptr) {
    const auto seconds = lifetime->as_int64();
    if (!seconds || *seconds < 1 || *seconds > kLongest)
      return dev::refusal(422, "expiresInSeconds must be an integer from 1 to 86400");
    wanted.lifetime = std::chrono::seconds(*seconds);
  }
  if (const Value* const roles = body->find("roles"); roles != nullptr) {
    for (const Value& role : roles->items()) {
      if (!role.is_string()) return dev::refusal(422, "roles must be a list of identifiers, e.g. 999_super-admin");
      wanted.roles.push_back(role.text());
    }
  }
  const EpochMs now = now_wall();
  const auto token = identity.token(wanted, now);
  if (!token) return refused(token.error());
  if (request.header("accept") == "text/plain")
    return {200, {{"content-type", "text/plain"}, {"cache-control", "no-store"}}, *token};
  const EpochMs expires{(now.value / 1'000 + wanted.lifetime.count()) * 1'000};
  return json_response(
      200, Value::object({{"token", Value::string(*token)}, {"expiresAt", Value::string(iso8601(expires))}}));
}

/// For every sample user and every named user: whether they get it, and why.
Result<Value> audience(store::PolicyDefinitionRepository& policies, const SampleData& sample,
                       const Activity& activity) {
  std::vector<SampleUser> people = sample.users;
  for (const UserId& named : activity.recipient_ids) {
    const bool known =
        std::any_of(people.begin(), people.end(), [&named](const SampleUser& user) { return user.id == named.value; });
    if (!known) people.push_back({named.value, named.value, "", std::nullopt});
  }
  std::vector<Value> entries;
  for (const SampleUser& person : people) {
    const auto explained = resolve::explain(policies, activity, UserId{person.id});
    if (!explained) return error_of(explained);
    entries.push_back(Value::object({{"userId", Value::string(person.id)},
                                     {"name", Value::string(person.name)},
                                     {"gets", Value::boolean(explained->receives)},
                                     {"why", Value::string(explained->why)}}));
  }
  return Value::array(std::move(entries));
}

/// Blocks: reads policies and produces.
HttpResponse pay(const DevRoutes& routes, store::Repositories& database, const Value& request) {
  const EpochMs now = now_wall();
  const std::string id = "pay-" + uuid_text(crypto::uuid_v7(now).bytes);
  const auto payment = compose_payment(request, routes.sample, id, now);
  if (!payment) return refused(payment.error());
  const auto activity = contract::decode_activity(payment->json, {routes.addresses().topic, 0, 0, now, {}});
  if (!activity) return refused(activity.error());
  auto people = audience(*database.policies, routes.sample, *activity);
  if (!people) return refused(people.error());
  if (const auto produced = routes.produce(payment->record_key, payment->json); !produced)
    return refused(produced.error());
  auto message = json::parse(payment->json);
  return json_response(202, Value::object({{"id", Value::string(id)},
                                           {"message", message ? std::move(*message) : Value()},
                                           {"audience", std::move(*people)}}));
}

HttpResponse publish(const DevRoutes& routes, const HttpRequest& request) {
  const auto body = side_effect_body(request);
  if (!body) return body.error();
  const Value* const channel = body->find("channel");
  const Value* const message = body->find("message");
  if (channel == nullptr || !channel->is_string())
    return dev::refusal(422, "channel must be a string, e.g. ws:user:u-owner");
  if (message == nullptr || !message->is_string())
    return dev::refusal(422, "message must be a string: the bytes to publish");
  routes.publish(channel->text(), message->text());
  return json_response(202, Value::object({{"channel", *channel}}));
}

}  // namespace

void add_dev_routes(rest::Router& router, DevRoutes given) {
  const auto routes = std::make_shared<const DevRoutes>(std::move(given));
  add_page_routes(router);
  router.add("GET", "/jw-certs",
             [routes](const HttpRequest&, const RouteParameters&, EventLoop&, const Respond& respond) {
               respond({200,
                        {{"content-type", "application/json"}, {"cache-control", kJwksCacheControl}},
                        routes->identity.jwks()});
             });
  router.add("GET", "/dev/info",
             [routes](const HttpRequest&, const RouteParameters&, EventLoop&, const Respond& respond) {
               respond(json_response(200, info(routes->sample, routes->addresses())));
             });
  router.add("POST", "/dev/token",
             [routes](const HttpRequest& request, const RouteParameters&, EventLoop&, const Respond& respond) {
               respond(issue_token(routes->identity, request));
             });
  router.add("POST", "/dev/publish",
             [routes](const HttpRequest& request, const RouteParameters&, EventLoop&, const Respond& respond) {
               respond(publish(*routes, request));
             });
  router.add("POST", "/dev/payments",
             [routes](const HttpRequest& request, const RouteParameters&, EventLoop&, const Respond& respond) {
               auto body = side_effect_body(request);
               if (!body) return respond(body.error());
               const bool taken =
                   routes->readers.submit([routes, respond, wanted = std::move(*body)](store::Repositories& database) {
                     respond(pay(*routes, database, wanted));
                   });
               if (!taken) respond(dev::refusal(503, "too many requests at once, try again"));
             });
}

}  // namespace nx::dev
