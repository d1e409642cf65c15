#pragma once
// All rows that one statement returned, in binary formats.

#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx::store::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

class Rows {
 public:
  Rows() = default;
  explicit Rows(ResultHandle result) : result_(std::move(result)) {}

  int size() const { return result_ ? PQntuples(result_.get()) : 0; }
  bool empty() const { return size() == 0; }
  std::int64_t changed() const;  // rows that an INSERT, UPDATE or DELETE touched

  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  bool flag(int row, int column) const;
  std::int64_t integer(int row, int column) const;  // bigint
  std::string text(int row, int column) const;
  std::optional<std::string> maybe_text(int row, int column) const;
  EpochMs time(int row, int column) const;  // timestamptz
  std::optional<EpochMs> maybe_time(int row, int column) const;
  NotificationId notification_id(int row, int column) const;  // uuid

  /// jsonb as compact JSON: PostgreSQL writes a space after each colon and comma.
  std::optional<std::string> maybe_json(int row, int column) const;

 private:
  std::string_view bytes(int row, int column) const;
  ResultHandle result_;
};

/// Removes the spaces between tokens.
std::string compact_json(std::string_view json);

}  // namespace nx::store::postgres
