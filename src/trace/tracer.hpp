#pragma once
// Tracing of one process: a writer for each thread that records spans, and a thread that sends them to the collector.
// It exists only when tracing is on. Nothing waits for the collector; what it does not take in time is dropped and
// counted.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "observe/log.hpp"
#include "trace/collector.hpp"
#include "trace/export_queue.hpp"
#include "trace/otlp_json.hpp"
#include "trace/span_writer.hpp"

namespace nx::trace {

struct TracerOptions {
  std::string url;  // of the collector, without `/v1/traces`
  Source source;
  std::chrono::milliseconds timeout{5'000};  // of one request
  std::chrono::milliseconds interval{500};   // between requests; a full request is sent at once
};

class Tracer {
 public:
  /// `log` is borrowed.
  Tracer(TracerOptions options, const observe::Logger& log);
  ~Tracer();  // stops at once
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  /// A writer for one thread, which may use it until stop(). Any thread.
  SpanWriter& writer();

  void start();

  /// Sends what there is, for at most this time, and ends the thread. Call it after the writers' threads have ended.
  void stop(std::chrono::milliseconds within);

  struct Stats {
    std::uint64_t exported = 0;
    std::uint64_t no_room = 0;  // spans that fitted neither into their thread's ring nor into the queue
    std::uint64_t refused = 0;  // by the collector
    std::uint64_t requests_failed = 0;
  };
  Stats stats() const;  // any thread

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void collect();
  bool send(std::span<const Span> spans);
  bool pause();
  void note(bool done, const Answer& answer, const std::string& problem);

  const TracerOptions options_;
  const observe::Logger& log_;
  Collector collector_;
  ExportQueue queue_;  // the thread's
  std::vector<Span> taken_;
  bool is_well_ = true;  // the last request was accepted, or there was none

  mutable std::mutex mutex_;  // guards writers_ and stopping_
  std::condition_variable wake_;
  std::vector<std::unique_ptr<SpanWriter>> writers_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nx::trace
