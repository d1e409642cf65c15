#pragma once
// Turns SIGNAL_OTLP_URL into a tracer, and gives it to the parts of an instance that record spans (docs/tracing.md).

#include <memory>
#include <string>

#include "config/configuration.hpp"
#include "observe/log.hpp"
#include "trace/tracer.hpp"

namespace nx::app {

/// Null if tracing is off. Otherwise the options of the gateway and of the consumer refer to the tracer. `database` is
/// `postgresql` or `sqlite`; `log` is borrowed.
std::unique_ptr<trace::Tracer> make_tracer(config::Configuration& configuration, const std::string& instance,
                                           const char* database, const observe::Logger& log);

/// A writer for one more thread; null without a tracer.
trace::SpanWriter* writer_of(const std::unique_ptr<trace::Tracer>& tracer);

}  // namespace nx::app
