#include "operators/operators.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "contract/bus_channels.hpp"
#include "crypto/random.hpp"
#include "model/keyed_hash.hpp"
#include "observe/counter.hpp"
#include "runtime/alarm.hpp"
#include "runtime/event_loop.hpp"

namespace nx::operators {

namespace {

using contract::OperatorAnswer;
using contract::OperatorAsk;
using contract::OperatorQuestion;
using runtime::SteadyTime;

constexpr std::int64_t kClocksDifferMs = 60'000;  // a moment further in the future was not named by an instance

bool is_about_one_client(const OperatorAsk& ask) {
  return std::holds_alternative<contract::FindClient>(ask) || std::holds_alternative<contract::DisconnectClient>(ask);
}

bool disconnects(const OperatorAsk& ask) {
  return std::holds_alternative<contract::DisconnectClient>(ask) ||
         std::holds_alternative<contract::DisconnectUser>(ask);
}

std::size_t page_of(const OperatorAsk& ask) {
  const auto* list = std::get_if<contract::ListClients>(&ask);
  return list != nullptr ? list->limit : 1;
}

/// Asks for one client more than the page, to find out whether there are more.
OperatorAsk with_one_more(OperatorAsk ask) {
  if (auto* list = std::get_if<contract::ListClients>(&ask)) ++list->limit;
  return ask;
}

}  // namespace

/// Used on the loop's thread unless stated otherwise. Callbacks hold it weakly, because it may have been destroyed.
struct Operators::State : std::enable_shared_from_this<State> {
  struct Asked {
    OperatorAsk ask;
    SteadyTime until;
    std::function<void(std::optional<Gathered>)> done;
    Gathering gathering;
    bool knows_others = false;
    bool others_reachable = true;  // false: the bus is unavailable
  };

  State(OperatorCallbacks given, OperatorLimits limited, const observe::Logger& logger)
      : callbacks(std::move(given)), limits(limited), log(logger) {}

  void begin(OperatorAsk ask, SteadyTime now, std::function<void(std::optional<Gathered>)> done);
  void told_of_others(const std::string& id, OperatorCallbacks::Others others);
  void ask_here(const std::string& id, const OperatorAsk& ask);
  void add(OperatorAnswer answer);
  void settle(const std::string& id);
  void finish(const std::string& id);
  void wait_for_next();
  void end_waits();

  void answer(OperatorQuestion question);
  void tell(const std::string& question, const std::string& asker, const contract::Findings& findings);
  template <class Message>
  void take(std::string_view message, Result<Message> (*read)(std::string_view), void (State::*handle)(Message));
  void drop_malformed(const std::string& reason);

  const OperatorCallbacks callbacks;
  const OperatorLimits limits;
  const observe::Logger& log;
  runtime::EventLoop loop{"operators"};
  runtime::Alarm alarm{loop, [this] { end_waits(); }};  // at the deadline of the oldest question
  KeyedMap<std::string, Asked> asked;                   // by id of the question
  std::size_t answering = 0;
  std::atomic<std::size_t> queued_bytes{0};  // any thread
  observe::SharedCounter stats_asked, stats_refused, stats_missing, stats_answered, stats_malformed, stats_dropped;
  observe::LogGate malformed_gate;
};

void Operators::State::begin(OperatorAsk ask, SteadyTime now, std::function<void(std::optional<Gathered>)> done) {
  if (asked.size() >= limits.asked) {
    stats_refused.add();
    return done(std::nullopt);
  }
  stats_asked.add();
  const std::string id = uuid_text(crypto::uuid_v4());
  Asked& one = asked.emplace(id, Asked{with_one_more(ask), now + limits.wait, std::move(done), Gathering(page_of(ask))})
                   .first->second;
  one.gathering.expect({callbacks.instance});
  one.knows_others = !callbacks.others;
  wait_for_next();
  const OperatorAsk everywhere = one.ask;
  ask_here(id, everywhere);
  if (!callbacks.others) return;
  callbacks.others([self = weak_from_this(), id](OperatorCallbacks::Others others) {
    const auto state = self.lock();
    if (!state) return;
    state->loop.post([self, id, others = std::move(others)] {
      if (const auto known = self.lock()) known->told_of_others(id, others);
    });
  });
}

void Operators::State::told_of_others(const std::string& id, OperatorCallbacks::Others others) {
  const auto one = asked.find(id);
  if (one == asked.end()) return;
  one->second.knows_others = true;
  one->second.others_reachable = others.reachable;
  one->second.gathering.expect(std::move(others.instances));
  // A question that disconnects is also published while no instance receives it, because they may be back soon.
  if (others.reachable || disconnects(one->second.ask)) {
    callbacks.publish(contract::kOperatorsChannel, contract::question_text({id, callbacks.instance, one->second.ask}));
  }
  settle(id);
}

void Operators::State::ask_here(const std::string& id, const OperatorAsk& ask) {
  callbacks.here(for_instance(ask, callbacks.instance), [self = weak_from_this(), id](contract::Findings findings) {
    const auto state = self.lock();
    if (!state) return;
    state->loop.post([self, id, findings = std::move(findings)] {
      if (const auto known = self.lock())
        known->add({.id = id, .from = known->callbacks.instance, .findings = findings});
    });
  });
}

void Operators::State::add(OperatorAnswer answer) {
  const auto one = asked.find(answer.id);
  if (one == asked.end()) return;  // too late
  const std::string id = answer.id;
  one->second.gathering.add(std::move(answer));
  settle(id);
}

void Operators::State::settle(const std::string& id) {
  const Asked& one = asked.at(id);
  const bool is_found = is_about_one_client(one.ask) && one.gathering.found();
  const bool nobody_else = !one.others_reachable && one.gathering.has_answer_of(callbacks.instance);
  if (is_found || nobody_else || (one.knows_others && one.gathering.complete())) finish(id);
}

void Operators::State::finish(const std::string& id) {
  auto node = asked.extract(id);
  wait_for_next();
  Asked& one = node.mapped();
  const bool is_found = is_about_one_client(one.ask) && one.gathering.found();
  Gathered gathered = std::move(one.gathering).finish();
  if (is_found) gathered.missing.clear();  // no other instance can have that client
  for (std::size_t i = 0; i < gathered.missing.size(); ++i) stats_missing.add();
  one.done(std::move(gathered));
}

void Operators::State::wait_for_next() {
  std::optional<SteadyTime> next;
  for (const auto& [id, one] : asked) next = next ? std::min(*next, one.until) : one.until;
  alarm.set(next);
}

void Operators::State::end_waits() {
  std::vector<std::string> over;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [id, one] : asked) {
    if (now >= one.until) over.push_back(id);
  }
  for (const std::string& id : over) finish(id);
  wait_for_next();
}

