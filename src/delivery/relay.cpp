#include "delivery/relay.hpp"

#include <memory>

#include "contract/bus_channels.hpp"
#include "contract/bus_envelope.hpp"
#include "contract/hint_message.hpp"
#include "json/document.hpp"

namespace nx::delivery {
namespace {

struct Dispatch {
  fanout::FanOut& fan_out;
  const fanout::Payload& frame;

  void operator()(const contract::ToEveryone& to) const { fan_out.to_everyone(frame, to.exclude); }
  void operator()(const contract::ToRoom& to) const { fan_out.to_room(to.room, frame, to.exclude); }
  void operator()(const contract::ToClient& to) const { fan_out.to_client(to.client, frame); }
  void operator()(const contract::ToUser& to) const { fan_out.to_user(to.user, frame); }
  void operator()(const contract::ToClientOrUser& to) const {
    fan_out.to_client(ClientId{to.id}, frame);
    fan_out.to_user(UserId{to.id}, frame);
  }
};

}  // namespace

Relay::Relay(RelayOptions options, fanout::FanOut& fan_out, const observe::Logger& log)
    : options_(std::move(options)), fan_out_(fan_out), log_(log) {}

void Relay::operator()(std::string_view message) {
  if (message.size() > options_.max_push_bytes) return skipped(message.size());
  auto envelope = contract::decode_bus_envelope(message);
  if (!envelope) return drop_malformed(envelope.error().message);
  if (is_own(envelope->server_id)) return stats_.own.add();
  stats_.relayed.add();
  if (envelope->replaced > 0) stats_.replaced.add(envelope->replaced);
  if (envelope->recorded) return relay_hint(*envelope);
  const auto frame = std::make_shared<const std::string>(contract::frame_text(*envelope));
  std::visit(Dispatch{fan_out_, frame}, envelope->destination);
}

/// The client gets the same bytes as from any envelope with `seq` and `unread`; it is passed on as a hint so that its
/// age is measured.
void Relay::relay_hint(contract::BusEnvelope& envelope) {
  const auto& to = std::get<contract::ToUser>(envelope.destination);
  auto recipients = fan_out_.local_recipients();
  recipients.add(to.user.value, *envelope.seq, *envelope.unread);
  if (recipients.users() == 0) return;
  const auto parent = envelope.traceparent ? parent_of(*envelope.traceparent) : observe::SpanContext{};
  envelope.seq.reset();
  envelope.unread.reset();
  std::string head = contract::frame_text(envelope);
  head.pop_back();
  recipients.put(std::make_shared<const std::string>(std::move(head)),
                 {.recorded = EpochMs{*envelope.recorded}, .parent = parent, .from_bus = true});
}

/// Zero for everything that is not the header of a sampled trace.
observe::SpanContext Relay::parent_of(std::string_view traceparent) const {
  return options_.traces ? observe::sampled_context(traceparent).value_or(observe::SpanContext{})
                         : observe::SpanContext{};
}

void Relay::to_users(std::string_view message) {
  const auto sender = contract::users_message_sender(message);
  if (sender && is_own(*sender)) return stats_.own.add();
  auto recipients = fan_out_.local_recipients();
  const auto read =
      contract::read_users_message(message, [&recipients](std::string_view user, std::int64_t seq,
                                                          std::int64_t unread) { recipients.add(user, seq, unread); });
  if (!read) return drop_malformed(read.error().message);
  if (recipients.users() == 0) return stats_.nobody.add();
  // Checked only now that there is a receiver: the hint must be valid JSON for the client.
  const auto hint = json::Document::read(std::string(read->hint) + '}', {.max_depth = contract::kMaxBusDepth});
  if (!hint || !hint->root().is_object())
    return drop_malformed(std::string(contract::kUsersChannel).append(": the hint is not a JSON object"));
  const auto parent = options_.traces ? parent_of(hint->root().find("traceparent").text()) : observe::SpanContext{};
  recipients.put(std::make_shared<const std::string>(read->hint),
                 {.recorded = read->recorded, .parent = parent, .from_bus = true});
  stats_.relayed.add();
}

void Relay::skipped(std::size_t bytes) {
  stats_.too_large.add();
  std::int64_t suppressed = 0;
  if (too_large_gate_.pass(suppressed)) {
    log_.warn("bus message dropped", {{"reason", "too large"},
                                      {"bytes", bytes},
                                      {"limit_bytes", options_.max_push_bytes},
                                      {"suppressed", suppressed}});
  }
}

void Relay::drop_malformed(const std::string& reason) {
  stats_.malformed.add();
  std::int64_t suppressed = 0;
  if (malformed_gate_.pass(suppressed)) {
    log_.warn("bus message dropped", {{"reason", reason}, {"suppressed", suppressed}});
  }
}

}  // namespace nx::delivery
