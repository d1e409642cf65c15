#pragma once
// The HTTP side of `nx-signal dev`: the page and its files, /jw-certs, tokens, payments, direct pushes
// (docs/dev.md#routes). Wrap the router in guard_loopback().

#include <functional>
#include <string>
#include <string_view>

#include "dev/identity.hpp"
#include "dev/paste_lines.hpp"
#include "dev/sample_data.hpp"
#include "model/result.hpp"
#include "observe/log.hpp"
#include "rest/router.hpp"
#include "store/repositories.hpp"

namespace nx::dev {

/// References are borrowed for the life of the router.
struct DevRoutes {
  const Identity& identity;
  const SampleData& sample;
  store::ReaderPool& readers;  // for work that blocks: reading policies, producing

  /// Sends a record to the embedded broker; blocks until it is acknowledged. Called on threads of `readers`, several at
  /// a time.
  std::function<Result<void>(const std::string& key, const std::string& value)> produce;

  /// Sends a direct push as another service would. Called on a gateway thread; must not block.
  std::function<void(std::string channel, std::string message)> publish;

  /// Valid once the gateway listens. Any thread.
  std::function<Addresses()> addresses;

  const observe::Logger& log;
};

void add_dev_routes(rest::Router& router, DevRoutes routes);

/// Adds GET / and GET /page/{file}, with headers that forbid the page to load from or send to other hosts.
void add_page_routes(rest::Router& router);

}  // namespace nx::dev
