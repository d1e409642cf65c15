#pragma once
// Collects new recipient rows for COPY.

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "store/postgres/parameters.hpp"

namespace nx::store::postgres {

class RecipientRows {
 public:
  void add(std::int64_t user_no, std::int64_t seq, const NotificationId& id) { rows_.push_back({user_no, seq, id}); }
  std::size_t size() const { return rows_.size(); }

  /// The rows in COPY's binary format; afterwards the object is empty. Ordered by user, as the indexes of the table
  /// are: rows that are added in the order of the messages would fetch a page of each index anew for each row.
  std::string take() {
    std::ranges::sort(rows_, {}, [](const Row& row) { return std::tuple{row.user_no, row.seq}; });
    std::string bytes;
    bytes.reserve(kHeader + rows_.size() * kRow + sizeof(std::int16_t));
    bytes.append("PGCOPY\n\377\r\n\0", 11);  // signature, flags, and a header extension of length 0
    binary::put32(bytes, 0);
    binary::put32(bytes, 0);
    for (const Row& row : rows_) {
      binary::put16(bytes, 3);
      binary::put32(bytes, 8);
      binary::put64(bytes, row.user_no);
      binary::put32(bytes, 8);
      binary::put64(bytes, row.seq);
      binary::put32(bytes, 16);
      bytes.append(reinterpret_cast<const char*>(row.id.bytes.data()), row.id.bytes.size());
    }
    binary::put16(bytes, -1);
    rows_.clear();
    return bytes;
  }

 private:
  struct Row {
    std::int64_t user_no, seq;
    NotificationId id;
  };
  static constexpr std::size_t kHeader = 19, kRow = 46;  // bytes

  std::vector<Row> rows_;
};

}  // namespace nx::store::postgres
