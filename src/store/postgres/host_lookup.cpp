#include "store/postgres/host_lookup.hpp"

#include <array>
#include <condition_variable>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>

#include <fmt/core.h>
#include <sys/socket.h>

namespace nx::store::postgres {

struct HostLookup::Answer {
  std::mutex lock;
  std::condition_variable arrived;
  bool done = false;
  int error = 0;  // EAI_…
  std::vector<std::string> addresses;
};

namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

int ask(const std::string& name, int flags, std::vector<std::string>& into) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error != 0) return error;
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      into.emplace_back(text.data());
    }
  }
  return into.empty() ? EAI_NONAME : 0;
}

}  // namespace

Result<std::vector<std::string>> HostLookup::find(const std::string& name,
                                                  std::chrono::steady_clock::time_point deadline) {
  std::vector<std::string> literal;
  if (ask(name, AI_NUMERICHOST, literal) == 0) return literal;

  std::shared_ptr<Answer>& answer = pending_[name];
  if (!answer) {
    answer = std::make_shared<Answer>();
    try {
      std::thread([answer, name] {
        std::vector<std::string> addresses;
        const int error = ask(name, 0, addresses);
        const std::lock_guard guard{answer->lock};
        answer->error = error;
        answer->addresses = std::move(addresses);
        answer->done = true;
        answer->arrived.notify_all();
      }).detach();
    } catch (const std::system_error& problem) {
      pending_.erase(name);
      return fail(ErrorKind::unavailable, fmt::format("cannot look up {}: {}", name, problem.what()));
    }
  }
  std::unique_lock guard{answer->lock};
  if (!answer->arrived.wait_until(guard, deadline, [&] { return answer->done; })) {
    return fail(ErrorKind::unavailable, fmt::format("cannot look up {}: the resolver does not answer in time", name));
  }
  const std::shared_ptr<Answer> done = answer;
  guard.unlock();
  pending_.erase(name);
  if (done->error != 0) {
    return fail(ErrorKind::unavailable, fmt::format("cannot look up {}: {}", name, ::gai_strerror(done->error)));
  }
  return done->addresses;
}

}  // namespace nx::store::postgres
