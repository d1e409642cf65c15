// Stores a batch of which some messages have to wait, because another transaction has locked their inboxes.

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include "store/postgres/inbox_locks.hpp"
#include "store/postgres/ingest.hpp"
#include "store/postgres/ingest_attempt.hpp"
#include "store/postgres/sqlstate.hpp"

namespace nx::store::postgres {
namespace {

constexpr int kTriesAroundLocks = 3;

Result<std::vector<IngestResult>> give_back(Connection& db, Pace& pace, Result<std::vector<IngestResult>> results) {
  if (results) {
    pace.in_time();
    return results;
  }
  if (db.last_sqlstate() == SqlState::query_canceled) pace.out_of_time();
  // too_broad means a slow server here, which is not the message's fault.
  if (results.error().kind == ErrorKind::too_broad) results.error().kind = ErrorKind::unavailable;
  return results;
}

/// The batch of a transaction that timed out on the lock of an inbox. Messages that need a locked inbox are set aside,
/// so that the rest does not wait, and nobody waits for our locks.
class AroundLocks {
 public:
  AroundLocks(Connection& db, Pace& pace, const Statements& sql, std::span<const NewNotification> batch)
      : db_(db), pace_(pace), sql_(sql), batch_(batch), results_(batch.size()), left_(batch.size()) {
    std::iota(left_.begin(), left_.end(), std::size_t{0});
  }

  /// `failed`: the result of the attempt with the whole batch.
  Result<std::vector<IngestResult>> run(Attempt failed) {
    for (int tries = 0; tries < kTriesAroundLocks; ++tries) {
      const bool out_of_time = db_.last_sqlstate() == SqlState::query_canceled;
      auto locks = look_for_locks(db_, sql_, users(), pace_.of(kInboxesAtOnce));
      if (!locks) return error_of(locks);
      if (out_of_time && locks->locked.empty()) {  // too slow a server for so many inboxes
        pace_.out_of_time();
        failed.results.error().kind = ErrorKind::unavailable;
        return std::move(failed.results);
      }
      set_aside(*locks);
      if (left_.empty()) return std::move(results_);
      std::vector<NewNotification> rest;
      for (const std::size_t i : left_) rest.push_back(batch_[i]);
      failed = try_once(db_, pace_, sql_, rest);
      if (failed.waited_for_inboxes) continue;
      auto stored = give_back(db_, pace_, std::move(failed.results));
      if (!stored) return stored;
      for (std::size_t k = 0; k < left_.size(); ++k) results_[left_[k]] = std::move((*stored)[k]);
      return std::move(results_);
    }
    return std::move(failed.results);
  }

 private:
  std::vector<std::string_view> users() const {
    std::vector<std::string_view> all;
    for (const std::size_t i : left_) {
      if (batch_[i].later) continue;
      for (const UserId& user : batch_[i].recipients) all.emplace_back(user.value);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  /// If no inbox is found locked, the wait may have been for an inbox that another transaction is creating.
  void set_aside(const InboxLocks& locks) {
    const auto is_in_the_way = [&locks](const UserId& user) {
      return locks.locked.empty() ? !locks.free.contains(user.value) : locks.locked.contains(user.value);
    };
    std::erase_if(left_, [&](std::size_t i) {
      if (batch_[i].later) return false;
      const auto& users = batch_[i].recipients;
      const auto found = std::find_if(users.begin(), users.end(), is_in_the_way);
      if (found == users.end()) return false;
      results_[i].outcome = IngestOutcome::waiting;
      results_[i].waits_for = fmt::format("another transaction has the inbox of user {} locked", found->value);
      return true;
    });
  }

  Connection& db_;
  Pace& pace_;
  const Statements& sql_;
  std::span<const NewNotification> batch_;
  std::vector<IngestResult> results_;
  std::vector<std::size_t> left_;  // not stored yet
};

}  // namespace

Result<std::vector<IngestResult>> ingest(Connection& db, Pace& pace, const Statements& sql,
                                         std::span<const NewNotification> batch) {
  if (batch.empty()) return std::vector<IngestResult>{};
  auto attempt = try_once(db, pace, sql, batch);
  // A batch of another worker or instance ends within the second wait, so nothing is set aside for it.
  if (attempt.waited_for_inboxes) attempt = try_once(db, pace, sql, batch);
  if (attempt.waited_for_inboxes) return AroundLocks(db, pace, sql, batch).run(std::move(attempt));
  return give_back(db, pace, std::move(attempt.results));
}

}  // namespace nx::store::postgres
