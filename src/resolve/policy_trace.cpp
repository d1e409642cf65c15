#include "resolve/policy_trace.hpp"

#include <algorithm>
#include <deque>
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

bool counts(const PolicyEdge& edge, Rows rows) {
  return rows == Rows::all || !edge.deleted_at;
}

/// The shortest path to each domain that can be reached.
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
      if (found.emplace(std::pair{edge.target.type, edge.target.id}, std::move(longer)).second) {
        next.push_back(edge.target);
      }
    }
  }
  return found;
}

/// The time at which the first of the rows was deleted.
std::optional<EpochMs> ended_at(const Path& path) {
  std::optional<EpochMs> first;
  for (const PolicyEdge& edge : path) {
    if (edge.deleted_at) first = first ? std::min(*first, *edge.deleted_at) : *edge.deleted_at;
  }
  return first;
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
    const auto end = ended_at(path);
    const auto chosen_end = chosen ? ended_at(*chosen) : std::nullopt;
    const bool better =
        !chosen || (rows == Rows::all && end > chosen_end) || (end == chosen_end && path.size() < chosen->size());
    if (better) chosen = std::move(path);
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
  std::string why;
  if (path.back().deleted_at) {
    why = fmt::format("was joined to {} until {}", text_of(path.back().target), iso8601(*path.back().deleted_at));
    if (path.size() > 1) why += fmt::format(" ({} and what it inherits from)", text_of(meant));
    return why;
  }
  const auto broken = std::ranges::find_if(path, [](const PolicyEdge& edge) { return edge.deleted_at.has_value(); });
  return fmt::format("joined to {}, but {} no longer inherits from {} since {}", text_of(path.back().target),
                     text_of(broken->subject), text_of(broken->target), iso8601(*broken->deleted_at));
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
    trace.ended_at = ended_at(*path);
    trace.rows = std::move(*path);
  } else {
    trace.why = not_joined(meant);
  }
  return trace;
}

}  // namespace nx::resolve
