#pragma once
// Who belongs to what: reads of the identity service's PolicyDefinition table (docs/data-model.md#policy-rows). Read
// only; one object is one connection, used by one thread at a time; calls block.

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

/// What people join: the target of a policy row.
struct Domain {
  std::string type;  // Organizer, Merchant
  std::string id;
  friend bool operator==(const Domain&, const Domain&) = default;
};

/// A row of the table: a user's membership, or what a domain inherits from.
struct PolicyEdge {
  std::string variant;
  Domain subject, target;
  std::optional<EpochMs> deleted_at;
  friend bool operator==(const PolicyEdge&, const PolicyEdge&) = default;
};

/// What decides whether a user belongs to a domain, the rows with a deleted_at too.
struct PolicyEvidence {
  std::vector<PolicyEdge> memberships;  // of the user, to the domain and to those that it inherits from
  std::vector<PolicyEdge> inheritance;  // from the domain on
};

class PolicyDefinitionRepository {
 public:
  virtual ~PolicyDefinitionRepository() = default;

  /// Users joined to that Organizer (membership variants of the configuration; rows with deleted_at do not count): one
  /// for each row, at most `limit` rows, in no order.
  virtual Result<std::vector<UserId>> users_of_organizer(const std::string& organizer_id, std::size_t limit) = 0;

  /// Users joined to that Merchant or to a domain it inherits from (`domain_inherits`, depth ≤ 32, cycles harmless),
  /// likewise.
  virtual Result<std::vector<UserId>> users_of_merchant(const std::string& merchant_id, std::size_t limit) = 0;

  /// The next members of the room behind `after`, at most `limit`; distinct, in the order that the id column has for
  /// its own type. A walk over all of them sees each who is a member all the while once.
  virtual Result<std::vector<UserId>> members_after(const RoomName& room, const std::optional<std::string>& after,
                                                    std::size_t limit) = 0;

  /// Whether an index has that order: otherwise each question reads all members, whatever its limit.
  virtual bool members_in_order() const = 0;

  /// Whether `user` is a member of the room, and behind `after` in that order.
  virtual Result<bool> is_member_after(const UserId& user, const RoomName& room,
                                       const std::optional<std::string>& after) = 0;

  /// Of the asked pairs those that hold, in the order asked, of one snapshot. A merchant's room holds for members of
  /// what it inherits from.
  virtual Result<std::vector<Membership>> members_among(std::span<const Membership> asked) = 0;

  /// The nearest domain by which `user` belongs to the room: its own, or one that its merchant inherits from; none for
  /// who does not.
  virtual Result<std::optional<Domain>> joined_through(const UserId& user, const RoomName& room) = 0;

  /// The rows that say whether `user` belongs to the room, at most 1,000 of each kind; a deeper look than the others
  /// take, for operators.
  virtual Result<PolicyEvidence> evidence(const UserId& user, const RoomName& room) = 0;
};

}  // namespace nx::store
