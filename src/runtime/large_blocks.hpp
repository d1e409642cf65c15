#pragma once

namespace nx::runtime {

/// From here on a large block of memory is the system's again as soon as it is freed. glibc keeps such blocks otherwise
/// once the first has been freed, for each thread by itself: after a storm of answers of megabytes the program kept
/// hundreds of them for good. First in main(), before other threads.
void give_large_blocks_back();

}  // namespace nx::runtime
