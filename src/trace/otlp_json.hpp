#pragma once
// The body of an OTLP/HTTP request for spans: the JSON form of ExportTraceServiceRequest, with the attributes of
// OpenTelemetry's semantic conventions (docs/tracing.md#spans). Pure.

#include <span>
#include <string>

#include "trace/span.hpp"

namespace nx::trace {

/// The values that every span of this process shares.
struct Source {
  std::string version;
  std::string instance;  // identifies this process
  std::string topic;
  std::string group;
  std::string database;  // `postgresql` or `sqlite`
};

std::string otlp_json(const Source& source, std::span<const Span> spans);

}  // namespace nx::trace
