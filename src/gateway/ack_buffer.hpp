#pragma once
// What the clients of one shard said that they have and the database does not know yet. Bounded in rows, for one user
// and in all; what finds no room is refused. Home thread only.

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "model/acknowledgement.hpp"
#include "model/keyed_hash.hpp"

namespace nx::gateway {

class AckBuffer {
 public:
  static constexpr std::size_t kMaxRows = 8'192;
  static constexpr std::size_t kMaxRowsOfUser = 1'024;  // so that one user leaves room to the others
  static constexpr std::size_t kBatchRows = 2'048;      // of one transaction: their locks are held for so long
  /// What is said within so long is written with one time.
  static constexpr std::chrono::milliseconds kSameTime{500};

  /// False: there is no room.
  bool add(Acknowledgement what);

  bool empty() const { return waiting_.empty(); }
  bool has_batch() const { return rows_ >= kBatchRows; }
  std::size_t bytes() const { return bytes_; }

  /// The oldest, at most kBatchRows but at least one; names are sorted and distinct.
  std::vector<Acknowledgement> take();
  /// What could not be written goes before all others. It may exceed the bounds: nothing more is taken then.
  void put_back(std::vector<Acknowledgement> batch);

 private:
  struct OfUser {
    std::size_t rows = 0;
    Acknowledgement* newest = nullptr;  // in waiting_, whose elements stay where they are
  };

  bool join(Acknowledgement& newest, const Acknowledgement& what);
  void forget(const Acknowledgement& what);

  std::deque<Acknowledgement> waiting_;
  KeyedMap<std::string, OfUser> users_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace nx::gateway
