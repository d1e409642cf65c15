#include "runtime/large_blocks.hpp"

#include <malloc.h>

namespace nx::runtime {

namespace {

constexpr int kLarge = 512 * 1024;  // larger than blocks that an ordinary turn needs to seal and read

}  // namespace

void give_large_blocks_back() {
#ifdef M_MMAP_THRESHOLD
  // Setting it also disables the dynamic threshold, which grows when large blocks are freed (mallopt(3)).
  ::mallopt(M_MMAP_THRESHOLD, kLarge);
#endif
}

}  // namespace nx::runtime
