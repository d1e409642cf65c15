// What a sealed frame to one of N sockets costs the sender, by the way it is sent (docs/adr/0001-io-core.md). Every way
// does the same work per frame: seal, base64, frame header, bytes to a loopback TCP socket that another process drains.
// The ways take turns in slices; printed are the medians, and the median of each slice's ratio to the bare loop's slice
// of the same turn.
//
//   io_core [sockets] [turns] [rounds per slice] [plaintext bytes]     default 1000 61 10 380

#include <cstdio>
#include <cstdlib>
#include <sched.h>
#include <system_error>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "crypto/sealer.hpp"
#include "die.hpp"
#include "quantile.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/send_batch.hpp"
#include "transport/listener.hpp"
#include "transport/ws_frame.hpp"

namespace {

namespace asio = boost::asio;
using namespace nx;
using bench::die;
using bench::median;

void pin_to(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu % static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN)), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The other process: connects, drains, and writes one byte to `done` whenever the bytes of a whole round have arrived.
[[noreturn]] void drain(std::uint16_t port, std::size_t sockets, std::size_t round_bytes, int done) {
  pin_to(1);
  asio::io_context context;
  std::vector<asio::ip::tcp::socket> clients;
  const int epoll = ::epoll_create1(0);
  for (std::size_t i = 0; i < sockets; ++i) {
    clients.emplace_back(context).connect({asio::ip::address_v4::loopback(), port});
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = clients.back().native_handle();
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
  }
  std::array<epoll_event, 256> events{};
  std::vector<char> buffer(65'536);
  for (std::size_t pending = 0;;) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const ssize_t got =
          ::recv(events[static_cast<std::size_t>(i)].data.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got == 0) std::_Exit(0);
      if (got > 0) pending += static_cast<std::size_t>(got);
    }
    for (; pending >= round_bytes; pending -= round_bytes) {
      if (::write(done, "", 1) != 1) std::_Exit(1);
    }
  }
}

struct Client {
  explicit Client(transport::Socket s)
      : socket(std::move(s)), sealer(crypto::AesKey(std::array<std::uint8_t, 32>{7})) {}
  transport::Socket socket;
  crypto::Sealer sealer;
};

struct Bench {
  std::vector<Client> clients;
  std::string plaintext;
  int round_done = -1;

  std::size_t frame_bytes() const {
    const std::size_t payload = crypto::Sealer::envelope_size(plaintext.size());
    return transport::frame_header_size(payload) + payload;
  }
  void append_frame(std::string& out, Client& client) const {
    transport::append_frame_header(out, transport::WsOpcode::text, crypto::Sealer::envelope_size(plaintext.size()));
    client.sealer.append_envelope(out, plaintext, {});
  }
  void await_round() const {
    char byte = 0;
    if (::read(round_done, &byte, 1) != 1) die("the draining process ended");
  }
};

using Slice = std::function<void(std::size_t rounds)>;

