#include "ingest/broker_probe.hpp"

#include "ingest/boot_check.hpp"
#include "ingest/kafka_handle.hpp"

namespace nx::ingest {

Result<void> probe_brokers(const KafkaOptions& options) {
  auto conf = connection_conf(options);
  if (!conf) return error_of(conf);
  LastError last_error;
  rd_kafka_conf_set_opaque(conf->get(), &last_error);
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int code, const char* reason, void* last) {
    static_cast<LastError*>(last)->note(static_cast<rd_kafka_resp_err_t>(code), reason ? reason : "");
  });
  // What it would say on stderr comes back as the error.
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return error_of(client);
  return check_boot(client->get(), options, last_error);
}

}  // namespace nx::ingest
