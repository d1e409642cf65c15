#include <iostream>

#include "app/commands.hpp"
#include "client/http_get.hpp"
#include "config/listen_address.hpp"

namespace nx::app {
namespace {

constexpr int kOk = 200;
constexpr std::chrono::milliseconds kAnswerWithin{5'000};

/// The address by which this machine reaches a listener on `host`.
std::string own_address(std::string host) {
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::" || host == "[::]") host = "[::1]";
  return host.find(':') != std::string::npos && !host.starts_with('[') ? "[" + host + "]" : host;
}

}  // namespace

std::string health_url(const config::Configuration& configuration, const std::string& probe) {
  const auto admin = config::parse_listen_address(configuration.admin_listen);
  const gateway::GatewayOptions& gateway = configuration.gateway;
  const std::string scheme = admin || gateway.tls_cert.empty() ? "http://" : "https://";
  return scheme + own_address(admin ? admin->host : gateway.host) + ":" +
         std::to_string(admin ? admin->port : gateway.port) + "/health/" + probe;
}

int run_health(const config::Configuration& configuration, const std::string& probe) {
  const std::string url = health_url(configuration, probe);
  // The certificate names the service, not this machine.
  const auto answer = client::http_get({.url = url, .token = "", .verify = false, .timeout = kAnswerWithin});
  if (!answer) {
    std::cerr << "nx-signal health: " << url << ": " << answer.error().message << "\n";
    return 1;
  }
  if (answer->status != kOk) {
    std::cerr << "nx-signal health: " << url << ": HTTP status " << answer->status << "\n";
    return 1;
  }
  std::cout << url << ": ok\n";
  return 0;
}

}  // namespace nx::app
