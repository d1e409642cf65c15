#include "trace/otlp_json.hpp"

#include <cstdint>
#include <string_view>

#include "json/value.hpp"

namespace nx::trace {
namespace {

// SpanKind, SpanFlags and StatusCode of opentelemetry/proto/trace/v1/trace.proto.
enum Kind : int { kInternal = 1, kClient = 3, kProducer = 4, kConsumer = 5 };
constexpr int kSampledFlag = 0x1, kParentKnown = 0x100, kParentRemote = 0x200;
constexpr int kError = 2;

/// Appends the members of one JSON object.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { out_ += '}'; }

  std::string& member(std::string_view name) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    json::append_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { json::append_string(member(name), value); }
  void number(std::string_view name, int value) { member(name) += std::to_string(value); }
  /// 64-bit integers are strings in the JSON form.
  void large(std::string_view name, std::int64_t value) { text(name, std::to_string(value)); }
  void trace_id(const observe::TraceId& trace) {
    member("traceId") += '"';
    observe::append_trace_id(out_, trace);
    out_ += '"';
  }
  void span_id(std::string_view name, std::uint64_t span) {
    member(name) += '"';
    observe::append_span_id(out_, span);
    out_ += '"';
  }

 private:
  std::string& out_;
  bool is_first_ = true;
};

/// Appends an array of KeyValue.
class Attributes {
 public:
  explicit Attributes(std::string& out) : out_(out) { out_ += '['; }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { out_ += ']'; }

  void text(std::string_view key, std::string_view value) {
    begin(key) += R"({"stringValue":)";
    json::append_string(out_, value);
    out_ += "}}";
  }
  void count(std::string_view key, std::size_t value) { integer(key, static_cast<std::int64_t>(value)); }
  void integer(std::string_view key, std::int64_t value) {
    begin(key) += R"({"intValue":")" + std::to_string(value) + "\"}}";
  }

 private:
  std::string& begin(std::string_view key) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    out_ += R"({"key":)";
    json::append_string(out_, key);
    return out_ += R"(,"value":)";
  }

  std::string& out_;
  bool is_first_ = true;
};

struct Naming {
  std::string name;
  Kind kind;
  bool remote_parent;  // the parent is a span of another process
};

struct NamingOf {
  const Source& source;
  Naming operator()(const Process&) const { return {"process " + source.topic, kConsumer, true}; }
  Naming operator()(const Resolve&) const { return {"resolve", kInternal, false}; }
  Naming operator()(const Store&) const { return {"store", kClient, false}; }
  Naming operator()(const Publish& span) const {
    if (span.channel == nullptr) return {"publish", kInternal, false};
    return {std::string("publish ") + span.channel, kProducer, false};
  }
  Naming operator()(const Frame& span) const { return {"frame", span.from_bus ? kConsumer : kInternal, span.from_bus}; }
};

void add_operation(Attributes& out, const char* system, const char* name, const char* type) {
  out.text("messaging.system", system);
  out.text("messaging.operation.name", name);
  out.text("messaging.operation.type", type);
}

struct AddAttributes {
  const Source& source;
  Attributes& out;

  void operator()(const Process& span) const {
    add_operation(out, "kafka", "process", "process");
    out.text("messaging.destination.name", source.topic);
    out.text("messaging.destination.partition.id", std::to_string(span.partition));
    out.text("messaging.consumer.group.name", source.group);
    out.integer("messaging.kafka.offset", span.offset);
    out.count("messaging.message.body.size", span.bytes);
  }
  void operator()(const Resolve& span) const {
    out.text("signal.recipient_scope", to_text(span.scope));
    out.count("signal.recipients", span.recipients);
  }
  void operator()(const Store& span) const {
    out.text("db.system.name", source.database);
    out.text("signal.outcome", span.outcome);
    out.count("signal.recipients", span.recipients);
    out.count("signal.transaction.messages", span.messages);
  }
  void operator()(const Publish& span) const {
    if (span.channel != nullptr) {
      add_operation(out, "redis", "publish", "send");
      out.text("messaging.destination.template", span.channel);
    }
    out.count("signal.recipients", span.recipients);
    out.count("signal.recipients.here", span.here);
  }
  void operator()(const Frame& span) const {
    if (span.from_bus) add_operation(out, "redis", "frame", "process");
    out.count("signal.frames", span.frames);
  }
};

void add_time(Object& object, std::string_view name, Time time) {
  object.large(name, std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

void add_link(Object& object, const observe::SpanContext& to) {
  std::string& out = object.member("links") += '[';
  {
    Object link(out);
    link.trace_id(to.trace);
    link.span_id("spanId", to.span);
  }
  out += ']';
}

void add_span(std::string& out, const Source& source, const Span& span) {
  const Naming naming = std::visit(NamingOf{source}, span.details);
  Object object(out);
  object.trace_id(span.self.trace);
  object.span_id("spanId", span.self.span);
  if (span.parent != 0) object.span_id("parentSpanId", span.parent);
  const bool is_remote = naming.remote_parent && span.parent != 0;
  object.number("flags", kSampledFlag | kParentKnown | (is_remote ? kParentRemote : 0));
  object.text("name", naming.name);
  object.number("kind", naming.kind);
  add_time(object, "startTimeUnixNano", span.begin);
  add_time(object, "endTimeUnixNano", std::max(span.begin, span.end));  // the clock may have been set back
  {
    Attributes attributes(object.member("attributes"));
    std::visit(AddAttributes{source, attributes}, span.details);
  }
  if (const auto* store = std::get_if<Store>(&span.details); store != nullptr && store->with_messages_of) {
    add_link(object, store->with_messages_of);
  }
  if (span.error == nullptr) return;
  Object status(object.member("status"));
  status.number("code", kError);
  status.text("message", span.error);
}

}  // namespace

std::string otlp_json(const Source& source, std::span<const Span> spans) {
  std::string out;
  out.reserve(512 + spans.size() * 768);
  out += R"({"resourceSpans":[{"resource":{"attributes":)";
  {
    Attributes attributes(out);
    attributes.text("service.name", "nx-signal");
    attributes.text("service.version", source.version);
    attributes.text("service.instance.id", source.instance);
  }
  out += R"(},"scopeSpans":[{"scope":{"name":"nx-signal"},"spans":[)";
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out += ',';
    add_span(out, source, spans[i]);
  }
  out += "]}]}]}";
  return out;
}

}  // namespace nx::trace
