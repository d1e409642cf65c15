#pragma once
// The waiting jobs of a few threads, by kind and by party. No kind and no party gets all threads, and no party gets all
// threads of a kind, even if it submits many jobs. With three threads or more, reads leave one thread for changes.
// Within these bounds the oldest job runs first.
// Not thread-safe: the owner holds a lock.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "model/keyed_hash.hpp"

namespace nx::runtime {

enum class JobKind : std::uint8_t {
  quick,     // reads of a few rows
  slow,      // reads that may use up their time limit
  rooms,     // checks of room membership
  catch_up,  // rows that a client has missed
  change,    // changes of rows for which a caller waits
  record     // records of past events; nobody waits for them
};
inline constexpr std::size_t kJobKinds = 6;
constexpr bool is_read(JobKind kind) {
  return kind < JobKind::change;
}

/// `Job` must be movable. Jobs with an empty party belong to no party: only their kind limits them.
template <class Job>
class JobQueues {
 public:
  /// `threads` limits how many jobs of each kind run at once. With three threads or more, all reads together leave one
  /// thread free.
  explicit JobQueues(std::size_t threads)
      : reads_(threads < 3 ? threads : threads - 1), half_(std::max<std::size_t>(1, threads / 2)) {
    for (Share& share : shares_) share.may_run = half_;
    const std::size_t most = threads < 3 ? threads : std::max({half_, threads - 2, std::size_t{2}});
    of(JobKind::quick).may_run = of(JobKind::change).may_run = most;
    of(JobKind::quick).of_party = std::max<std::size_t>(1, most - 1);
    of(JobKind::record).may_run = 1;
  }

  std::size_t queued(JobKind kind) const { return of(kind).queue.size(); }
  bool empty() const {
    return std::ranges::all_of(shares_, [](const Share& share) { return share.queue.empty(); });
  }
  void put(JobKind kind, std::string party, Job job) {
    of(kind).queue.push_back({std::move(job), std::move(party), next_place_++});
  }

  struct Taken {
    Job job;
    JobKind kind;
    std::string party;
  };
  /// Returns the oldest job that may run now, or std::nullopt. The caller must call done() afterwards.
  std::optional<Taken> take() {
    std::optional<std::pair<JobKind, std::size_t>> oldest;
    for (std::size_t i = 0; i < kJobKinds; ++i) {
      const auto kind = static_cast<JobKind>(i);
      const auto next = next_of(kind);
      if (next && (!oldest || waiting(kind, *next).place < waiting(oldest->first, oldest->second).place)) {
        oldest.emplace(kind, *next);
      }
    }
    if (!oldest) return std::nullopt;
    return start(oldest->first, oldest->second);
  }
  void done(JobKind kind, const std::string& party) {
    --of(kind).running;
    if (is_read(kind)) --reading_;
    const auto found = running_.find(party);
    if (found == running_.end()) return;
    --found->second.of_kind[static_cast<std::size_t>(kind)];
    if (--found->second.all == 0) running_.erase(found);
  }

  /// Removes and returns all waiting jobs, to be dropped.
  auto clear() {
    std::array<std::deque<Job>, kJobKinds> dropped;
    for (std::size_t i = 0; i < kJobKinds; ++i) {
      for (Waiting& one : shares_[i].queue) dropped[i].push_back(std::move(one.job));
      shares_[i].queue.clear();
    }
    return dropped;
  }

 private:
  struct Waiting {
    Job job;
    std::string party;
    std::uint64_t place = 0;  // order of arrival over all kinds
  };
  struct Share {
    std::deque<Waiting> queue;
    std::size_t may_run = 1, running = 0;
    // how many of one party may run; changes of one user wait for each other in the database anyway
    std::size_t of_party = 1;
  };
  struct Running {
    std::size_t all = 0;
    std::array<std::size_t, kJobKinds> of_kind{};
  };

  Share& of(JobKind kind) { return shares_[static_cast<std::size_t>(kind)]; }
  const Share& of(JobKind kind) const { return shares_[static_cast<std::size_t>(kind)]; }
  const Waiting& waiting(JobKind kind, std::size_t index) const { return of(kind).queue[index]; }

  /// The index of the next job of a kind that may run. Jobs of parties that already have their share of threads are
  /// skipped; the caller of put() bounds how many jobs of one party wait.
  std::optional<std::size_t> next_of(JobKind kind) const {
    const Share& share = of(kind);
    if (share.running >= share.may_run || (is_read(kind) && reading_ >= reads_)) return std::nullopt;
    for (std::size_t i = 0; i < share.queue.size(); ++i) {
      const auto found = running_.find(share.queue[i].party);
      if (found == running_.end()) return i;
      const Running& party = found->second;
      if (party.all < half_ && party.of_kind[static_cast<std::size_t>(kind)] < share.of_party) return i;
    }
    return std::nullopt;
  }

  Taken start(JobKind kind, std::size_t index) {
    Share& share = of(kind);
    const auto at = share.queue.begin() + static_cast<std::ptrdiff_t>(index);
    Taken taken{std::move(at->job), kind, std::move(at->party)};
    share.queue.erase(at);
    ++share.running;
    if (is_read(kind)) ++reading_;
    if (taken.party.empty()) return taken;
    Running& party = running_[taken.party];
    ++party.all;
    ++party.of_kind[static_cast<std::size_t>(kind)];
    return taken;
  }

  const std::size_t reads_;  // how many reads of all kinds may run at once
  const std::size_t half_;   // how many jobs of one kind or of one party may run at once
  std::array<Share, kJobKinds> shares_;
  std::size_t reading_ = 0;
  KeyedMap<std::string, Running> running_;  // by party
  std::uint64_t next_place_ = 0;
};

}  // namespace nx::runtime
