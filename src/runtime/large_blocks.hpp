#pragma once

namespace nx::runtime {

/// From now on a large block of memory is returned to the system as soon as it is freed. By default glibc keeps such
/// blocks per thread after the first one was freed: after a burst of answers of several megabytes the program kept
/// hundreds of megabytes permanently. Call first in main(), before other threads are started.
void give_large_blocks_back();

}  // namespace nx::runtime
