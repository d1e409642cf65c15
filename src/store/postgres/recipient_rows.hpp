#pragma once
// Collects new recipient rows for COPY.

#include <cstdint>
#include <string>
#include <utility>

#include "store/postgres/parameters.hpp"

namespace nx::store::postgres {

/// The recipients in COPY's binary format.
class RecipientRows {
 public:
  void add(std::int64_t user_no, std::int64_t seq, const NotificationId& id) {
    if (bytes_.empty()) {
      bytes_.append("PGCOPY\n\377\r\n\0", 11);  // signature, flags, and a header extension of length 0
      binary::put32(bytes_, 0);
      binary::put32(bytes_, 0);
    }
    binary::put16(bytes_, 3);
    binary::put32(bytes_, 8);
    binary::put64(bytes_, user_no);
    binary::put32(bytes_, 8);
    binary::put64(bytes_, seq);
    binary::put32(bytes_, 16);
    bytes_.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    ++rows_;
  }
  std::size_t size() const { return rows_; }

  /// Appends the trailer and returns the bytes; afterwards the object is empty.
  std::string take() {
    binary::put16(bytes_, -1);
    rows_ = 0;
    return std::exchange(bytes_, {});
  }

 private:
  std::string bytes_;
  std::size_t rows_ = 0;
};

}  // namespace nx::store::postgres
