#include "app/tracing.hpp"

namespace nx::app {

std::unique_ptr<trace::Tracer> make_tracer(config::Configuration& configuration, const std::string& instance,
                                           const char* database, const observe::Logger& log) {
  if (configuration.otlp_url.empty()) return nullptr;
  auto tracer = std::make_unique<trace::Tracer>(trace::TracerOptions{.url = configuration.otlp_url,
                                                                     .source = {.version = NX_SIGNAL_VERSION,
                                                                                .instance = instance,
                                                                                .topic = configuration.kafka.topic,
                                                                                .group = configuration.kafka.group_id,
                                                                                .database = database}},
                                                log);
  configuration.gateway.tracer = tracer.get();
  configuration.kafka.spans = &tracer->writer();
  return tracer;
}

trace::SpanWriter* writer_of(const std::unique_ptr<trace::Tracer>& tracer) {
  return tracer ? &tracer->writer() : nullptr;
}

}  // namespace nx::app
