#include "config/regular_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/core.h>
#include <sys/stat.h>

namespace nx::config {
namespace {

std::string why(int code) {
  return "cannot be read: " + std::generic_category().message(code);
}

struct Descriptor {
  explicit Descriptor(int opened) : fd(opened) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  const int fd;
};

}  // namespace

std::string why_unreadable(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::generic_category().message(errno);
  if (!S_ISREG(found.st_mode)) return "is not a regular file";
  return ::access(path.c_str(), R_OK) == 0 ? "" : std::generic_category().message(errno);
}

Result<std::string> read_regular_file(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.fd < 0) return fail(ErrorKind::invalid, why(errno));
  struct stat found {};
  if (::fstat(file.fd, &found) != 0) return fail(ErrorKind::invalid, why(errno));
  if (!S_ISREG(found.st_mode)) {
    return fail(ErrorKind::invalid, "is not a regular file: write its content to a file, and name that");
  }
  std::string content;
  for (;;) {
    char piece[4'096];
    const ssize_t got = ::read(file.fd, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorKind::invalid, why(errno));
    if (got == 0) return content;
    content.append(piece, static_cast<std::size_t>(got));
    if (content.size() > max_bytes) {
      return fail(ErrorKind::invalid, fmt::format("has more than {} bytes: it is probably the wrong file", max_bytes));
    }
  }
}

}  // namespace nx::config
