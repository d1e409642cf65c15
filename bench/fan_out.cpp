// What the gateway costs where it matters: CPU per delivered frame against a bare loop of seal + send(2) in the same
// process, and resident bytes per idle authenticated client. Clients are another process; the two ways take turns in
// slices, printed is the median of the ratios of paired slices. Goals: ratio ≤ 1.3 at one publish in flight; ≤ 3.5 KiB
// a client.
//
//   fan_out [clients] [turns] [rounds per slice] [plaintext bytes] [idle clients]      default 1000 31 10 380 5000

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "crypto/sealer.hpp"
#include "fan_out_clients.hpp"
#include "gateway_server.hpp"
#include "quantile.hpp"
#include "resident_bytes.hpp"
#include "transport/listener.hpp"
#include "transport/ws_frame.hpp"

namespace {

using namespace nx;
using namespace nx::bench;

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// One thread, kept contexts, one send(2) a message, nothing else.
class BareLoop {
 public:
  BareLoop(std::size_t clients, const ChildProcess& peers) : listener_(*transport::Listener::open("127.0.0.1", 0)) {
    peers.tell(Clients::Command{Clients::Command::connect, listener_.port(), clients, 0});
    while (sockets_.size() < clients) {
      auto accepted = listener_.accept();
      if (accepted.status != transport::Listener::Accepted::Status::connection) continue;
      const int one = 1;
      ::setsockopt(accepted.socket.fd(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      sockets_.push_back(std::move(accepted.socket));
      std::array<std::uint8_t, 32> key{};
      key[0] = static_cast<std::uint8_t>(sockets_.size());
      sealers_.emplace_back(crypto::AesKey(key));
    }
    peers.receive<char>();
  }

  void publish(const std::string& text) {
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      buffer_.clear();
      transport::append_frame_header(buffer_, transport::WsOpcode::text, crypto::Sealer::envelope_size(text.size()));
      sealers_[i].append_envelope(buffer_, text, {});
      while (::send(sockets_[i].fd(), buffer_.data(), buffer_.size(), MSG_NOSIGNAL) < 0) {
        if (errno != EAGAIN) die("send");
        std::this_thread::yield();
      }
    }
  }

 private:
  transport::Listener listener_;
  std::vector<transport::Socket> sockets_;
  std::vector<crypto::Sealer> sealers_;
  std::string buffer_;
};

gateway::GatewayOptions quiet_options() {
  gateway::GatewayOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.workers = 1;
  options.session.ping_interval = std::chrono::hours(1);
  options.session.heartbeat_timeout = std::chrono::hours(1);
  options.drain = std::chrono::milliseconds(0);
  options.shutdown_grace = std::chrono::milliseconds(0);
  return options;
}

struct Work {
  std::size_t clients;
  std::size_t rounds;
  std::size_t frame_bytes;
};

/// Seconds of CPU for one slice: `rounds` publishes, `in_flight` of them at a time.
template <class Publish>
double slice(const ChildProcess& peers, const Work& work, std::size_t in_flight, const Publish& publish) {
  peers.tell(Clients::Command{Clients::Command::drain, 0, work.rounds, work.clients * work.frame_bytes});
  const double begin = cpu_seconds();
  for (std::size_t i = 0; i < work.rounds; ++i) {
    if (i >= in_flight) peers.receive<char>();
    publish();
  }
  for (std::size_t i = 0; i < std::min(in_flight, work.rounds); ++i) peers.receive<char>();
  return cpu_seconds() - begin;
}

void measure_fan_out(const gateway::Issuer& issuer, Work work, std::size_t turns, std::size_t plaintext_bytes) {
  const ChildProcess gateway_clients = start_clients(issuer);
  const ChildProcess bare_clients = start_clients(issuer);
  GatewayServer server(issuer, quiet_options());
  gateway_clients.tell(Clients::Command{Clients::Command::authenticate, server.door.port(), work.clients, 0});
  gateway_clients.receive<char>();
  BareLoop bare(work.clients, bare_clients);

  const auto text = std::make_shared<const std::string>(plaintext_bytes, 'x');
  const std::size_t envelope = crypto::Sealer::envelope_size(plaintext_bytes);
  work.frame_bytes = transport::frame_header_size(envelope) + envelope;
  const double deliveries = static_cast<double>(work.clients * work.rounds);
  const auto push = [&] { server.door.fan_out().to_everyone(text); };
  const auto send = [&] { bare.publish(*text); };
  for (const std::size_t in_flight : {1U, 2U, 8U}) {
    std::vector<double> ratios;
    std::vector<double> noise;
    std::vector<double> ours;
    std::vector<double> bare_loop;
    for (std::size_t turn = 0; turn < turns + 1; ++turn) {
      const bool first = turn % 2 == 0;
      const double before = slice(bare_clients, work, 1, send);
      const double mine = slice(gateway_clients, work, in_flight, push);
      const double after = slice(bare_clients, work, 1, send);
      if (turn == 0) continue;  // warm-up
      ratios.push_back(mine / (first ? before : after));
      noise.push_back(before / after);
      ours.push_back(mine / deliveries * 1e6);
      bare_loop.push_back(before / deliveries * 1e6);
    }
    std::printf(
        "%zu clients, %zu bytes, %zu in flight: gateway %.2f us, bare loop %.2f us a delivery; ratio %.2f (bare "
        "loop to bare loop %.2f)\n",
        work.clients, plaintext_bytes, in_flight, median(ours), median(bare_loop), median(ratios), median(noise));
    std::fflush(stdout);
  }
}

void measure_idle(const gateway::Issuer& issuer, std::size_t clients) {
  const ChildProcess peers = start_clients(issuer);
  GatewayServer server(issuer, quiet_options());
  const std::size_t few = clients / 5;
  const auto grow = [&](std::size_t count) {
    peers.tell(Clients::Command{Clients::Command::authenticate, server.door.port(), count, 0});
    peers.receive<char>();
    // Connections of the HTTP phase are dropped at the end of a turn; the next look is after it.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return resident_bytes();
  };
  const std::size_t at_few = grow(few);
  const std::size_t at_all = grow(clients - few);
  std::printf("idle, authenticated, %zu to %zu clients: %.0f resident bytes a client\n", few, clients,
              static_cast<double>(at_all - at_few) / static_cast<double>(clients - few));
}

std::size_t argument(int argc, char** argv, int index, std::size_t otherwise) {
  return argc > index ? std::strtoul(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const gateway::Issuer issuer;
  measure_idle(issuer, argument(argc, argv, 5, 5'000));
  const Work work{.clients = argument(argc, argv, 1, 1'000), .rounds = argument(argc, argv, 3, 10), .frame_bytes = 0};
  measure_fan_out(issuer, work, argument(argc, argv, 2, 31), argument(argc, argv, 4, 380));
}
