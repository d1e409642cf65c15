#pragma once
// recipientScope → user ids (docs/notifications.md#who-gets-it): users = recipientIds; org, merchant = the policy
// table. Excluded users are removed; each id occurs once. For a large scope this class only detects that it is
// large, and does not read its members. Used by one thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/activity.hpp"
#include "model/result.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

struct ResolverLimits {
  std::chrono::milliseconds max_age{5'000};  // maximum age of a cached read; 0 disables the cache
  std::size_t cached_users = 200'000;        // in all scopes together; about 100 bytes each
  std::size_t large_scope = 2'000;           // policy rows, or recipients of `users`; a scope with more is large
};

struct Recipients {
  std::vector<UserId> users;  // distinct, sorted; empty for a large organizer or merchant
  bool large = false;         // the users get it later, slice by slice
};

class RecipientResolver {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  explicit RecipientResolver(store::PolicyDefinitionRepository& policies, ResolverLimits limits = {},
                             Clock clock = std::chrono::steady_clock::now)
      : policies_(policies), limits_(limits), clock_(std::move(clock)) {}

  /// An empty result when the scope has no users. Reads of one scope are cached for at most 5 s.
  Result<Recipients> resolve(const Activity& activity);

  /// The number of members in the rows read so far whose ids cannot be user ids: empty, over 128 bytes, with U+0000.
  std::uint64_t left_out() const { return left_out_; }

 private:
  struct Scope {
    RecipientScope kind;
    std::string id;
    friend auto operator<=>(const Scope&, const Scope&) = default;
  };
  struct Cached {
    std::chrono::steady_clock::time_point read_at;  // the time before the query, so that the age is never understated
    Recipients members;
  };

  Result<Recipients> before_exclusion(const Activity& activity);
  Result<Recipients> members_of(const Scope& scope);
  Result<std::vector<UserId>> read(const Scope& scope);
  void drop_expired(std::chrono::steady_clock::time_point now);

  store::PolicyDefinitionRepository& policies_;
  ResolverLimits limits_;
  Clock clock_;
  std::map<Scope, Cached> cache_;
  std::size_t cached_users_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace nx::resolve
