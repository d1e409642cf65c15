#include "auth/key_set_source.hpp"

#include <algorithm>
#include <utility>

#include "crypto/digest.hpp"

namespace nx::auth {
namespace {

using namespace std::chrono_literals;

constexpr auto kAfterFailure = 1s;          // minimum time between a failed fetch and the next one
constexpr auto kMinTtl = 100ms;             // half of it is the period of refetching
constexpr std::size_t kMaxWaiting = 4'096;  // four times the handshakes that the gateway admits at once by default

KeySetSource::Options bounded(KeySetSource::Options options) {
  options.ttl = std::max<std::chrono::milliseconds>(options.ttl, kMinTtl);
  return options;
}

}  // namespace

KeySetSource::KeySetSource(Options options, const observe::Logger& log, std::function<void()> on_change)
    : options_(bounded(std::move(options))),
      log_(log),
      on_change_(std::move(on_change)),
      download_(options_.url, options_.timeout, options_.tls_ca) {
  thread_ = std::thread([this] { run(); });
}

KeySetSource::~KeySetSource() {
  stop();
}

void KeySetSource::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  download_.cancel();
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  waiting_.clear();
}

KeySetSource::Current KeySetSource::current() const {
  const std::lock_guard lock(mutex_);
  return {is_fresh(Clock::now()) ? keys_ : nullptr, generation_, stats_.fetches};
}

KeySetSource::Wait KeySetSource::wait_for_fetch(const Current& seen, std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  if (stats_.fetches != seen.ended_fetches) return Wait::changed;
  if (stopping_ || waiting_.size() >= kMaxWaiting) return Wait::refused;
  if (!fetching_ && !wanted_) {
    const auto now = Clock::now();
    if (failed_just_now(now) || (is_fresh(now) && now - last_success_ < options_.cooldown)) return Wait::refused;
    wanted_ = true;
    wake_.notify_all();
  }
  waiting_.push_back(std::move(then));
  return Wait::joined;
}

KeySetStats KeySetSource::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

bool KeySetSource::is_fresh(Clock::time_point now) const {
  return keys_ != nullptr && now - last_success_ < options_.ttl;
}

bool KeySetSource::failed_just_now(Clock::time_point now) const {
  return failed_last_ && now - last_failure_ < kAfterFailure;
}

/// After half of the set's life, but after a failure not before the cool-down, so that an unavailable identity service
/// is rarely asked while nobody waits.
KeySetSource::Clock::time_point KeySetSource::next_refresh() const {
  const auto half_life = last_success_ + options_.ttl / 2;
  return failed_last_ ? std::max(half_life, last_failure_ + std::max<Clock::duration>(options_.cooldown, kAfterFailure))
                      : half_life;
}

void KeySetSource::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!wanted_ && keys_ == nullptr) {
      wake_.wait(lock);
    } else if (!wanted_ && Clock::now() < next_refresh()) {
      wake_.wait_until(lock, next_refresh());
    } else {
      fetch_once(lock);
    }
  }
}

void KeySetSource::fetch_once(std::unique_lock<std::mutex>& lock) {
  wanted_ = false;
  fetching_ = true;
  lock.unlock();
  const auto body = options_.fetch ? options_.fetch() : download_.get();
  auto set = body ? KeySet::parse(*body) : error_of(body);
  const auto digest = crypto::sha256(body ? *body : std::string());
  const bool failed = !set;
  if (failed) log_.warn("key set not fetched", {{"reason", set.error().message}});
  lock.lock();
  fetching_ = false;
  if (stopping_) return;
  const std::uint64_t before = generation_;
  take(std::move(set), digest);
  const bool changed = generation_ != before;
  const auto set_at_hand = keys_;
  auto waiting = std::exchange(waiting_, {});
  lock.unlock();
  if (changed) {
    on_change_();
    log_.info("key set changed", {{"keys", set_at_hand->size()}});
    for (const KeySet::Unusable& one : set_at_hand->unusable()) {
      log_.warn("a key of the key set cannot be used: its tokens are refused", {{"kid", one.kid}, {"reason", one.why}});
    }
  }
  for (const auto& then : waiting) then();
  lock.lock();
}

void KeySetSource::take(Result<KeySet> set, const std::array<std::uint8_t, 32>& digest) {
  ++stats_.fetches;
  failed_last_ = !set;
  if (!set) {
    ++stats_.failed_fetches;
    last_failure_ = Clock::now();
    return;
  }
  last_success_ = Clock::now();
  if (keys_ != nullptr && digest == digest_) return;
  digest_ = digest;
  ++generation_;
  keys_ = std::make_shared<const KeySet>(std::move(*set));
  stats_.keys = keys_->size();
  stats_.unusable_keys = keys_->unusable().size();
}

}  // namespace nx::auth
