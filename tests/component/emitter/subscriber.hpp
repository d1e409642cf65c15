#pragma once
// Hears everything that is published on a server.

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "redis/resp_command.hpp"
#include "redis/resp_reader.hpp"
#include "stream/byte_stream.hpp"

namespace nx::testing {

class Subscriber {
 public:
  explicit Subscriber(std::uint16_t port)
      : stream_(stream::ByteStream::connect({"127.0.0.1", port, false}, {}, soon(), nullptr).value()) {
    std::string command;
    redis::append_command(command, {"PSUBSCRIBE", "*"});
    EXPECT_TRUE(stream_.write(command, soon()));
    EXPECT_EQ(next(), "* 1");
  }

  /// "channel message"; empty when nothing comes within 5 s.
  std::string next() {
    for (;;) {
      const auto value = reader_.next().value();
      if (value) {
        const auto last = value->at(value->size() - 1);
        return std::string(value->at(value->size() - 2).text()) + " " +
               (last.type() == redis::RespType::integer ? std::to_string(last.number()) : std::string(last.text()));
      }
      const auto read = stream_.read(reader_.space(4'096), soon());
      if (!read || read->state != stream::ByteStream::Reading::bytes) return "";
      reader_.took(read->size);
    }
  }

 private:
  static stream::Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(5); }

  stream::ByteStream stream_;
  redis::RespReader reader_;
};

}  // namespace nx::testing
