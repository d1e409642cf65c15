#pragma once

namespace nx::app {

/// Whoever starts us may have closed 0, 1 or 2: the next socket would take the number, and log lines would go to its
/// peer. What is closed becomes /dev/null. Before anything else is opened.
void open_standard_descriptors();

}  // namespace nx::app
