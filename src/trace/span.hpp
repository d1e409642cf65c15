#pragma once
// One span of a notification's way (docs/tracing.md#spans), as the thread that did the work records it. A value of
// fixed size without allocation: texts in it are literals. It becomes OTLP in otlp_json.hpp.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "model/activity.hpp"
#include "observe/trace_context.hpp"

namespace nx::trace {

/// Wall-clock time: the spans of one trace are of several machines.
using Time = std::chrono::system_clock::time_point;
inline Time now() {
  return std::chrono::system_clock::now();
}

/// A Kafka record, from its decoding until its offset may be committed.
struct Process {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::size_t bytes = 0;
};

/// The look-up of the recipients.
struct Resolve {
  RecipientScope scope = RecipientScope::users;
  std::size_t recipients = 0;
};

/// The transaction that stored the message.
struct Store {
  std::size_t messages = 0;    // of the transaction
  std::size_t recipients = 0;  // rows of this message
  const char* outcome = "";    // of this message
  /// The store span of the transaction's first traced message, if that is another message.
  observe::SpanContext with_messages_of;
};

/// The push of hints to the connections of this instance and to the bus.
struct Publish {
  std::size_t recipients = 0;
  std::size_t here = 0;           // of them, connected to this instance
  const char* channel = nullptr;  // on the bus; null: there is no bus
};

/// The frames of one hint for the connections of one shard, from its mailbox until the last one is sealed.
struct Frame {
  std::size_t frames = 0;
  bool from_bus = false;  // another instance has published the hint
};

struct Span {
  observe::SpanContext self;
  std::uint64_t parent = 0;  // 0: the first span of its trace
  Time begin, end;
  std::variant<Process, Resolve, Store, Publish, Frame> details;
  const char* error = nullptr;  // what went wrong; null: nothing
};

}  // namespace nx::trace
