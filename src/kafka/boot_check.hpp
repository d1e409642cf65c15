#pragma once
// Checks that the brokers answer, that they accept our credentials, and that the topics exist
// (docs/operations.md#commands). Runs before a group is joined, and for `nx-signal check`.

#include <span>
#include <string>

#include "kafka/handle.hpp"
#include "model/result.hpp"

namespace nx::kafka {

/// A topic that must exist, and the setting that names it.
struct NamedTopic {
  std::string name;
  const char* setting;
};

/// The last error that librdkafka's error callback reported; it gives the check a better reason than "timed out".
struct LastError {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string reason;

  /// "All brokers are down" follows the real error and does not replace it.
  void note(rd_kafka_resp_err_t said, std::string why);
};

/// Blocks for at most the boot time-out. `last_error` is written by callbacks served within this call (rd_kafka_poll on
/// `client`), so the consumer's queue must not have been redirected yet. The error names the fault and the setting to
/// change.
Result<void> check_boot(rd_kafka_t* client, const ConnectionOptions& options, std::span<const NamedTopic> topics,
                        const LastError& last_error);

/// The same on its own connection, which joins no group.
Result<void> check_brokers(const ConnectionOptions& options, std::span<const NamedTopic> topics);

}  // namespace nx::kafka
