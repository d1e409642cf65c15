#include "kafka/topic_retention.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include <fmt/core.h>

#include "kafka/handle.hpp"

namespace nx::kafka {
namespace {

constexpr std::string_view kSetting = "retention.ms";
constexpr std::chrono::milliseconds kPatience{3'000};  // only the asking thread waits for it

struct DestroyAdmin {
  void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
  void operator()(rd_kafka_AdminOptions_t* admin) const { rd_kafka_AdminOptions_destroy(admin); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
template <class Type>
using Admin = std::unique_ptr<Type, DestroyAdmin>;

/// `retention.ms` of the answer's only resource; −1 means unlimited.
Result<std::int64_t> retention_ms(const rd_kafka_event_t& answer, const std::string& topic) {
  const auto refuse = [&topic](const std::string& why) {
    return fail(ErrorKind::unavailable,
                fmt::format("Kafka topic '{}': its retention.ms cannot be read: {}", topic, why));
  };
  if (rd_kafka_event_error(const_cast<rd_kafka_event_t*>(&answer)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return refuse(rd_kafka_event_error_string(const_cast<rd_kafka_event_t*>(&answer)));
  }
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(const_cast<rd_kafka_event_t*>(&answer));
  const auto** resources = rd_kafka_DescribeConfigs_result_resources(result, &count);
  if (count != 1) return refuse("no answer for it");
  if (rd_kafka_ConfigResource_error(resources[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* why = rd_kafka_ConfigResource_error_string(resources[0]);
    return refuse(why != nullptr ? why : rd_kafka_err2str(rd_kafka_ConfigResource_error(resources[0])));
  }
  const auto** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (kSetting != rd_kafka_ConfigEntry_name(entries[i])) continue;
    const char* text = rd_kafka_ConfigEntry_value(entries[i]);
    std::int64_t value = 0;
    if (text == nullptr || std::from_chars(text, text + std::strlen(text), value).ec != std::errc{}) break;
    return value;
  }
  return refuse("the answer has no such number");
}

}  // namespace

Result<std::optional<std::chrono::milliseconds>> topic_retention(const ConnectionOptions& options,
                                                                 const std::string& topic) {
  auto conf = connection_conf(options);
  if (!conf) return error_of(conf);
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return error_of(client);

  const auto timeout = static_cast<int>(std::min(options.boot_timeout, kPatience).count());
  const Admin<rd_kafka_AdminOptions_t> admin{
      rd_kafka_AdminOptions_new(client->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS)};
  std::array<char, 256> reason{};
  if (rd_kafka_AdminOptions_set_request_timeout(admin.get(), timeout, reason.data(), reason.size()) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::invalid, std::string{"Kafka: "} + reason.data());
  }
  const Admin<rd_kafka_ConfigResource_t> resource{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  const Handle<rd_kafka_queue_t> queue{rd_kafka_queue_new(client->get())};
  rd_kafka_ConfigResource_t* asked = resource.get();
  rd_kafka_DescribeConfigs(client->get(), &asked, 1, admin.get(), queue.get());
  const Admin<rd_kafka_event_t> answer{rd_kafka_queue_poll(queue.get(), timeout)};
  if (!answer)
    return fail(ErrorKind::unavailable, fmt::format("Kafka topic '{}': no answer about its retention", topic));
  const auto value = retention_ms(*answer, topic);
  if (!value) return error_of(value);
  if (*value < 0) return std::nullopt;
  return std::chrono::milliseconds{*value};
}

}  // namespace nx::kafka
