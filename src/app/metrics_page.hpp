#pragma once
// docs/metrics.md, made from the table of the metrics.

#include <string>

namespace nx::app {

std::string metrics_page();

}  // namespace nx::app
