#pragma once
// Repositories in memory: nobody is in any organisation, and rows that can be away, slow or refused.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fakes/empty_repositories.hpp"

namespace nx::ingest::testing {

/// Nobody is in any organisation: the tests use the scope `users`.
class NoPolicies final : public nx::fakes::EmptyPolicies {
 public:
  std::chrono::milliseconds delay{0};  // of each look at an organizer; set before the consumer starts

  Result<std::vector<UserId>> users_of_organizer(const std::string&, std::size_t) override {
    std::this_thread::sleep_for(delay);
    return std::vector<UserId>{};
  }
};

/// Keeps titles by source and key, and can be away. Any thread may look while the consumer's writes.
class MemoryRows final : public nx::fakes::EmptyNotifications {
 public:
  Result<std::vector<store::IngestResult>> ingest(std::span<const store::NewNotification> batch) override {
    std::chrono::milliseconds delay{};
    {
      const std::lock_guard lock{mutex_};
      ++calls_;
      delay = delay_;
    }
    std::this_thread::sleep_for(delay);
    wait_while_hanging(batch);
    const std::lock_guard lock{mutex_};
    if (has(batch, away_title_)) return fail(ErrorKind::unavailable, "database unavailable for one");
    if (away_) return fail(ErrorKind::unavailable, "database unavailable");
    for (const auto& one : batch) {
      if (one.activity.title == broken_title) throw std::logic_error("broken on purpose");
      if (one.activity.title == refused_title) return fail(ErrorKind::invalid, "value refused");
    }
    std::vector<store::IngestResult> results;
    for (const auto& one : batch) {
      store::IngestResult result;
      result.notification.title = one.activity.title;
      for (const UserId& user : one.recipients) result.recipients.push_back({user, 1, 1});
      if (sources_.contains(one.activity.source)) {
        result.outcome = store::IngestOutcome::redelivered;
        ++redelivered_;
      } else if (one.activity.key && !keys_.insert(one.activity.type + '\n' + *one.activity.key).second) {
        result.outcome = store::IngestOutcome::known_key;
      } else {
        sources_.insert(one.activity.source);
        order_.push_back(one.activity.source);
        ++titles_[one.activity.title];
      }
      results.push_back(std::move(result));
    }
    return results;
  }
  void set_away(bool away) {
    const std::lock_guard lock{mutex_};
    away_ = away;
  }
  /// For batches with this title alone; empty: for none.
  void set_away_for(const std::string& title) {
    const std::lock_guard lock{mutex_};
    away_title_ = title;
  }
  /// Calls with this title wait until they are let go on.
  void hang_for(const std::string& title) {
    const std::lock_guard lock{mutex_};
    hanging_title_ = title;
  }
  void let_go_on() { hang_for(""); }
  std::size_t hanging() const { return hanging_.load(); }  // calls that wait now
  /// How long each call takes.
  void set_delay(std::chrono::milliseconds delay) {
    const std::lock_guard lock{mutex_};
    delay_ = delay;
  }
  std::size_t stored() const {
    const std::lock_guard lock{mutex_};
    return sources_.size();
  }
  std::size_t calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
  }
  std::size_t redelivered() const {
    const std::lock_guard lock{mutex_};
    return redelivered_;
  }
  std::map<std::string, int> titles() const {
    const std::lock_guard lock{mutex_};
    return titles_;
  }

  std::vector<std::string> order() const {
    const std::lock_guard lock{mutex_};
    return order_;
  }

  std::string refused_title, broken_title;  // set before the consumer starts

 private:
  static bool has(std::span<const store::NewNotification> batch, const std::string& title) {
    return !title.empty() &&
           std::any_of(batch.begin(), batch.end(), [&](const auto& one) { return one.activity.title == title; });
  }
  void wait_while_hanging(std::span<const store::NewNotification> batch) {
    const auto hangs = [this, batch] {
      const std::lock_guard lock{mutex_};
      return has(batch, hanging_title_);
    };
    if (!hangs()) return;
    ++hanging_;
    while (hangs()) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    --hanging_;
  }

  std::atomic<std::size_t> hanging_{0};
  mutable std::mutex mutex_;  // guards all below
  bool away_ = false;
  std::string away_title_, hanging_title_;
  std::chrono::milliseconds delay_{0};
  std::size_t calls_ = 0, redelivered_ = 0;
  std::set<std::string> sources_, keys_;
  std::map<std::string, int> titles_;
  std::vector<std::string> order_;  // sources as they were stored
};

}  // namespace nx::ingest::testing
