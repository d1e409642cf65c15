#include <iostream>
#include <iterator>

#include "app/commands.hpp"
#include "emitter/envelope.hpp"
#include "emitter/include/nxsignal/emitter.hpp"
#include "model/number.hpp"

namespace nx::app {
namespace {

using emitter::TargetType;
using nxsignal::Id;

Result<Id> id_of(const EmitFlags& flags) {
  if (!flags.number) return Id(flags.target);
  const auto number = whole_number<std::int64_t>(flags.target);
  if (!number) {
    return fail(ErrorKind::invalid,
                "--number: the id is not a 64-bit whole number; for example emit user 42 e --number");
  }
  return Id(*number);
}

TargetType type_of(EmitFlags::To to) {
  switch (to) {
    case EmitFlags::To::user:
      return TargetType::user;
    case EmitFlags::To::room:
      return TargetType::room;
    case EmitFlags::To::client:
      return TargetType::client;
    case EmitFlags::To::everyone:
      break;
  }
  return TargetType::everyone;
}

/// The push has views into both arguments. An error if their contents are invalid.
Result<emitter::Push> push_of(const EmitFlags& flags, const std::optional<std::string>& data) {
  emitter::Push push;
  push.type = type_of(flags.to);
  if (push.type != TargetType::everyone) {
    auto id = id_of(flags);
    if (!id) return error_of(id);
    push.target = *std::move(id);
  }
  push.event = flags.event;
  push.data = data;
  push.exclude = flags.exclude;
  if (const auto publication = emitter::publication_of(push); !publication) return error_of(publication);
  return push;
}

nxsignal::Outcome send(nxsignal::Emitter& emitter, const emitter::Push& push) {
  switch (push.type) {
    case TargetType::user:
      return emitter.to_user(*push.target, push.event, push.data);
    case TargetType::room:
      return emitter.to_room(std::get<std::string>(push.target->value()), push.event, push.data, push.exclude);
    case TargetType::client:
      return emitter.to_client(*push.target, push.event, push.data);
    case TargetType::everyone:
      break;
  }
  return emitter.broadcast(push.event, push.data);
}

}  // namespace

int run_emit(const config::Configuration& configuration, const EmitFlags& flags) {
  std::optional<std::string> data = flags.data;
  if (data == "-") data.emplace(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  const auto push = push_of(flags, data);
  if (!push) {
    std::cerr << "nx-signal emit: " << push.error().message << "\n";
    return 2;
  }
  nxsignal::Options options;
  options.url = configuration.redis_url;
  options.tls_ca = configuration.redis_tls_ca;
  nxsignal::Emitter emitter(options);
  if (const nxsignal::Outcome outcome = send(emitter, *push); !outcome) {
    std::cerr << "nx-signal emit: " << outcome.error << "\n";
    return 1;
  }
  std::cout << "published\n";
  return 0;
}

}  // namespace nx::app
