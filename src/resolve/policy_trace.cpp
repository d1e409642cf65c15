#include "resolve/policy_trace.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <limits>
#include <map>

#include <fmt/core.h>

#include "store/policy_domain.hpp"

namespace nx::resolve {
namespace {

using store::Domain;
using store::PolicyEdge;
using store::PolicyEvidence;
using Path = std::vector<PolicyEdge>;
using Outcome = PolicyTrace::Outcome;

enum class Rows { live, all };

constexpr EpochMs kNever{std::numeric_limits<std::int64_t>::max()};

bool counts(const PolicyEdge& edge, Rows rows) {
  return rows == Rows::all || !edge.deleted_at;
}

/// The row that was deleted first; the first row if none was deleted; the end if the path is empty.
Path::const_iterator first_deleted(const Path& path) {
  return std::ranges::min_element(path, {}, [](const PolicyEdge& edge) { return edge.deleted_at.value_or(kNever); });
}

/// The time at which the first of the rows was deleted.
EpochMs end_of(const Path& path) {
  return path.empty() ? kNever : first_deleted(path)->deleted_at.value_or(kNever);
}

bool is_better(const Path& path, const Path& other) {
  const EpochMs end = end_of(path), other_end = end_of(other);
  return end > other_end || (end == other_end && path.size() < other.size());
}

/// The best path to each domain that can be reached. Without deleted rows that is the shortest.
std::map<std::pair<std::string, std::string>, Path> ways(const PolicyEvidence& evidence, const Domain& meant,
                                                         Rows rows) {
  std::map<std::pair<std::string, std::string>, Path> found{{{meant.type, meant.id}, {}}};
  std::deque<Domain> next{meant};
  for (; !next.empty(); next.pop_front()) {
    const Domain from = next.front();
    const Path way = found.at({from.type, from.id});
    if (way.size() >= store::kMaxInheritance) continue;
    for (const PolicyEdge& edge : evidence.inheritance) {
      if (edge.subject != from || !counts(edge, rows)) continue;
      Path longer = way;
      longer.push_back(edge);
      const auto [known, is_new] = found.try_emplace({edge.target.type, edge.target.id}, longer);
      if (!is_new && !is_better(longer, known->second)) continue;
      known->second = std::move(longer);
      next.push_back(edge.target);
    }
  }
  return found;
}

/// The best of the paths through rows of that kind, with the membership last.
std::optional<Path> best(const PolicyEvidence& evidence, const Domain& meant, Rows rows) {
  const auto reached = ways(evidence, meant, rows);
  std::optional<Path> chosen;
  for (const PolicyEdge& membership : evidence.memberships) {
    const auto way = reached.find({membership.target.type, membership.target.id});
    if (way == reached.end() || !counts(membership, rows)) continue;
    Path path = way->second;
    path.push_back(membership);
    if (!chosen || is_better(path, *chosen)) chosen = std::move(path);
  }
  return chosen;
}

/// `Organizer` o1 → "organizer o1".
std::string text_of(const Domain& domain) {
  if (domain.type == store::kOrganizer) return "organizer " + domain.id;
  if (domain.type == store::kMerchant) return "merchant " + domain.id;
  return fmt::format("{} {}", domain.type, domain.id);
}

std::string why_ended(const Path& path, const Domain& meant) {
  const auto ended = first_deleted(path);
  const std::string time = iso8601(*ended->deleted_at);
  if (ended == std::prev(path.end())) {
    const std::string why = fmt::format("was joined to {} until {}", text_of(ended->target), time);
    return path.size() > 1 ? fmt::format("{} (and through it to {})", why, text_of(meant)) : why;
  }
  const PolicyEdge& membership = path.back();
  return fmt::format("{} to {}, but {} has not inherited from {} since {}",
                     membership.deleted_at ? "was joined" : "joined", text_of(membership.target),
                     text_of(ended->subject), text_of(ended->target), time);
}

}  // namespace

std::string joined_through(const Domain& domain, const Domain& meant) {
  const std::string joined = "joined to " + text_of(domain);
  return domain == meant ? joined : fmt::format("{}, which {} inherits from", joined, text_of(meant));
}

std::string not_joined(const Domain& meant) {
  return fmt::format("not joined to {}{}", text_of(meant),
                     meant.type == store::kMerchant ? " or to anything it inherits from" : "");
}

PolicyTrace trace_membership(const PolicyEvidence& evidence, const Domain& meant) {
  PolicyTrace trace;
  if (auto path = best(evidence, meant, Rows::live)) {
    trace.outcome = Outcome::member;
    trace.inherited = path->size() > 1;
    trace.why = joined_through(path->back().target, meant);
    trace.rows = std::move(*path);
  } else if (path = best(evidence, meant, Rows::all); path) {
    trace.outcome = Outcome::ended;
    trace.inherited = path->size() > 1;
    trace.why = why_ended(*path, meant);
    trace.ended_at = end_of(*path);
    trace.rows = std::move(*path);
  } else {
    trace.why = not_joined(meant);
  }
  return trace;
}

}  // namespace nx::resolve
