#pragma once
// POSTs to an OTLP/HTTP collector, on the thread of its owner. The connection is kept.

#include <chrono>
#include <functional>
#include <string>

#include "http_client/http_client.hpp"
#include "trace/export_queue.hpp"

namespace nx::trace {

class Collector {
 public:
  /// `url` is the collector's address, to which `/v1/traces` is appended; the system's CAs are trusted.
  Collector(const std::string& url, std::chrono::milliseconds timeout);

  /// Takes at most the time-out. Calls `meanwhile` ten times a second while it waits. `problem`: why there is no good
  /// answer, for the log.
  Answer post(const std::string& body, const std::function<void()>& meanwhile, std::string& problem);

  /// Any thread: a running post() and every later one end at that time without an answer.
  void end_by(std::chrono::steady_clock::time_point time);

 private:
  http_client::HttpClient client_;
};

}  // namespace nx::trace
