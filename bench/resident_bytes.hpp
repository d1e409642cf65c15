#pragma once

#include <cstddef>
#include <fstream>
#include <unistd.h>

namespace nx::bench {

/// The memory of this process that is in RAM, now.
inline std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace nx::bench
