#pragma once
// Hosts of which nothing is heard, without touching the machine's firewall.

#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nx::store {

/// A port of 127.0.0.1 where a connection comes about and nothing is ever said; or, `full`, where the kernel drops the
/// first packet, as a network does that swallows everything.
class SilentListener {
 public:
  enum class Way { accepts, full };

  explicit SilentListener(Way way) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    auto* const address = reinterpret_cast<sockaddr*>(&here);
    if (::bind(listener_, address, size) != 0 || ::listen(listener_, way == Way::full ? 0 : 64) != 0 ||
        ::getsockname(listener_, address, &size) != 0) {
      throw std::runtime_error("no listener");
    }
    port_ = ntohs(here.sin_port);
    for (int i = 0; way == Way::full && i < 4; ++i) {
      const int guest = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      (void)::connect(guest, address, size);  // fills the queue; in progress for ever once it is full
      guests_.push_back(guest);
    }
  }
  ~SilentListener() {
    for (const int guest : guests_) ::close(guest);
    ::close(listener_);
  }
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;

  std::string port() const { return std::to_string(port_); }

 private:
  int listener_;
  int port_ = 0;
  std::vector<int> guests_;
};

}  // namespace nx::store
