#include "store/postgres/parameters.hpp"

#include <bit>
#include <stdexcept>

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kEpoch2000Ms = 946'684'800'000;  // PostgreSQL's zero: 2000-01-01T00:00:00Z

template <class Unsigned>
void put(std::string& out, Unsigned number) {
  for (std::size_t shift = sizeof number * 8; shift > 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> (shift - 8) & 0xff));
  }
}

Oid array_of(Oid element) {
  switch (element) {
    case oid::kBytea:
      return 1001;
    case oid::kBigint:
      return 1016;
    case oid::kText:
      return 1009;
    case oid::kTimestamptz:
      return 1185;
    case oid::kUuid:
      return 2951;
    case oid::kJsonb:
      return 3807;
    default:
      throw std::logic_error("postgres: no array of that type");
  }
}

}  // namespace

namespace binary {

void put16(std::string& out, std::int16_t number) {
  put(out, static_cast<std::uint16_t>(number));
}
void put32(std::string& out, std::int32_t number) {
  put(out, static_cast<std::uint32_t>(number));
}
void put64(std::string& out, std::int64_t number) {
  put(out, static_cast<std::uint64_t>(number));
}

std::int64_t timestamp(EpochMs time) {
  return (time.value - kEpoch2000Ms) * 1'000;
}

EpochMs time_of(std::int64_t timestamp) {
  std::int64_t ms = timestamp / 1'000;
  if (timestamp % 1'000 < 0) --ms;
  return EpochMs{ms + kEpoch2000Ms};
}

std::int64_t get64(const char* bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return std::bit_cast<std::int64_t>(number);
}

}  // namespace binary

void Parameters::add(bool flag) {
  begin(oid::kBool);
  bytes_.push_back(flag ? '\x01' : '\0');
  end();
}

void Parameters::add(std::string_view text) {
  begin(oid::kText);
  append(text);
  end();
}

void Parameters::add(const NotificationId& id) {
  begin(oid::kUuid);
  append(id);
  end();
}

void Parameters::add(EpochMs time) {
  begin(oid::kTimestamptz);
  append(time);
  end();
}

void Parameters::add(Jsonb document) {
  begin(oid::kJsonb);
  append(document);
  end();
}

void Parameters::begin(Oid type) {
  types_.push_back(type);
  values_.push_back(Extent{bytes_.size(), 0});
}

// The header: number of dimensions, whether it may contain nulls, element type, then size and first index of the
// dimension. An empty array has no dimension.
void Parameters::begin_array(std::size_t size, Oid element) {
  begin(array_of(element));
  binary::put32(bytes_, size == 0 ? 0 : 1);
  binary::put32(bytes_, 1);
  binary::put32(bytes_, static_cast<std::int32_t>(element));
  if (size == 0) return;
  binary::put32(bytes_, static_cast<std::int32_t>(size));
  binary::put32(bytes_, 1);
}

void Parameters::patch_length(std::size_t start) {
  std::string length;
  binary::put32(length, static_cast<std::int32_t>(bytes_.size() - start - 4));
  bytes_.replace(start, 4, length);
}

std::vector<const char*> Parameters::pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(values_.size());
  for (const auto& value : values_) pointers.push_back(value ? bytes_.data() + value->start : nullptr);
  return pointers;
}

std::vector<int> Parameters::lengths() const {
  std::vector<int> lengths;
  lengths.reserve(values_.size());
  for (const auto& value : values_) lengths.push_back(value ? static_cast<int>(value->size) : 0);
  return lengths;
}

}  // namespace nx::store::postgres
