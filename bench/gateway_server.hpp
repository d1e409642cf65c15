#pragma once
// A gateway in the benchmark's own process, with the tests' issuer of tokens and a log of errors only.

#include <utility>

#include "../tests/component/gateway/issuer.hpp"
#include "auth/authenticator.hpp"
#include "die.hpp"
#include "gateway/gateway.hpp"

namespace nx::bench {

struct GatewayServer {
  GatewayServer(const gateway::Issuer& issuer, gateway::GatewayOptions options, session::Lookups lookups = {})
      : authenticator(keys_of(issuer), log),
        door(
            std::move(options), authenticator, std::move(lookups), [](auto&&...) {}, log) {
    if (const auto started = door.start(); !started) die(started.error().message.c_str());
  }
  static auth::AuthOptions keys_of(const gateway::Issuer& issuer) {
    auth::AuthOptions options;
    options.fetch_keys = [&issuer]() -> Result<std::string> { return issuer.jwks(); };
    return options;
  }

  observe::Logger log{{.level = observe::Level::error}};
  auth::Authenticator authenticator;
  gateway::Gateway door;
};

}  // namespace nx::bench
