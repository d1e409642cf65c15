#pragma once
// A real redis-server of a test's own: on a free port of loopback, in a folder of its own, ended with the object.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "component/free_port.hpp"

namespace nx::testing {

inline bool answers(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

class RedisServer {
 public:
  /// `arguments` as on the command line, e.g. {"--requirepass", "secret"}.
  explicit RedisServer(std::vector<std::string> arguments = {}) : arguments_(std::move(arguments)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-redis-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    start();
  }
  ~RedisServer() {
    end(SIGKILL);
    std::filesystem::remove_all(folder_);
  }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void start() {
    std::vector<std::string> words{
        "redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--dir", folder_.string(),
        "--save",       "",       "--appendonly",        "no"};
    words.insert(words.end(), arguments_.begin(), arguments_.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      const int nothing = ::open("/dev/null", O_RDWR);
      for (const int fd : {0, 1, 2}) ::dup2(nothing, fd);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    for (int i = 0; i < 500 && !answers(port_); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    ASSERT_TRUE(answers(port_)) << "redis-server does not start";
  }
  void end(int signal = SIGTERM) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::kill(pid_, SIGCONT);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void pause() { ::kill(pid_, SIGSTOP); }
  void resume() { ::kill(pid_, SIGCONT); }

  std::uint16_t port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

  /// What redis-cli prints.
  std::string cli(const std::string& command) const {
    const std::string line = "redis-cli -p " + std::to_string(port_) + " " + command + " 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(line.c_str(), "r"), ::pclose);
    std::string out(65'536, '\0');
    out.resize(std::fread(out.data(), 1, out.size(), pipe.get()));
    return out;
  }

 private:
  const std::vector<std::string> arguments_;
  const std::uint16_t port_ = free_port();
  std::filesystem::path folder_;
  pid_t pid_ = 0;
};

/// Three masters and three replicas; a failover is through after about 4 s.
class RedisCluster {
 public:
  RedisCluster() {
    std::string create = "redis-cli --cluster create";
    for (int i = 0; i < 6; ++i) {
      nodes.push_back(std::make_unique<RedisServer>(std::vector<std::string>{
          "--cluster-enabled", "yes", "--cluster-port", std::to_string(free_port()), "--cluster-node-timeout", "2000",
          "--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes"}));
      create += " 127.0.0.1:" + std::to_string(nodes.back()->port());
    }
    create += " --cluster-replicas 1 --cluster-yes >/dev/null 2>&1";
    EXPECT_EQ(std::system(create.c_str()), 0);
    for (int i = 0; i < 500 && !whole(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{20});
    EXPECT_TRUE(whole());
  }

  std::string url() const {
    std::string text = "redis+cluster://";
    for (std::size_t i = 0; i < 3; ++i)
      text += (i == 0 ? "" : ",") + std::string("127.0.0.1:") + std::to_string(nodes[i]->port());
    return text;
  }
  /// By its port, as the bus's log names nodes.
  RedisServer& at(std::uint16_t port) {
    return **std::find_if(nodes.begin(), nodes.end(), [port](const auto& node) { return node->port() == port; });
  }
  bool is_master(const RedisServer& node) const { return node.cli("role").starts_with("master"); }

  std::vector<std::unique_ptr<RedisServer>> nodes;

 private:
  bool whole() const {
    return std::all_of(nodes.begin(), nodes.end(), [this](const auto& node) {
      const std::string info = node->cli("cluster info");
      return info.find("cluster_state:ok") != std::string::npos &&
             info.find("cluster_known_nodes:6") != std::string::npos &&
             (is_master(*node) ? node->cli("info replication").find("state=online") != std::string::npos
                               : node->cli("info replication").find("master_link_status:up") != std::string::npos);
    });
  }
};

}  // namespace nx::testing
