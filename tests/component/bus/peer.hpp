#pragma once
// A bus and what it has received; and the log's lines, to look for some.

#include <array>
#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "bus/bus.hpp"
#include "component/eventually.hpp"

namespace nx::bus::testing {

inline const observe::Logger kQuiet{{.level = observe::Level::error, .fd = -1}};

using nx::testing::eventually;

/// A bus and what it has received.
class Peer {
 public:
  Peer(const std::string& url, const std::string& id, const std::function<void(BusOptions&)>& adapt = {},
       const observe::Logger& log = kQuiet) {
    BusOptions options;
    options.url = *redis::parse_redis_url(url);
    options.server_id = id;
    if (adapt) adapt(options);
    bus = std::make_unique<Bus>(std::move(options),
                                Bus::Receiver{.message =
                                                  [this](std::string_view channel, std::string_view message) {
                                                    const std::lock_guard lock(mutex_);
                                                    messages_.emplace_back(channel, message);
                                                  },
                                              .too_large =
                                                  [this](std::string_view, std::size_t bytes) {
                                                    const std::lock_guard lock(mutex_);
                                                    skipped_.push_back(bytes);
                                                  },
                                              .restored =
                                                  [this](EpochMs since) {
                                                    const std::lock_guard lock(mutex_);
                                                    restored_.push_back(since);
                                                  }},
                                log);
    bus->start("127.0.0.1:1");
  }
  ~Peer() { bus->stop(std::chrono::milliseconds{0}); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  using Messages = std::vector<std::pair<std::string, std::string>>;
  Messages messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<std::size_t> skipped() const {
    const std::lock_guard lock(mutex_);
    return skipped_;
  }
  std::vector<EpochMs> restored() const {
    const std::lock_guard lock(mutex_);
    return restored_;
  }
  bool connected() const {
    return eventually([this] { return bus->connected(); });
  }

  std::unique_ptr<Bus> bus;

 private:
  mutable std::mutex mutex_;  // guards the members below
  Messages messages_;
  std::vector<std::size_t> skipped_;
  std::vector<EpochMs> restored_;
};

/// Takes the log's lines out of a pipe.
class LogPipe {
 public:
  LogPipe() {
    EXPECT_EQ(::pipe2(ends_.data(), O_NONBLOCK), 0);
    log.emplace(observe::Logger::Options{.level = observe::Level::info, .fd = ends_[1]});
  }
  ~LogPipe() {
    log.reset();
    for (const int fd : ends_) ::close(fd);
  }
  const std::string& text() {
    EXPECT_TRUE(log->flush(std::chrono::seconds{5}));
    char bytes[4096];
    for (ssize_t got = 0; (got = ::read(ends_[0], bytes, sizeof bytes)) > 0;) {
      text_.append(bytes, static_cast<std::size_t>(got));
    }
    return text_;
  }
  std::optional<observe::Logger> log;

 private:
  std::array<int, 2> ends_{};
  std::string text_;
};

}  // namespace nx::bus::testing
