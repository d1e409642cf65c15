#pragma once
// Both repositories in memory, with errors on demand.

#include <deque>
#include <map>
#include <set>

#include "observe/log.hpp"
#include "store/activity_notification_repository.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::delivery::testing {

inline const observe::Logger kQuiet{{.level = observe::Level::error}};

struct FakePolicies final : store::PolicyDefinitionRepository {
  std::optional<Error> error;
  std::vector<UserId> more;  // beside "member"

  Result<std::vector<UserId>> users_of_organizer(const std::string&, std::size_t) override {
    if (error) return tl::unexpected(*error);
    std::vector<UserId> members = more;
    members.push_back({"member"});
    return members;
  }
  Result<std::vector<UserId>> users_of_merchant(const std::string& id, std::size_t limit) override {
    return users_of_organizer(id, limit);
  }
  Result<std::vector<UserId>> members_after(const RoomName&, const std::optional<std::string>&, std::size_t) override {
    return std::vector<UserId>{};
  }
  bool members_in_order() const override { return true; }
  Result<bool> is_member_after(const UserId&, const RoomName&, const std::optional<std::string>&) override {
    return false;
  }
  Result<std::vector<store::Membership>> members_among(std::span<const store::Membership>) override {
    return std::vector<store::Membership>{};
  }
  Result<std::optional<store::Domain>> joined_through(const UserId&, const RoomName&) override { return std::nullopt; }
  Result<store::PolicyEvidence> evidence(const UserId&, const RoomName&) override { return store::PolicyEvidence{}; }
};

struct FakeRows final : store::ActivityNotificationRepository {
  std::deque<Error> errors;                              // each call takes one, while there are any
  std::set<std::string> refused;                         // titles that can never be stored
  std::set<std::string> away_for;                        // titles that find the database away
  std::map<std::string, store::IngestOutcome> outcomes;  // by title; otherwise stored
  std::vector<std::vector<std::string>> transactions;    // titles of what was committed
  std::map<std::string, std::vector<UserId>> listed;     // by title, of those to be fanned out later
  std::size_t calls = 0;

  Result<std::vector<store::IngestResult>> ingest(std::span<const store::NewNotification> batch) override {
    ++calls;
    if (!errors.empty()) {
      const Error error = errors.front();
      errors.pop_front();
      return tl::unexpected(error);
    }
    std::vector<store::IngestResult> results;
    std::vector<std::string> titles;
    for (const auto& one : batch) {
      if (refused.contains(one.activity.title)) return fail(ErrorKind::invalid, "value refused");
      if (away_for.contains(one.activity.title)) return fail(ErrorKind::unavailable, "away");
      titles.push_back(one.activity.title);
      store::IngestResult result;
      if (const auto found = outcomes.find(one.activity.title); found != outcomes.end()) result.outcome = found->second;
      result.notification.title = one.activity.title;
      result.fanned_out_later = one.later;
      if (one.later) listed[one.activity.title] = one.recipients;
      for (const UserId& user : one.later ? std::vector<UserId>{} : one.recipients)
        result.recipients.push_back({user, 7, 3});
      results.push_back(std::move(result));
    }
    transactions.push_back(std::move(titles));
    return results;
  }
  Result<store::Page> page(const store::PageRequest&) override { return store::Page{}; }
  Result<store::Page> list(const store::FilterRequest&) override { return store::Page{}; }
  Result<std::int64_t> count(const store::FilterRequest&) override { return 0; }
  Result<std::optional<InboxRow>> find(const UserId&, const NotificationId&) override { return std::nullopt; }
  Result<UnreadCount> unread_count(const UserId&) override { return UnreadCount{}; }
  Result<std::optional<InboxRow>> change(const UserId&, const NotificationId&, const store::Change&) override {
    return std::nullopt;
  }
  Result<store::Marked> mark_read(const UserId&, std::span<const NotificationId>) override { return store::Marked{}; }
  Result<store::Marked> mark_all_read(const UserId&, std::optional<std::int64_t>) override { return store::Marked{}; }
  Result<std::int64_t> acknowledge(std::span<const Acknowledgement>) override { return 0; }
  Result<std::optional<store::StoredNotification>> stored_notification(const NotificationId&) override {
    return std::nullopt;
  }
  Result<std::optional<store::DeliveryRecord>> delivery(const UserId&, const NotificationId&) override {
    return std::nullopt;
  }
  Result<store::DeliverySlice> deliveries(const NotificationId&, const UserId&, std::size_t) override {
    return store::DeliverySlice{};
  }
  Result<store::Missed> missed(const UserId&, std::int64_t, std::size_t) override { return store::Missed{}; }
  Result<EpochMs> revoke(const UserId&, const UserId&) override { return EpochMs{}; }
  Result<std::vector<store::Revocation>> revocations(const store::Revocation&, std::size_t) override {
    return std::vector<store::Revocation>{};
  }
  Result<UnreadCount> recount(const UserId&) override { return UnreadCount{}; }
};

}  // namespace nx::delivery::testing
