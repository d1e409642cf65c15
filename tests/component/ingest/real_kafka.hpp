#pragma once
// Tests against a real Apache Kafka: the shared broker of tests/stack/with, or one of their own for what hits the
// broker itself. Topics and groups are of one test each.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "component/ingest/fixture.hpp"
#include "component/ingest/topics.hpp"

namespace nx::ingest::testing {

/// Addresses of one broker's listeners.
struct Listeners {
  std::string plaintext, sasl, ssl, ca;
};

/// The broker of tests/stack/with; a failure of the test when there is none.
Listeners shared_broker();

/// A broker of tests/stack/kafka in a folder that goes with it.
class OwnBroker {
 public:
  OwnBroker();
  ~OwnBroker();
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;

  const Listeners& listeners() const { return listeners_; }
  void start() { run("start"); }  // returns when its ports answer
  void kill9() { run("kill9"); }
  void pause() { run("pause"); }
  void resume() { run("resume"); }

 private:
  std::string run(const std::string& command);

  std::string folder_;
  Listeners listeners_;
};

/// Log lines of debug and above in a file of its own.
class LogBook {
 public:
  LogBook();
  ~LogBook();
  LogBook(const LogBook&) = delete;
  LogBook& operator=(const LogBook&) = delete;

  const observe::Logger& log() const { return logger_; }
  std::string text() const;
  std::vector<std::string> lines(const std::string& event) const;
  bool says(const std::string& part) const { return text().find(part) != std::string::npos; }

 private:
  std::string path_;
  int fd_;
  observe::Logger logger_;
};

/// Produces numbered messages all the time, through outages, each exactly once in the log (idempotent producer).
class Load {
 public:
  Load(const std::string& brokers, const std::string& topic, int per_second);
  ~Load();  // finish()
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  int sent() const { return sent_.load(); }
  /// Stops and waits until the brokers have confirmed all. How many.
  int finish();

 private:
  kafka::ClientHandle client_;
  std::atomic<int> sent_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// A consumer of two workers over rows that several may share.
class Instance {
 public:
  Instance(const KafkaOptions& options, MemoryRows& rows, const observe::Logger& log);
  Result<void> start() { return consumer_->start(); }
  KafkaConsumer& consumer() { return *consumer_; }
  KafkaConsumer* operator->() { return consumer_.get(); }
  const delivery::NotifyStats& notified() const { return first_.stats(); }
  NoPolicies& policies() { return policies_; }

 private:
  Instance(const KafkaOptions& options, MemoryRows& rows, const observe::Logger& log,
           const std::shared_ptr<delivery::NotifyStats>& stats);

  NoPolicies policies_;
  resolve::RecipientResolver first_resolver_{policies_}, second_resolver_{policies_};
  delivery::Notify first_, second_;          // one's numbers are those of both
  std::unique_ptr<KafkaConsumer> consumer_;  // last: its thread uses the others
};

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// A name that no other test has, in this run or another.
std::string unique_name(const std::string& stem);

/// Titles n0…n<count-1> are there, each once.
void expect_each_once(const MemoryRows& rows, int count);
/// Within a partition rows were stored in the order of offsets.
void expect_order(const MemoryRows& rows);

class RealKafka : public ::testing::Test {
 protected:
  /// Options for the shared broker, a topic and a group of this test.
  KafkaOptions options() const;
  std::unique_ptr<Instance> start(const KafkaOptions& chosen);
  void send(const std::vector<Sent>& messages) { Producer{broker.plaintext}.send(topic, messages); }

  const Listeners broker = shared_broker();
  const std::string topic = unique_name("activity");
  const std::string group = unique_name("group");
  Topics topics{broker.plaintext};
  MemoryRows rows;
  LogBook book;
};

}  // namespace nx::ingest::testing
