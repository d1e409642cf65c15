#pragma once
// The options of every connection to the brokers.

#include <chrono>
#include <string>

namespace nx::kafka {

struct ConnectionOptions {
  std::string brokers;         // comma-separated, SIGNAL_KAFKA_BROKERS
  std::string sasl_mechanism;  // PLAIN, SCRAM-SHA-256, SCRAM-SHA-512; empty: none
  std::string sasl_username, sasl_password;
  bool tls = false;
  std::string tls_ca;                              // PEM file; empty: the system's certificates
  std::chrono::milliseconds boot_timeout{10'000};  // limit for the first answer of the brokers
};

}  // namespace nx::kafka
