#include "app/standard_descriptors.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace nx::app {

void open_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    if (::open("/dev/null", O_RDWR) != fd) std::abort();  // open returns the lowest free number, which is this one
  }
}

}  // namespace nx::app
