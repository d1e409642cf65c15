#include "app/bus_options.hpp"

#include <algorithm>
#include <utility>

#include "contract/bus_channels.hpp"
#include "model/room_name.hpp"

namespace nx::app {
namespace {

constexpr std::size_t kUsersMessageBytes = 1UL << 20U;  // 1,000 ids of 128 bytes, a notification and a reserve

}  // namespace

Result<bus::BusOptions> bus_options(const config::Configuration& configuration, std::string server_id) {
  bus::BusOptions options;
  auto url = redis::parse_redis_url(configuration.redis_url);
  if (!url) return fail(ErrorKind::invalid, "SIGNAL_REDIS_URL: " + url.error().message);
  options.url = *std::move(url);
  if (options.url.tls) {
    auto tls = transport::TlsClientContext::load(configuration.redis_tls_ca);
    if (!tls) return fail(ErrorKind::invalid, "SIGNAL_REDIS_TLS_CA: " + tls.error().message);
    options.tls = *std::move(tls);
  }
  options.channels = {contract::kOperatorsChannel, contract::answers_channel(server_id)};
  options.server_id = std::move(server_id);
  options.exact = configuration.bus_subscription == "exact";
  options.exact_common = {contract::room_channel({kDefaultRoom}), contract::room_channel({kNotificationRoom})};
  options.max_message_bytes = std::max(configuration.max_push_bytes, kUsersMessageBytes);
  return options;
}

session::BusSubscriptions bus_subscriptions(const std::unique_ptr<bus::Bus>& bus) {
  // IGNIS also sends to a client through the room with the client's id (docs/protocol.md#envelope).
  const auto channels = [](const UserId& user, const ClientId& client) {
    return std::vector<std::string>{contract::user_channel(user), contract::client_channel(client),
                                    contract::room_channel({client.value})};
  };
  session::BusSubscriptions subscriptions;
  subscriptions.subscribe = [&bus, channels](const UserId& user, const ClientId& client, runtime::EventLoop& home,
                                             std::function<void()> confirmed) {
    bus->subscribe(channels(user, client), [&home, confirmed = std::move(confirmed)] { home.post(confirmed); });
  };
  subscriptions.unsubscribe = [&bus, channels](const UserId& user, const ClientId& client) {
    bus->unsubscribe(channels(user, client));
  };
  subscriptions.subscribe_room = [&bus](const RoomName& room) { bus->subscribe({contract::room_channel(room)}, {}); };
  subscriptions.unsubscribe_room = [&bus](const RoomName& room) { bus->unsubscribe({contract::room_channel(room)}); };
  return subscriptions;
}

}  // namespace nx::app
