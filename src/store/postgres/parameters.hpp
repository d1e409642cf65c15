#pragma once
// The values of one statement in PostgreSQL's binary formats, with their types.

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx::store::postgres {

using Oid = unsigned int;  // as in libpq

/// Type OIDs of pg_type.dat; they never change.
namespace oid {
inline constexpr Oid kBool = 16, kBytea = 17, kBigint = 20, kText = 25, kTimestamptz = 1184, kUuid = 2950,
                     kJsonb = 3802;
}  // namespace oid

/// The binary format of single values, in parameters, array elements and COPY fields.
namespace binary {
void put16(std::string& out, std::int16_t number);
void put32(std::string& out, std::int32_t number);
void put64(std::string& out, std::int64_t number);
std::int64_t timestamp(EpochMs time);  // microseconds since 2000-01-01
EpochMs time_of(std::int64_t timestamp);
std::int64_t get64(const char* bytes);
}  // namespace binary

/// A JSON document for a jsonb column.
struct Jsonb {
  std::string_view text;
};

class Parameters {
 public:
  Parameters() = default;
  template <class... Values>
  explicit Parameters(const Values&... values) {
    (add(values), ...);
  }

  template <std::integral T>
  void add(T number) {
    begin(oid::kBigint);
    append(static_cast<std::int64_t>(number));
    end();
  }
  void add(bool flag);
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view{text}); }
  void add(const char* text) { add(std::string_view{text}); }
  void add(const NotificationId& id);
  void add(EpochMs time);
  void add(Jsonb document);
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) return add(*value);
    types_.push_back(type_of(T{}));
    values_.push_back(std::nullopt);
  }

  /// A one-dimensional array.
  template <class T>
  void add(const std::vector<T>& items) {
    begin_array(items.size(), element_type(T{}));
    for (const T& item : items) element(item);
    end();
  }

  std::size_t size() const { return values_.size(); }
  const std::vector<Oid>& types() const { return types_; }

  /// Valid until the object is changed or destroyed.
  std::vector<const char*> pointers() const;
  std::vector<int> lengths() const;

 private:
  struct Extent {
    std::size_t start = 0, size = 0;
  };
  using Blob = std::array<std::uint8_t, 16>;

  static Oid type_of(std::int64_t) { return oid::kBigint; }
  static Oid type_of(std::string_view) { return oid::kText; }
  static Oid type_of(const std::string&) { return oid::kText; }
  static Oid type_of(const NotificationId&) { return oid::kUuid; }
  static Oid type_of(EpochMs) { return oid::kTimestamptz; }
  static Oid type_of(Jsonb) { return oid::kJsonb; }
  static Oid type_of(const Blob&) { return oid::kBytea; }
  template <class T>
  static Oid element_type(const T& item) {
    return type_of(item);
  }
  template <class T>
  static Oid element_type(const std::optional<T>&) {
    return type_of(T{});
  }

  void begin(Oid type);
  void begin_array(std::size_t size, Oid element);
  void end() { values_.back()->size = bytes_.size() - values_.back()->start; }

  void append(std::int64_t number) { binary::put64(bytes_, number); }
  void append(std::string_view text) { bytes_.append(text); }
  void append(const NotificationId& id) { append_bytes(id.bytes); }
  void append(EpochMs time) { binary::put64(bytes_, binary::timestamp(time)); }
  void append(Jsonb document) { bytes_.append(1, '\x01').append(document.text); }
  void append(const Blob& blob) { append_bytes(blob); }
  void append_bytes(const Blob& blob) { bytes_.append(reinterpret_cast<const char*>(blob.data()), blob.size()); }

  template <class T>
  void element(const T& item) {
    const std::size_t start = bytes_.size();
    binary::put32(bytes_, 0);
    append(item);
    patch_length(start);
  }
  template <class T>
  void element(const std::optional<T>& item) {
    if (item) return element(*item);
    binary::put32(bytes_, -1);
  }
  void patch_length(std::size_t start);

  std::string bytes_;
  std::vector<std::optional<Extent>> values_;
  std::vector<Oid> types_;
};

}  // namespace nx::store::postgres
