#include "runtime/large_blocks.hpp"

#include <malloc.h>

namespace nx::runtime {

namespace {

constexpr int kLarge = 512 * 1024;  // beyond what is sealed and read in an ordinary turn

}  // namespace

void give_large_blocks_back() {
#ifdef M_MMAP_THRESHOLD
  // Set at all, it no longer grows with what is freed (mallopt(3)).
  ::mallopt(M_MMAP_THRESHOLD, kLarge);
#endif
}

}  // namespace nx::runtime
