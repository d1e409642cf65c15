#pragma once
// recipientScope → user ids (docs/notifications.md#who-gets-it): users = recipientIds; org, merchant = the policy
// table. The excluded are left out, each id once. A scope of very many is not read here, only known to be one. Used by
// one thread.

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
  std::chrono::milliseconds max_age{5'000};  // reads for recipients are at most that old; 0 keeps nothing
  std::size_t cached_users = 200'000;        // over all scopes; about 100 bytes each
  std::size_t large_scope = 2'000;           // policy rows, or recipients of `users`; what has more is large
};

struct Recipients {
  std::vector<UserId> users;  // distinct, sorted; of a large organizer or merchant nobody
  bool large = false;         // they get it slice by slice, later
};

class RecipientResolver {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  explicit RecipientResolver(store::PolicyDefinitionRepository& policies, ResolverLimits limits = {},
                             Clock clock = std::chrono::steady_clock::now)
      : policies_(policies), limits_(limits), clock_(std::move(clock)) {}

  /// Nobody when the scope resolves to nobody. Reads of one scope are cached for at most 5 s.
  Result<Recipients> resolve(const Activity& activity);

  /// Members in rows read so far whose ids can be no user's: empty, over 128 bytes, with U+0000.
  std::uint64_t left_out() const { return left_out_; }

 private:
  struct Scope {
    RecipientScope kind;
    std::string id;
    friend auto operator<=>(const Scope&, const Scope&) = default;
  };
  struct Cached {
    std::chrono::steady_clock::time_point read_at;  // before the query: its age is never understated
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
