#include "store/membership_join.hpp"

#include <algorithm>
#include <utility>

#include "store/policy_domain.hpp"

namespace nx::store {
namespace {

/// A type and an id as one text. The separator U+0000 is in no type.
std::string one_text(const Domain& domain) {
  std::string text = domain.type;
  return text.append(1, '\0').append(domain.id);
}

}  // namespace

MembershipJoin::MembershipJoin(std::span<const Membership> asked, const CanBeAsked& can_be_asked) : asked_(asked) {
  KeyedMap<std::string_view, std::uint32_t> places;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string& user = asked[i].user.value;
    const auto domain = domain_of(asked[i].room);
    if (!domain || (can_be_asked && !(can_be_asked(domain->id) && can_be_asked(user)))) continue;
    const auto place = places.try_emplace(user, static_cast<std::uint32_t>(users_.size()));
    if (place.second) users_.push_back(user);
    const std::uint32_t number = number_of(*domain);
    if (number == domains_.size()) {
      domains_.push_back(*domain);
      reach_.push_back({number});
    }
    pairs_.push_back({i, place.first->second, number});
  }
  joined_.resize(users_.size());
}

std::uint32_t MembershipJoin::number_of(const Domain& domain) {
  return numbers_.try_emplace(one_text(domain), static_cast<std::uint32_t>(numbers_.size())).first->second;
}

void MembershipJoin::inherits(std::size_t domain, const Domain& from) {
  reach_.at(domain).push_back(number_of(from));
}

void MembershipJoin::joined(std::size_t user, const Domain& to) {
  if (const auto known = numbers_.find(one_text(to)); known != numbers_.end()) {
    joined_.at(user).push_back(known->second);
  }
}

std::vector<Membership> MembershipJoin::held() {
  for (std::vector<std::uint32_t>& numbers : joined_) std::ranges::sort(numbers);
  std::vector<Membership> held;
  for (const Pair& pair : pairs_) {
    const std::vector<std::uint32_t>& of_user = joined_[pair.user];
    const bool holds = std::ranges::any_of(
        reach_[pair.domain], [&of_user](std::uint32_t number) { return std::ranges::binary_search(of_user, number); });
    if (holds) held.push_back(asked_[pair.asked]);
  }
  return held;
}

}  // namespace nx::store
