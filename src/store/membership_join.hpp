#pragma once
// Answers a question about many pairs of a user and a room from what a database returned once for each user and once
// for each room. No I/O; the cost is proportional to the pairs and to the domains that their rooms inherit from.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/keyed_hash.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::store {

class MembershipJoin {
 public:
  using CanBeAsked = std::function<bool(std::string_view)>;

  /// `asked` is borrowed. A pair does not hold if no policy row decides about its room, or if it contains a text that
  /// cannot be a query parameter.
  explicit MembershipJoin(std::span<const Membership> asked, const CanBeAsked& can_be_asked = {});

  /// Each to be looked up once; the methods below refer to them by their places in these lists.
  const std::vector<std::string>& users() const { return users_; }
  const std::vector<Domain>& domains() const { return domains_; }

  /// The domain at that place also has the members of `from`.
  void inherits(std::size_t domain, const Domain& from);
  /// The user at that place is joined to `to`. Domains that were neither asked about nor inherited from are ignored.
  void joined(std::size_t user, const Domain& to);

  /// The asked pairs that hold, in their order. To be called once.
  std::vector<Membership> held();

 private:
  struct Pair {
    std::size_t asked;  // its place in the question
    std::uint32_t user, domain;
  };
  std::uint32_t number_of(const Domain& domain);

  std::span<const Membership> asked_;
  std::vector<Pair> pairs_;
  std::vector<std::string> users_;
  std::vector<Domain> domains_;
  // every relevant domain; asked domains have the numbers of their places
  KeyedMap<std::string, std::uint32_t> numbers_;
  // For each asked domain, the numbers of the domains whose members it has.
  std::vector<std::vector<std::uint32_t>> reach_;
  std::vector<std::vector<std::uint32_t>> joined_;  // for each user, the numbers of its domains
};

}  // namespace nx::store
