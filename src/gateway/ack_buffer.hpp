#pragma once
// Acknowledgements of the clients of one shard that are not yet written to the database. The number of rows is bounded,
// for one user and in total; an acknowledgement that exceeds a bound is refused. Home thread only.

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
  static constexpr std::size_t kMaxRowsOfUser = 1'024;  // one user must not fill the buffer
  static constexpr std::size_t kBatchRows = 2'048;      // rows of one transaction; it holds their locks until it ends
  /// Acknowledgements of one user within this time are joined and written with the same time.
  static constexpr std::chrono::milliseconds kSameTime{500};

  /// Returns false when the buffer is full.
  bool add(Acknowledgement what);

  bool empty() const { return waiting_.empty(); }
  bool has_batch() const { return rows_ >= kBatchRows; }
  std::size_t bytes() const { return bytes_; }

  /// Removes and returns the oldest acknowledgements: at most kBatchRows rows, but at least one acknowledgement. Ids
  /// are sorted and distinct.
  std::vector<Acknowledgement> take();
  /// Puts a batch that could not be written back at the front. The bounds may be exceeded; nothing more is accepted
  /// then.
  void put_back(std::vector<Acknowledgement> batch);

 private:
  struct OfUser {
    std::size_t rows = 0;
    Acknowledgement* newest = nullptr;  // points into waiting_; a deque keeps its elements in place
  };

  bool join(Acknowledgement& newest, const Acknowledgement& what);
  void forget(const Acknowledgement& what);

  std::deque<Acknowledgement> waiting_;
  KeyedMap<std::string, OfUser> users_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace nx::gateway
