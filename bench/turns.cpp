// The delays of other clients while a shard has a lot of work: for each case the longest `ping`→`pong` of another
// client of the same shard, before the work and during it in the same run, and the memory that the program held. Goal:
// at most 20 ms more, and memory within its bound.
//
// The delay is also printed without the time for which the shard itself waited for a core: on a fully loaded machine
// the program does not cause that part.
//
//   turns [scale [rounds [case]]]   1 is the full size (9,000 clients …), default; 0.02 takes seconds. Default 3
//   rounds,
//                                   of the cases with that text in their names.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include <sys/resource.h>

#include "../tests/component/gateway/certificate.hpp"
#include "../tests/component/gateway/client_hello.hpp"
#include "crypto/sealer.hpp"
#include "gateway_server.hpp"
#include "quantile.hpp"
#include "resident_bytes.hpp"
#include "transport/ws_frame.hpp"
#include "turns_peers.hpp"

namespace {

using namespace nx;
using namespace nx::bench;
using gateway::client_hello;
using std::chrono::milliseconds;

double megabytes(std::size_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

double milliseconds_of(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1e3;
}

constexpr std::size_t kMissedRows = 500;  // the most that one catch-up sends
constexpr std::size_t kMissedBytes = 2'000;

session::Lookups missed_rows() {
  session::Lookups lookups;
  lookups.missed = [](const UserId&, std::int64_t since, std::size_t limit, runtime::EventLoop& home, auto done) {
    session::MissedHints page;
    for (std::size_t i = 0; i < limit; ++i) page.hints.push_back({++since, std::string(kMissedBytes, 'x')});
    page.complete = since >= static_cast<std::int64_t>(kMissedRows);
    page.newest_seq = static_cast<std::int64_t>(kMissedRows);
    home.post([done, page = std::move(page)]() mutable { done(std::move(page)); });
  };
  return lookups;
}

gateway::GatewayOptions options_of(const gateway::Certificate* certificate) {
  gateway::GatewayOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.workers = 1;
  options.session.messages_per_second = 1'000'000;  // of the client that pings
  options.max_handshakes = 0;
  options.max_connections_per_address = 0;
  options.drain = milliseconds(0);
  options.shutdown_grace = milliseconds(0);
  if (certificate != nullptr) {
    options.tls_cert = certificate->cert_path();
    options.tls_key = certificate->key_path();
  }
  return options;
}

struct Case {
  std::string name;
  bool tls = false;
  std::optional<StormPlan> storm = std::nullopt;
  std::size_t crowd = 0;  // clients that read what is pushed
  std::size_t bytes = 0;  // of a push, plaintext
  bool hint = false;      // to each of the crowd by name, else to everyone
};

/// How it is asked about the longest wait, and what the program holds meanwhile.
struct Watch {
  std::size_t resident_before = resident_bytes();
  std::size_t resident_most = 0;
  std::size_t held_most = 0;
  void look(const gateway::Gateway& door) {
    resident_most = std::max(resident_most, resident_bytes());
    held_most = std::max(held_most, static_cast<std::size_t>(door.stats().queued_bytes));
  }
};

std::string user_of(std::size_t index) {
  return "01890a5d-ac96-774b-bcce-" + std::to_string(100'000'000'000 + index);
}

void push(GatewayServer& server, const Case& what) {
  const auto text = std::make_shared<const std::string>(what.bytes, 'x');
  if (!what.hint) return server.door.fan_out().to_everyone(text);
  std::vector<fanout::HintRecipient> recipients;
  for (std::size_t i = 0; i < what.crowd; ++i) recipients.push_back({{user_of(i)}, 1, 1});
  server.door.fan_out().hint(text, recipients, {now_wall()});
}

struct Figures {
  Longest before, during;
  double took_ms = 0;
  std::size_t held = 0, grown = 0;
};

Figures measure(const gateway::Issuer& issuer, const gateway::Certificate& certificate, const Case& what) {
  const ChildProcess pinger([&](int in, int out) { run_pinger(in, out, issuer, what.tls); });
  std::optional<ChildProcess> storm;
  if (what.storm) storm.emplace([&](int in, int out) { run_storm(in, out, *what.storm); });
  std::optional<ChildProcess> crowd;
  if (what.crowd > 0) crowd.emplace([&](int in, int out) { Clients(in, out, issuer).run(); });

  GatewayServer server(issuer, options_of(what.tls ? &certificate : nullptr), missed_rows());
  const std::uint16_t port = server.door.port();
  pinger.tell(port);
  if (crowd) {
    crowd->tell(Clients::Command{Clients::Command::authenticate, port, what.crowd, 0});
    crowd->receive<char>();
    const std::size_t envelope = crypto::Sealer::envelope_size(what.bytes);  // of a hint a little less than it is
    crowd->tell(Clients::Command{Clients::Command::drain, 0, 1,
                                 what.crowd * (envelope + transport::frame_header_size(envelope))});
  }
  if (storm) {
    storm->tell(port);
    storm->receive<char>();
  }
  const auto longest = [&] {
    pinger.tell('w');
    return pinger.receive<Longest>();
  };
  std::this_thread::sleep_for(milliseconds(300));
  longest();
  std::this_thread::sleep_for(milliseconds(1'000));
  Figures out;
  out.before = longest();

  Watch watch;
  const ChildProcess& worker = storm ? *storm : *crowd;
  const auto begin = std::chrono::steady_clock::now();
  if (storm) storm->tell('g');
  if (crowd) push(server, what);
  while (!worker.has_said(milliseconds(1))) watch.look(server.door);
  out.took_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  worker.receive<char>();
  out.during = longest();
  out.held = watch.held_most;
  out.grown = std::max(watch.resident_most, watch.resident_before) - watch.resident_before;
  return out;
}

void run(const gateway::Issuer& issuer, const gateway::Certificate& certificate, const Case& what, int rounds) {
  std::vector<double> before;
  std::vector<double> during;
  std::vector<double> over;
  std::vector<double> program;  // what it took itself, over what it took before
  Figures last{};
  for (int round = 0; round < rounds; ++round) {
    last = measure(issuer, certificate, what);
    before.push_back(milliseconds_of(last.before.wait));
    during.push_back(milliseconds_of(last.during.wait));
    over.push_back(during.back() - before.back());
    program.push_back(milliseconds_of(last.during.by_the_program - last.before.by_the_program));
  }
  std::printf(
      "%-52s longest pong %6.1f ms, before it %5.1f: %6.1f ms more (at most %6.1f), by the program itself %5.1f (at "
      "most %5.1f); took %6.0f ms; held %6.1f MB, resident +%.1f MB\n",
      what.name.c_str(), median(during), median(before), median(over), std::ranges::max(over), median(program),
      std::ranges::max(program), last.took_ms, megabytes(last.held), megabytes(last.grown));
  std::fflush(stdout);
}

std::string masked_message(std::size_t bytes) {
  std::string frame{static_cast<char>(0x81), static_cast<char>(0x80 | 127)};
  for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(bytes >> static_cast<unsigned>(shift));
  std::string text = "[0";
  while (text.size() + 3 <= bytes) text += ",1";
  text.resize(bytes - 1, ' ');
  return frame + std::string(4, '\0') + text + "]";
}

std::string hundred_messages(std::size_t bytes) {
  const std::string one = masked_message(bytes);
  std::string all;
  for (int i = 0; i < 100; ++i) all += one;
  return all;
}

std::string authenticate(const gateway::Issuer& issuer, const std::string& key, std::size_t index, const char* more) {
  return masked_text(R"({"event":"authenticate","data":{"token":")" + issuer.token("\"" + user_of(index) + "\"") +
                     R"(","clientPublicKey":")" + key + "\"" + more + "}}");
}

}  // namespace

int main(int argc, char** argv) {
  const double scale = argc > 1 ? std::strtod(argv[1], nullptr) : 1;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  const gateway::Issuer issuer;
  const gateway::Certificate certificate;
  const std::string key = crypto::KeyPair::generate().public_base64();
  const std::string hello = client_hello();
  const auto scaled = [scale](std::size_t count) {
    return std::max<std::size_t>(4, static_cast<std::size_t>(scale * static_cast<double>(count)));
  };
  const auto named = [](std::size_t count, const char* what) { return std::to_string(count) + " " + what; };
  const auto storm = [](std::size_t sockets, bool upgraded, auto bytes_of, std::size_t bytes_each = 1) {
    return StormPlan{.sockets = sockets, .upgraded = upgraded, .bytes_of = bytes_of, .bytes_each = bytes_each};
  };
  const std::size_t row = crypto::Sealer::envelope_size(kMissedBytes) + 4;
  const auto hellos = [&](std::size_t) { return hello; };
  const auto tokens = [&](std::size_t i) { return authenticate(issuer, key, i, ""); };
  const auto since = [&](std::size_t i) { return authenticate(issuer, key, i, ",\"since\":0"); };
  const auto large = [](std::size_t) { return hundred_messages(131'072); };
  const auto small = [](std::size_t) { return hundred_messages(16'384); };
  const std::array<Case, 7> cases{{
      {.name = named(scaled(9'000), "are named by a hint of 31 KB"),
       .crowd = scaled(9'000),
       .bytes = 31'000,
       .hint = true},
      {.name = named(scaled(1'500), "hear a broadcast of 250 KB"), .crowd = scaled(1'500), .bytes = 250'000},
      {.name = named(scaled(600), "TLS ClientHellos"), .tls = true, .storm = storm(scaled(600), false, hellos)},
      {.name = "100 messages of 128 KiB, never authenticated", .storm = storm(1, true, large, 1U << 20U)},
      {.name = named(scaled(200), "times 100 messages of 16 KiB, none authenticated"),
       .storm = storm(scaled(200), true, small, 1U << 20U)},
      {.name = named(scaled(2'000), "tokens"), .storm = storm(scaled(2'000), true, tokens)},
      {.name = named(scaled(200), "catch-ups of 500 rows of 2 KB"),
       .storm = storm(scaled(200), true, since, kMissedRows * row)},
  }};
  const std::string_view wanted = argc > 3 ? argv[3] : "";
  for (const Case& each : cases) {
    if (each.name.find(wanted) != std::string::npos) run(issuer, certificate, each, rounds);
  }
}