Slice bare_loop(Bench& bench) {
  return [&bench](std::size_t rounds) {
    std::string frame;
    while (rounds-- > 0) {
      for (Client& client : bench.clients) {
        frame.clear();
        bench.append_frame(frame, client);
        if (::send(client.socket.fd(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL) !=
            static_cast<ssize_t>(frame.size()))
          die("send");
      }
      bench.await_round();
    }
  };
}

Slice only_sealing(Bench& bench) {
  return [&bench](std::size_t rounds) {
    std::string frame;
    while (rounds-- > 0) {
      for (Client& client : bench.clients) {
        frame.clear();
        bench.append_frame(frame, client);
      }
    }
  };
}

// Our loop: a task seals, the end of the turn sends. `arena` frames are sealed into one buffer and submitted together.
Slice own_loop(Bench& bench, runtime::SendBatch::Backend backend, std::size_t arena) {
  return [&bench, arena, batch = std::make_shared<runtime::SendBatch>(backend)](std::size_t rounds) {
    if (rounds == 0) return;
    runtime::EventLoop loop("bench");
    std::string buffer;
    buffer.reserve(arena * bench.frame_bytes());
    std::vector<runtime::SendOp> operations;
    const auto flush = [&] {
      batch->submit(operations);
      for (const runtime::SendOp& op : operations) {
        if (op.result != static_cast<long>(op.size)) die("partial send");
      }
      operations.clear();
      buffer.clear();
    };
    loop.at_turn_end(flush);
    runtime::EventLoop::Task round = [&] {
      for (Client& client : bench.clients) {
        if (operations.size() == arena) flush();
        const std::size_t begin = buffer.size();
        bench.append_frame(buffer, client);
        operations.push_back({client.socket.fd(), buffer.data() + begin, buffer.size() - begin});
      }
      loop.post([&] {
        bench.await_round();
        if (--rounds == 0) return loop.stop();
        loop.post(round);
      });
    };
    loop.post(round);
    loop.run();
  };
}

Slice asio_writes(Bench& bench) {
  struct Asio {
    asio::io_context context{1};
    std::vector<asio::ip::tcp::socket> sockets;
    std::vector<std::string> frames;
  };
  const auto own = std::make_shared<Asio>();
  for (const Client& client : bench.clients)
    own->sockets.emplace_back(own->context, asio::ip::tcp::v4(), ::dup(client.socket.fd()));
  own->frames.resize(bench.clients.size());
  return [&bench, own](std::size_t rounds) {
    while (rounds-- > 0) {
      for (std::size_t i = 0; i < bench.clients.size(); ++i) {
        std::string& frame = own->frames[i];
        frame.clear();
        bench.append_frame(frame, bench.clients[i]);
        asio::async_write(own->sockets[i], asio::buffer(frame),
                          [](const boost::system::error_code& error, std::size_t) {
                            if (error) die("async_write");
                          });
      }
      own->context.run();
      own->context.restart();
      bench.await_round();
    }
  };
}

struct Way {
  const char* name;
  Slice run;
  std::vector<double> ns = {}, ratio = {};
};

std::vector<Way> all_ways(Bench& bench) {
  using Backend = runtime::SendBatch::Backend;
  const char* const ring = runtime::SendBatch().backend() == Backend::io_uring ? "own loop, io_uring, 256 together"
                                                                               : "own loop, io_uring REFUSED: send";
  std::vector<Way> ways;
  ways.push_back({"bare send() loop", bare_loop(bench)});
  ways.push_back({"bare send() loop again (noise)", bare_loop(bench)});
  ways.push_back({"seal, base64, header alone", only_sealing(bench)});
  ways.push_back({"Asio on epoll, async_write", asio_writes(bench)});
  ways.push_back({"own loop, send(), 256 together", own_loop(bench, Backend::send, 256)});
  ways.push_back({"own loop, send(), 32 together", own_loop(bench, Backend::send, 32)});
  ways.push_back({ring, own_loop(bench, Backend::io_uring, 256)});
  ways.push_back({"own loop, io_uring, 64 together", own_loop(bench, Backend::io_uring, 64)});
  ways.push_back({"own loop, io_uring, 16 together", own_loop(bench, Backend::io_uring, 16)});
  return ways;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int at, std::size_t otherwise) {
    return argc > at ? std::strtoul(argv[at], nullptr, 10) : otherwise;
  };
  const std::size_t sockets = number(1, 1'000);
  const std::size_t turns = number(2, 61);
  const std::size_t rounds = number(3, 10);

  Bench bench;
  bench.plaintext.assign(number(4, 380), 'x');
  auto listener = transport::Listener::open("127.0.0.1", 0);
  if (!listener) return std::fprintf(stderr, "%s\n", listener.error().message.c_str()), 1;
  std::array<int, 2> done{};
  if (::pipe(done.data()) != 0) die("pipe");
  bench.round_done = done[0];
  const pid_t other = ::fork();
  if (other == 0) drain(listener->port(), sockets, sockets * bench.frame_bytes(), done[1]);
  pin_to(0);
  while (bench.clients.size() < sockets) {
    auto accepted = listener->accept();
    if (accepted.status != transport::Listener::Accepted::Status::connection) {
      ::usleep(1'000);
      continue;
    }
    transport::configure(accepted.socket.fd(), {});
    bench.clients.emplace_back(std::move(accepted.socket));
  }

  std::vector<Way> ways = all_ways(bench);
  for (Way& way : ways) way.run(5);
  for (std::size_t turn = 0; turn < turns; ++turn) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      Way& way = ways[turn % 2 == 0 ? i : ways.size() - 1 - i];
      const double before = cpu_seconds();
      way.run(rounds);
      way.ns.push_back((cpu_seconds() - before) * 1e9 / static_cast<double>(rounds * sockets));
    }
    for (Way& way : ways) way.ratio.push_back(way.ns.back() / ways[0].ns.back());
  }

  std::printf("%zu sockets, %zu turns of %zu rounds, %zu bytes sealed into frames of %zu\n", sockets, turns, rounds,
              bench.plaintext.size(), bench.frame_bytes());
  std::printf("%-36s %12s %12s\n", "", "ns CPU/frame", "/ bare loop");
  for (const Way& way : ways) std::printf("%-36s %12.0f %12.3f\n", way.name, median(way.ns), median(way.ratio));
  ways.clear();
  bench.clients.clear();
  ::close(done[0]);
  ::waitpid(other, nullptr, 0);
  return 0;
}