void Operators::State::answer(OperatorQuestion question) {
  if (question.from == callbacks.instance) return;  // it was answered when it was asked
  const auto* user = std::get_if<contract::DisconnectUser>(&question.ask);
  if (user != nullptr && user->revoked_at.value > now_wall().value + kClocksDifferMs) {
    return drop_malformed("operators: a revocation in the future is refused");
  }
  if (answering >= limits.answering) return stats_dropped.add();
  ++answering;
  callbacks.here(for_instance(std::move(question.ask), callbacks.instance),
                 [self = weak_from_this(), id = question.id, asker = question.from](contract::Findings findings) {
                   const auto state = self.lock();
                   if (!state) return;
                   state->loop.post([self, id, asker, findings = std::move(findings)] {
                     if (const auto known = self.lock()) known->tell(id, asker, findings);
                   });
                 });
}

void Operators::State::tell(const std::string& question, const std::string& asker, const contract::Findings& findings) {
  --answering;
  stats_answered.add();
  for (std::string& text : contract::answer_texts(question, callbacks.instance, findings)) {
    callbacks.publish(contract::answers_channel(asker), std::move(text));
  }
}

/// Any thread.
template <class Message>
void Operators::State::take(std::string_view message, Result<Message> (*read)(std::string_view),
                            void (State::*handle)(Message)) {
  const std::size_t bytes = message.size() + 64;
  if (queued_bytes.fetch_add(bytes) + bytes > limits.queued_bytes) {
    queued_bytes.fetch_sub(bytes);
    return stats_dropped.add();
  }
  loop.post([this, text = std::string(message), bytes, read, handle] {
    queued_bytes.fetch_sub(bytes);
    auto said = read(text);
    if (!said) return drop_malformed(said.error().message);
    (this->*handle)(*std::move(said));
  });
}

void Operators::State::drop_malformed(const std::string& reason) {
  stats_malformed.add();
  std::int64_t suppressed = 0;
  if (malformed_gate.pass(suppressed)) {
    log.warn("bus message dropped", {{"reason", reason}, {"suppressed", suppressed}});
  }
}

Operators::Operators(OperatorCallbacks callbacks, OperatorLimits limits, const observe::Logger& log)
    : state_(std::make_shared<State>(std::move(callbacks), limits, log)) {}

Operators::~Operators() {
  stop();
}

void Operators::start() {
  thread_ = std::thread([state = state_.get()] { state->loop.run(); });
}

void Operators::stop() {
  if (!thread_.joinable()) return;
  state_->loop.stop();
  thread_.join();
}

void Operators::ask(OperatorAsk ask, std::function<void(std::optional<Gathered>)> done) {
  const auto now = std::chrono::steady_clock::now();
  state_->loop.post([state = state_.get(), now, ask = std::move(ask), done = std::move(done)]() mutable {
    state->begin(std::move(ask), now, std::move(done));
  });
}

void Operators::receive_question(std::string_view message) {
  state_->take(message, &contract::read_question, &State::answer);
}

void Operators::receive_answer(std::string_view message) {
  state_->take(message, &contract::read_answer, &State::add);
}

Operators::Stats Operators::stats() const {
  return {.asked = state_->stats_asked.value(),
          .refused = state_->stats_refused.value(),
          .missing = state_->stats_missing.value(),
          .answered = state_->stats_answered.value(),
          .malformed = state_->stats_malformed.value(),
          .dropped = state_->stats_dropped.value()};
}

}  // namespace nx::operators
