#pragma once
// The members of one broadcast in their order, read in runs. Without an index in this order each read sorts all
// members, so a run is then long.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/result.hpp"
#include "store/broadcast_repository.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::delivery {

struct RunLengths {
  std::size_t in_order = 2'000;
  std::size_t unordered = 50'000;  // run length without the index; takes some MiB
};

class BroadcastMembers {
 public:
  BroadcastMembers(store::PolicyDefinitionRepository& policies, const store::Broadcast& broadcast, RunLengths lengths)
      : policies_(policies), broadcast_(broadcast), lengths_(lengths) {}

  /// At most `limit` members after `after`, according to the policy rows at the time when their run was read. `after`
  /// is the last member that is done. Empty: there are no more. Valid until the next call.
  Result<std::span<const UserId>> ahead(const std::optional<std::string>& after, std::size_t limit);
  void pass(std::size_t members) { begin_ += members; }
  /// Each read costs only the members that it returns.
  bool in_order() const;

 private:
  Result<void> read(const std::optional<std::string>& after);
  void read_listed(const std::optional<std::string>& after);
  Result<void> read_members(const std::optional<std::string>& after);

  store::PolicyDefinitionRepository& policies_;
  const store::Broadcast& broadcast_;
  RunLengths lengths_;
  std::vector<UserId> run_;
  std::size_t begin_ = 0;  // index of the first member ahead
};

}  // namespace nx::delivery
