#pragma once
// Membership: reads of the identity service's PolicyDefinition table (docs/data-model.md#policy-rows). Read only; one
// object is one connection, used by one thread at a time; calls block.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::store {

struct Membership {
  UserId user;
  RoomName room;  // org:<id> or merchant:<id>
};

/// The target of a policy row, which users join.
struct Domain {
  std::string type;  // Organizer, Merchant
  std::string id;
  friend bool operator==(const Domain&, const Domain&) = default;
};

/// A row of the table: a user's membership, or a domain that another inherits from.
struct PolicyEdge {
  std::string variant;
  Domain subject, target;
  std::optional<EpochMs> deleted_at;
  friend bool operator==(const PolicyEdge&, const PolicyEdge&) = default;
};

/// The rows that decide whether a user belongs to a domain, including those with a deleted_at.
struct PolicyEvidence {
  std::vector<PolicyEdge> memberships;  // the user's, in the domain and in those it inherits from
  std::vector<PolicyEdge> inheritance;  // starting from the domain
};

class PolicyDefinitionRepository {
 public:
  virtual ~PolicyDefinitionRepository() = default;

  /// Users joined to that Organizer (the configured membership variants; rows with deleted_at do not count): one entry
  /// for each row, at most `limit` rows, unordered.
  virtual Result<std::vector<UserId>> users_of_organizer(const std::string& organizer_id, std::size_t limit) = 0;

  /// Users joined to that Merchant or to a domain it inherits from (`domain_inherits`, depth ≤ 32, cycles are
  /// harmless); entries and limit as above.
  virtual Result<std::vector<UserId>> users_of_merchant(const std::string& merchant_id, std::size_t limit) = 0;

  /// The next members of the room after `after`, at most `limit`; distinct, in the order of the id column's own type. A
  /// pass over all members returns a user exactly once if the user is a member during the whole pass.
  virtual Result<std::vector<UserId>> members_after(const RoomName& room, const std::optional<std::string>& after,
                                                    std::size_t limit) = 0;

  /// Whether an index has that order: otherwise each call reads all members, whatever its limit.
  virtual bool members_in_order() const = 0;

  /// Whether `user` is a member of the room and follows `after` in that order.
  virtual Result<bool> is_member_after(const UserId& user, const RoomName& room,
                                       const std::optional<std::string>& after) = 0;

  /// The asked pairs that hold, in the order asked, of one snapshot. Members of a domain from which a merchant inherits
  /// are members of the merchant's room.
  virtual Result<std::vector<Membership>> members_among(std::span<const Membership> asked) = 0;

  /// The nearest domain through which `user` belongs to the room: the room's own, or one that its merchant inherits
  /// from; nullopt when the user does not belong to it.
  virtual Result<std::optional<Domain>> joined_through(const UserId& user, const RoomName& room) = 0;

  /// The rows that decide whether `user` belongs to the room, at most 1,000 of each kind. For operators; it reads more
  /// than the other queries do.
  virtual Result<PolicyEvidence> evidence(const UserId& user, const RoomName& room) = 0;
};

}  // namespace nx::store
