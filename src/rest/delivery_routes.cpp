#include <exception>

#include <fmt/core.h>

#include "model/percent.hpp"
#include "model/recipients.hpp"
#include "model/uuid.hpp"
#include "rest/client_list.hpp"
#include "rest/explanation_json.hpp"
#include "rest/operator_routes.hpp"
#include "rest/query_parameters.hpp"
#include "rest/replies.hpp"
#include "store/policy_domain.hpp"

namespace nx::rest {
namespace {

using Call = std::shared_ptr<const OperatorCall>;
using transport::HttpResponse;

constexpr std::size_t kDefaultRows = 10;
constexpr std::size_t kInboxesAtOnce = 2'000;
constexpr std::size_t kConnectionsShown = 100;
// For how long a request uses a database thread, which others need too; the last statement is not interrupted.
constexpr std::chrono::milliseconds kLookFor{1'000};

using Clock = std::chrono::steady_clock;

HttpResponse no_notification(const OperatorCall& call) {
  return error_reply(call.request, 404, "No such notification");
}

/// The id in the path; nullopt for text that cannot be a notification's id.
std::optional<NotificationId> notification_of(const OperatorCall& call) {
  const auto bytes = parse_uuid(call.parameters.path.at("id"));
  if (!bytes) return std::nullopt;
  return NotificationId{*bytes};
}

/// Runs on a database thread and returns the response, or nullopt if it answers later itself.
using Work = std::function<Result<std::optional<HttpResponse>>(store::Repositories&)>;

void work_on(const OperatorRoutes& routes, const Call& call, runtime::JobKind kind, Work work) {
  const auto too_late = [call] { refuse_for_now(*call, "Too many requests are waiting"); };
  const auto job = [call, work = std::move(work)](store::Repositories& repositories) {
    try {
      if (!repositories.notifications || !repositories.policies || !repositories.broadcasts) {
        return refuse_for_now(*call, "The database does not answer");
      }
      auto answer = work(repositories);
      if (!answer) return refuse_by_database(*call, answer.error());
      if (*answer) call->respond(std::move(**answer));
    } catch (const std::exception& problem) {
      call->log.error("request failed", {{"request_id", call->request.header(kRequestId)}, {"reason", problem.what()}});
      call->respond(error_reply(call->request, 500, "Internal Server Error"));
    }
  };
  if (!routes.readers.submit(job, too_late, {kind})) too_late();
}

Result<DeliverySummary> read_summary(store::ActivityNotificationRepository& notifications, const NotificationId& id) {
  DeliverySummary summary;
  const auto until = Clock::now() + kLookFor;
  for (UserId after;;) {
    auto slice = notifications.deliveries(id, after, kInboxesAtOnce);
    if (!slice) return error_of(slice);
    for (const store::DeliveryRecord& record : slice->records) {
      ++summary.recipients;
      summary.delivered += record.delivered_at ? 1 : 0;
      summary.read += record.read_at ? 1 : 0;
      summary.archived += record.archived_at ? 1 : 0;
    }
    if (!slice->reached) return summary;
    after = std::move(*slice->reached);
    if (Clock::now() > until) {
      summary.complete = false;
      return summary;
    }
  }
}

/// See Facts. Reads only the policy rows of the user in question.
Result<std::optional<std::int64_t>> read_still_to_come(store::Repositories& repositories,
                                                       const Notification& notification, const UserId& user) {
  auto position = repositories.broadcasts->position(notification.id, user);
  if (!position) return error_of(position);
  if (!*position) return std::nullopt;
  bool to_come = (*position)->lists_user;
  if (const auto room = room_of(notification)) {
    auto behind = repositories.policies->is_member_after(user, *room, (*position)->done_through);
    if (!behind) return error_of(behind);
    to_come = *behind;
  }
  if (!to_come) return std::nullopt;
  return (*position)->recipients_done;
}

/// According to the current policy rows; nullopt if policy rows do not matter.
Result<std::optional<resolve::PolicyTrace>> read_policy(store::PolicyDefinitionRepository& policies,
                                                        const Notification& notification, const UserId& user) {
  const auto room = room_of(notification);
  if (!room) return std::nullopt;
  auto evidence = policies.evidence(user, *room);
  if (!evidence) return error_of(evidence);
  const auto domain = store::domain_of(*room);
  return resolve::trace_membership(*evidence, *domain);
}

Result<std::optional<Facts>> read_facts(store::Repositories& repositories, const NotificationId& id,
                                        const UserId& user) {
  auto stored = repositories.notifications->stored_notification(id);
  if (!stored) return error_of(stored);
  if (!*stored) return std::nullopt;
  // In this order: a slice that is stored between the two queries is seen by the second.
  auto still_to_come = read_still_to_come(repositories, (*stored)->notification, user);
  if (!still_to_come) return error_of(still_to_come);
  auto record = repositories.notifications->delivery(user, id);
  if (!record) return error_of(record);
  auto policy = read_policy(*repositories.policies, (*stored)->notification, user);
  if (!policy) return error_of(policy);
  return Facts{.stored = std::move(**stored),
               .user = user,
               .record = std::move(*record),
               .policy = std::move(*policy),
               .still_to_come = *still_to_come,
               .seen = {}};
}

/// Asks the database first, then the instances.
void explain_user(const OperatorRoutes& routes, const Call& call, const NotificationId& id, const UserId& user,
                  std::chrono::milliseconds hint_max_age) {
  work_on(routes, call, runtime::JobKind::quick,
          [&operators = routes.operators, call, id, user,
           hint_max_age](store::Repositories& repositories) -> Result<std::optional<HttpResponse>> {
            auto found = read_facts(repositories, id, user);
            if (!found) return error_of(found);
            if (!*found) return no_notification(*call);
            auto facts = std::make_shared<Facts>(std::move(**found));
            facts->hint_max_age = hint_max_age;
            contract::ListClients ask{.filter = {.user = user, .room = {}, .address = {}},
                                      .after = {},
                                      .limit = kConnectionsShown,
                                      .hint = facts->record ? facts->record->seq : 0};
            operators.ask(std::move(ask), [call, facts](std::optional<operators::Gathered> gathered) {
              if (!gathered) return refuse_unasked(*call);
              facts->seen = std::move(*gathered);
              call->respond(json_reply(explanation_json(*facts)));
            });
            return std::nullopt;
          });
}

void summarize(const OperatorRoutes& routes, const Call& call, const NotificationId& id) {
  work_on(routes, call, runtime::JobKind::slow,
          [call, id](store::Repositories& repositories) -> Result<std::optional<HttpResponse>> {
            auto stored = repositories.notifications->stored_notification(id);
            if (!stored) return error_of(stored);
            if (!*stored) return no_notification(*call);
            auto summary = read_summary(*repositories.notifications, id);
            if (!summary) return error_of(summary);
            return json_reply(summary_json(**stored, *summary));
          });
}

void explain(const OperatorRoutes& routes, const Call& call, std::chrono::milliseconds hint_max_age) {
  const auto query = QueryParameters::parse(call->request.query);
  if (!query) return call->respond(bad_input_reply(call->request, query.error()));
  const auto user = read_user(*query);
  if (!user) return call->respond(bad_input_reply(call->request, user.error()));
  const auto id = notification_of(*call);
  if (!id) return call->respond(no_notification(*call));
  if (*user) return explain_user(routes, call, *id, **user, hint_max_age);
  summarize(routes, call, *id);
}

struct PageAsked {
  UserId after;  // the last user of the previous page
  std::size_t limit = kDefaultRows;
};

Input<PageAsked> read_page_asked(const transport::HttpRequest& request) {
  const auto query = QueryParameters::parse(request.query);
  if (!query) return error_of(query);
  PageAsked asked;
  const auto limit = query->integer("limit", 1, kMostRows);
  if (!limit) return error_of(limit);
  if (*limit) asked.limit = static_cast<std::size_t>(**limit);
  if (auto cursor = query->text("cursor")) {
    if (cursor->empty() || cursor->size() > kMaxIdBytes || cursor->find('\0') != std::string::npos) {
      return bad_field("cursor", "not a cursor of this list");
    }
    asked.after = {*std::move(cursor)};
  }
  return asked;
}

struct DeliveryPage {
  std::vector<store::DeliveryRecord> records;
  std::optional<UserId> next;  // set when there may be more after it
};

Result<DeliveryPage> read_page(store::ActivityNotificationRepository& notifications, const NotificationId& id,
                               const PageAsked& asked) {
  DeliveryPage page;
  const auto until = Clock::now() + kLookFor;
  for (UserId after = asked.after;;) {
    auto slice = notifications.deliveries(id, after, kInboxesAtOnce);
    if (!slice) return error_of(slice);
    for (store::DeliveryRecord& record : slice->records) {
      if (page.records.size() == asked.limit) {
        page.next = page.records.back().user;
        return page;
      }
      page.records.push_back(std::move(record));
    }
    if (!slice->reached) return page;
    after = std::move(*slice->reached);
    if (page.records.size() == asked.limit || Clock::now() > until) {
      page.next = after;
      return page;
    }
  }
}

HttpResponse page_reply(const OperatorCall& call, const PageAsked& asked, const DeliveryPage& page) {
  std::vector<json::Value> data;
  for (const store::DeliveryRecord& record : page.records) data.push_back(delivery_json(record));
  const std::string range = data.empty() ? "*" : "0-" + std::to_string(data.size() - 1);
  const auto count = static_cast<std::int64_t>(data.size());
  HttpResponse response = json_reply(json::write(
      json::Value::object({{"count", json::Value::number(count)}, {"data", json::Value::array(std::move(data))}})));
  response.headers.push_back({"Content-Range", fmt::format("records {}/*", range)});
  if (page.next) {
    response.headers.push_back({"Link", fmt::format(R"(<{}?limit={}&cursor={}>; rel="next")", call.request.path,
                                                    asked.limit, percent_encode(page.next->value))});
  }
  return response;
}

void list_deliveries(const OperatorRoutes& routes, const Call& call) {
  auto asked = read_page_asked(call->request);
  if (!asked) return call->respond(bad_input_reply(call->request, asked.error()));
  const auto id = notification_of(*call);
  if (!id) return call->respond(no_notification(*call));
  work_on(routes, call, runtime::JobKind::slow,
          [call, id = *id,
           asked = std::move(*asked)](store::Repositories& repositories) -> Result<std::optional<HttpResponse>> {
            auto page = read_page(*repositories.notifications, id, asked);
            if (!page) return error_of(page);
            if (page->records.empty() && asked.after.value.empty()) {
              auto stored = repositories.notifications->stored_notification(id);
              if (!stored) return error_of(stored);
              if (!*stored) return no_notification(*call);
            }
            return page_reply(*call, asked, *page);
          });
}

}  // namespace

void add_delivery_routes(Router& router, const OperatorRoutes& routes, std::chrono::milliseconds hint_max_age) {
  router.add("GET", "/v1/notifications/{id}/explain",
             operator_route(routes, [routes, hint_max_age](const Call& call) { explain(routes, call, hint_max_age); }));
  router.add("GET", "/v1/notifications/{id}/deliveries",
             operator_route(routes, [routes](const Call& call) { list_deliveries(routes, call); }));
}

}  // namespace nx::rest
