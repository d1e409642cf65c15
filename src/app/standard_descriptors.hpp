#pragma once

namespace nx::app {

/// The parent process may have closed 0, 1 or 2: the next socket would get the number, and its peer would receive log
/// lines. Opens /dev/null on closed descriptors. Call it before anything else is opened.
void open_standard_descriptors();

}  // namespace nx::app
