#pragma once
// Both repositories in memory, with errors on demand.

#include <deque>
#include <map>
#include <set>

#include "fakes/empty_repositories.hpp"
#include "observe/log.hpp"

namespace nx::delivery::testing {

inline const observe::Logger kQuiet{{.level = observe::Level::error}};

struct FakePolicies final : nx::fakes::EmptyPolicies {
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
};

struct FakeRows final : nx::fakes::EmptyNotifications {
  std::deque<Error> errors;                              // each call takes one, while there are any
  std::set<std::string> refused;                         // titles that can never be stored
  std::set<std::string> away_for;                        // titles that find the database unavailable
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
};

}  // namespace nx::delivery::testing
