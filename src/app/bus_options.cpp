#include "app/bus_options.hpp"

#include <algorithm>
#include <utility>

#include "contract/bus_channels.hpp"
#include "model/room_name.hpp"

namespace nx::app {
namespace {

constexpr std::size_t kUsersMessageBytes = 1UL << 20U;  // 1,000 ids of 128 bytes and a notification, with room

}  // namespace

Result<bus::BusOptions> bus_options(const Configuration& configuration, std::string server_id) {
  bus::BusOptions options;
  auto url = redis::parse_redis_url(configuration.redis_url);
  if (!url) return fail(ErrorKind::invalid, "SIGNAL_REDIS_URL: " + url.error().message);
  options.url = *std::move(url);
  if (options.url.tls) {
    auto trust = transport::TlsTrust::load(configuration.redis_tls_ca);
    if (!trust) return fail(ErrorKind::invalid, "SIGNAL_REDIS_TLS_CA: " + trust.error().message);
    options.trust = *std::move(trust);
  }
  options.channels = {contract::kOperatorsChannel, contract::answers_channel(server_id)};
  options.server_id = std::move(server_id);
  options.exact = configuration.bus_subscription == "exact";
  options.exact_common = {contract::room_channel({kDefaultRoom}), contract::room_channel({kNotificationRoom})};
  options.max_message_bytes = std::max(configuration.max_push_bytes, kUsersMessageBytes);
  return options;
}

session::Audience bus_audience(const std::unique_ptr<bus::Bus>& bus) {
  // IGNIS sends to a client by the room of its id as well (docs/protocol.md#envelope).
  const auto channels = [](const UserId& user, const ClientId& client) {
    return std::vector<std::string>{contract::user_channel(user), contract::client_channel(client),
                                    contract::room_channel({client.value})};
  };
  session::Audience audience;
  audience.came = [&bus, channels](const UserId& user, const ClientId& client, runtime::EventLoop& home,
                                   std::function<void()> heard) {
    bus->want(channels(user, client), [&home, heard = std::move(heard)] { home.post(heard); });
  };
  audience.went = [&bus, channels](const UserId& user, const ClientId& client) { bus->unwant(channels(user, client)); };
  audience.room_came = [&bus](const RoomName& room) { bus->want({contract::room_channel(room)}, {}); };
  audience.room_went = [&bus](const RoomName& room) { bus->unwant({contract::room_channel(room)}); };
  return audience;
}

}  // namespace nx::app
