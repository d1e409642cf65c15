#pragma once
// A record of a topic as values, apart from librdkafka's messages. Keys, headers and values are input from outside: any
// bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nx::kafka {

struct Position {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

struct Header {
  std::string name;
  std::optional<std::string> value;
  friend bool operator==(const Header&, const Header&) = default;
};

struct StoredRecord {
  Position at;
  std::optional<std::int64_t> timestamp;  // in whatever unit the producer used
  std::optional<std::string> key;
  std::vector<Header> headers;
  std::string value;  // also empty for a record without a value
};

struct OutgoingRecord {
  std::optional<std::int32_t> partition;  // nullopt: chosen by the key
  std::optional<std::int64_t> timestamp;  // nullopt: the time of sending
  std::optional<std::string> key;
  std::vector<Header> headers;
  std::string value;
};

}  // namespace nx::kafka
