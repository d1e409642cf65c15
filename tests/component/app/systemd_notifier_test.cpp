// What systemd receives, on a socket like its own.
#include "app/systemd_notifier.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "patience.hpp"

namespace nx::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class SystemdNotifierTest : public testing::Test {
 protected:
  SystemdNotifierTest() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~SystemdNotifierTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    ::close(socket_);
    std::filesystem::remove(path_);
  }

  /// The next message; empty if there is none within that time.
  std::string received(std::chrono::milliseconds within = kPatience * 2s) const {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(within.count())) != 1) return {};
    std::array<char, 4'096> text{};
    const ssize_t size = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
  }
  static void watchdog_after(std::chrono::microseconds time) {
    ::setenv("WATCHDOG_USEC", std::to_string(time.count()).c_str(), 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  }

  std::string path_ = testing::TempDir() + "notify-" + std::to_string(::getpid());
  int socket_;
};

TEST_F(SystemdNotifierTest, SendsEachStateOfTheService) {
  SystemdNotifier systemd([](auto) { return true; });
  systemd.ready("listening on 127.0.0.1:3000");
  EXPECT_EQ(received(), "READY=1\nSTATUS=listening on 127.0.0.1:3000");
  systemd.reloading();
  EXPECT_THAT(received(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  systemd.ready("listening");
  EXPECT_THAT(received(), StartsWith("READY=1\n"));
  systemd.stopping(40s);
  EXPECT_EQ(received(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=41000000");
}

TEST_F(SystemdNotifierTest, SendsTheLastStateBeforeItEnds) {
  std::make_unique<SystemdNotifier>([](auto) { return true; })->stopping(1s);
  EXPECT_THAT(received(), StartsWith("STOPPING=1\n"));
}

TEST_F(SystemdNotifierTest, SendsASignOfLifeOnlyWhileTheServiceIsAlive) {
  watchdog_after(200ms);
  std::atomic<bool> is_alive{true};
  std::atomic<int> asked{0};
  SystemdNotifier systemd([&](std::chrono::milliseconds within) {
    EXPECT_EQ(within, 200ms);
    ++asked;
    return is_alive.load();
  });
  EXPECT_EQ(received(), "WATCHDOG=1");
  EXPECT_EQ(received(), "WATCHDOG=1");
  is_alive = false;
  const int before = asked;
  while (asked < before + 3) std::this_thread::sleep_for(5ms);
  while (!received(0ms).empty()) {
  }
  const int later = asked;
  while (asked < later + 3) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(received(0ms), "");
  systemd.stopping(1s);  // the bound of the stop watches the process from here on
  EXPECT_THAT(received(), HasSubstr("STOPPING=1"));
  EXPECT_EQ(received(), "WATCHDOG=1");
}

TEST_F(SystemdNotifierTest, WithoutAWatchdogAsksNobody) {
  SystemdNotifier systemd([](auto) -> bool { throw std::logic_error("asked"); });
  systemd.ready("listening");
  EXPECT_THAT(received(), StartsWith("READY=1\n"));
}

TEST_F(SystemdNotifierTest, WithoutSystemdDoesNothing) {
  ::unsetenv("NOTIFY_SOCKET");
  watchdog_after(10ms);
  {
    SystemdNotifier systemd([](auto) -> bool { throw std::logic_error("asked"); });
    systemd.ready("listening");
    systemd.stopping(1s);
  }
  EXPECT_EQ(received(50ms), "");
}

}  // namespace
}  // namespace nx::app
