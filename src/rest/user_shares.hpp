#pragma once
// Counts the requests of each user that wait for the database or use it: all users share one queue, and one user must
// not fill it. Any thread.

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "model/ids.hpp"
#include "model/keyed_hash.hpp"

namespace nx::rest {

class UserShares : public std::enable_shared_from_this<UserShares> {
 public:
  explicit UserShares(std::size_t most) : most_(most) {}

  /// A place for one request, released when the last copy is destroyed. Null: the user has the maximum.
  std::shared_ptr<void> enter(const UserId& user);

  std::size_t users() const;  // number of users who have a place

 private:
  void leave(const UserId& user);

  const std::size_t most_;
  mutable std::mutex mutex_;  // guards taken_
  KeyedMap<std::string, std::size_t> taken_;
};

}  // namespace nx::rest
