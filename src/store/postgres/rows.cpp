#include "store/postgres/rows.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>

#include "store/postgres/parameters.hpp"

namespace nx::store::postgres {

std::int64_t Rows::changed() const {
  const std::string_view text = result_ ? PQcmdTuples(result_.get()) : "";
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view Rows::bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

bool Rows::flag(int row, int column) const {
  const std::string_view value = bytes(row, column);
  return !value.empty() && value.front() != '\0';
}

std::int64_t Rows::integer(int row, int column) const {
  const std::string_view value = bytes(row, column);
  if (value.size() != 8) throw std::logic_error("postgres: a column that is read as bigint has another type");
  return binary::get64(value.data());
}

std::string Rows::text(int row, int column) const {
  return std::string{bytes(row, column)};
}

std::optional<std::string> Rows::maybe_text(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return text(row, column);
}

EpochMs Rows::time(int row, int column) const {
  return binary::time_of(integer(row, column));
}

std::optional<EpochMs> Rows::maybe_time(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return time(row, column);
}

NotificationId Rows::notification_id(int row, int column) const {
  NotificationId id;
  const std::string_view value = bytes(row, column);
  if (value.size() != id.bytes.size())
    throw std::logic_error("postgres: a column that is read as uuid has another type");
  std::memcpy(id.bytes.data(), value.data(), value.size());
  return id;
}

std::optional<std::string> Rows::maybe_json(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return compact_json(bytes(row, column).substr(1));  // after the version byte of the format
}

std::string compact_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') {
      out.append(json.substr(i++, 2));
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (in_string || c != ' ') out.push_back(c);
  }
  return out;
}

}  // namespace nx::store::postgres
