#pragma once
// The answer to a question about many pairs of a user and a room, put together from what a database says of each user
// and of each room once. Without I/O; its cost is that of the pairs and of what their rooms inherit from.

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

  /// `asked` is borrowed. A pair whose room no policy row decides about, or with a text that can not be asked for, does
  /// not hold.
  explicit MembershipJoin(std::span<const Membership> asked, const CanBeAsked& can_be_asked = {});

  /// To be looked up, each once; they go by their places here.
  const std::vector<std::string>& users() const { return users_; }
  const std::vector<Domain>& domains() const { return domains_; }

  /// The domain in that place has the members of this one too.
  void inherits(std::size_t domain, const Domain& from);
  /// The user in that place is joined to it. What neither was asked about nor is inherited from is no matter.
  void joined(std::size_t user, const Domain& to);

  /// Of the asked pairs those that hold, in their order. Once.
  std::vector<Membership> held();

 private:
  struct Pair {
    std::size_t asked;  // its place
    std::uint32_t user, domain;
  };
  std::uint32_t number_of(const Domain& domain);

  std::span<const Membership> asked_;
  std::vector<Pair> pairs_;
  std::vector<std::string> users_;
  std::vector<Domain> domains_;
  KeyedMap<std::string, std::uint32_t> numbers_;    // of each domain that counts; the asked ones have their places
  std::vector<std::vector<std::uint32_t>> reach_;   // of each asked domain: the numbers of those whose members it has
  std::vector<std::vector<std::uint32_t>> joined_;  // of each user
};

}  // namespace nx::store
