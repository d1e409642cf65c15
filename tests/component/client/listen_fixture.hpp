#pragma once
// `nx-signal listen` against a server with a script.

#include <sstream>

#include <gtest/gtest.h>

#include "client/listen.hpp"
#include "component/client/scripted_server.hpp"

namespace nx::client {

/// Raises the stop flag once `trigger` was printed: a condition instead of a time.
class StoppingStream : public std::stringbuf {
 public:
  StoppingStream(std::string trigger, std::atomic<bool>& stop) : trigger_(std::move(trigger)), stop_(stop) {}

 protected:
  int sync() override {
    if (!trigger_.empty() && str().find(trigger_) != std::string::npos) stop_.store(true);
    return 0;
  }

 private:
  std::string trigger_;
  std::atomic<bool>& stop_;
};

class Listen : public testing::Test {
 protected:
  int run(const ScriptedServer& server, const char* scheme = "ws") {
    options_.url = std::string(scheme) + "://127.0.0.1:" + std::to_string(server.port()) + "/stream";
    return run();
  }
  int run() {
    StoppingStream buffer(stop_when_printed_, stop_);
    std::ostream out(&buffer);
    std::ostringstream err;
    const int code = listen(options_, out, err, stop_);
    complaint_ = err.str();
    std::istringstream text(buffer.str());
    for (std::string line; std::getline(text, line);) lines_.push_back(line);
    return code;
  }

  ListenOptions options_{.url = {}, .token = "the-token", .rooms = {}, .since = {}, .trust = {}};
  std::atomic<bool> stop_{false};
  std::string stop_when_printed_;
  std::vector<std::string> lines_;
  std::string complaint_;
};

}  // namespace nx::client
