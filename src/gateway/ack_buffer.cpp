#include "gateway/ack_buffer.hpp"

#include <algorithm>
#include <utility>

namespace nx::gateway {

namespace {

std::size_t rows_of(const Acknowledgement& what) {
  const std::int64_t stretch = std::min(what.up_to - what.above, kMaxAcknowledgedRows);
  return what.ids.size() + static_cast<std::size_t>(stretch);
}

std::size_t bytes_of(const Acknowledgement& what) {
  // The user id is stored twice: here and as a key of users_.
  return sizeof(Acknowledgement) + 2 * what.user.value.size() + what.ids.size() * sizeof(NotificationId);
}

}  // namespace

bool AckBuffer::add(Acknowledgement what) {
  const std::size_t rows = rows_of(what);
  const auto known = users_.find(what.user.value);
  const std::size_t of_user = known == users_.end() ? 0 : known->second.rows;
  if (rows_ + rows > kMaxRows || of_user + rows > kMaxRowsOfUser) return false;
  OfUser& user = known == users_.end() ? users_[what.user.value] : known->second;
  user.rows += rows;
  rows_ += rows;
  if (user.newest != nullptr && join(*user.newest, what)) return true;
  bytes_ += bytes_of(what);
  waiting_.push_back(std::move(what));
  user.newest = &waiting_.back();
  return true;
}

/// Two ranges are joined only where they touch or overlap, because the client did not acknowledge the rows between
/// them, and only while the joined range has at most kMaxAcknowledgedRows: the rest of a longer one would not be
/// marked.
bool AckBuffer::join(Acknowledgement& newest, const Acknowledgement& what) {
  if (what.at.value - newest.at.value > kSameTime.count()) return false;
  const bool has_stretch = newest.up_to > newest.above;
  const bool says_stretch = what.up_to > what.above;
  const std::int64_t above = has_stretch ? std::min(newest.above, what.above) : what.above;
  const std::int64_t up_to = std::max(newest.up_to, what.up_to);
  if (has_stretch && says_stretch) {
    const bool apart = what.above > newest.up_to || newest.above > what.up_to;
    if (apart || up_to - above > kMaxAcknowledgedRows) return false;
  }
  const std::size_t before_rows = rows_of(newest);
  const std::size_t before_bytes = bytes_of(newest);
  newest.ids.insert(newest.ids.end(), what.ids.begin(), what.ids.end());
  if (says_stretch) {
    newest.above = above;
    newest.up_to = up_to;
  }
  newest.at = std::max(newest.at, what.at);
  bytes_ += bytes_of(newest) - before_bytes;
  // Rows in both ranges were counted twice.
  const std::size_t saved = before_rows + rows_of(what) - rows_of(newest);
  rows_ -= saved;
  users_.find(newest.user.value)->second.rows -= saved;
  return true;
}

void AckBuffer::forget(const Acknowledgement& what) {
  rows_ -= rows_of(what);
  bytes_ -= bytes_of(what);
  const auto user = users_.find(what.user.value);
  user->second.rows -= rows_of(what);
  if (user->second.newest == &what) user->second.newest = nullptr;
  if (user->second.rows == 0) users_.erase(user);
}

std::vector<Acknowledgement> AckBuffer::take() {
  std::vector<Acknowledgement> batch;
  std::size_t rows = 0;
  while (!waiting_.empty() && (batch.empty() || rows + rows_of(waiting_.front()) <= kBatchRows)) {
    rows += rows_of(waiting_.front());
    forget(waiting_.front());
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    std::vector<NotificationId>& ids = batch.back().ids;
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  return batch;
}

void AckBuffer::put_back(std::vector<Acknowledgement> batch) {
  for (auto item = batch.rbegin(); item != batch.rend(); ++item) {
    const std::size_t rows = rows_of(*item);
    rows_ += rows;
    bytes_ += bytes_of(*item);
    users_[item->user.value].rows += rows;
    waiting_.push_front(std::move(*item));
  }
}

}  // namespace nx::gateway
