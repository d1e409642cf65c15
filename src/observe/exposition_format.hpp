#pragma once
// The two text formats of `/metrics`, and which of them a request gets.

#include <cstdint>
#include <string_view>

namespace nx::observe {

enum class ExpositionFormat : std::uint8_t {
  prometheus,   // Prometheus' text format 0.0.4
  open_metrics  // OpenMetrics 1.0
};

std::string_view content_type(ExpositionFormat format);

/// `accept` is the request's header, all its lines as one list (RFC 9110 §12.5.1). OpenMetrics is for a client that
/// names it, in a version that we write, and does not prefer `text/plain`.
ExpositionFormat format_for(std::string_view accept);

}  // namespace nx::observe
