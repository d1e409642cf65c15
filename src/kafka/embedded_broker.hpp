#pragma once
// A Kafka broker inside this process, for `nx-signal dev` and for tests: librdkafka's mock cluster, which other
// processes reach on loopback. In memory only: its records are lost with the object. Keeps about 5 MiB for each
// partition and drops the oldest records beyond that. No admin calls (topics are created here), no ACLs, no SASL, no
// TLS, no compaction. Any client may create a topic by naming it, with 4 partitions.

#include <memory>
#include <string>

#include "model/result.hpp"

namespace nx::kafka {

class EmbeddedBroker {
 public:
  /// One broker on a free port of 127.0.0.1.
  static Result<EmbeddedBroker> start();
  ~EmbeddedBroker();  // closes every connection
  EmbeddedBroker(EmbeddedBroker&&) noexcept;
  EmbeddedBroker& operator=(EmbeddedBroker&&) noexcept;

  Result<void> create_topic(const std::string& topic, int partitions = 3);

  /// Makes the broker answer that this topic does not exist, although naming it would otherwise create it (for tests of
  /// a missing topic).
  void deny_topic(const std::string& topic);

  /// `127.0.0.1:PORT`, for bootstrap.servers.
  std::string bootstrap() const;

  /// Closes every connection and refuses new ones until up() (for tests of a lost broker).
  void down();
  void up();

 private:
  struct Cluster;
  explicit EmbeddedBroker(std::unique_ptr<Cluster> cluster);
  std::unique_ptr<Cluster> cluster_;
};

}  // namespace nx::kafka
