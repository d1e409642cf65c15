#include "client/conform/conform.hpp"

#include <algorithm>
#include <future>
#include <vector>

#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "model/utf8.hpp"

namespace nx::client::conform {
namespace {

struct Outcome {
  enum class Kind { holds, differs, unchecked };
  Kind kind = Kind::holds;
  Differs differs = {};
  Unchecked unchecked = {};
};

Outcome outcome_of(const Fact& fact, const Bench& bench) {
  try {
    if (bench.target.stop != nullptr && bench.target.stop->load())
      return {Outcome::Kind::unchecked, {}, {"interrupted"}};
    fact.holds(bench);
    return {};
  } catch (Differs& differs) {
    return {Outcome::Kind::differs, std::move(differs), {}};
  } catch (Unchecked& unchecked) {
    return {Outcome::Kind::unchecked, {}, std::move(unchecked)};
  }
}

/// Escapes `#`, which otherwise begins a directive (TAP 14).
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '#' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// Quotes text as a YAML scalar, for which JSON text can be used.
std::string quoted(std::string_view text) {
  std::string printable(text);
  if (!is_utf8(text)) {  // bytes of the server, or text cut within a character
    std::replace_if(
        printable.begin(), printable.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  std::string out;
  json::append_string(out, printable);
  return out;
}

class Report {
 public:
  Report(std::ostream& out, std::size_t facts) : out_(out) { out_ << "TAP version 14\n1.." << facts << std::endl; }

  void add(const Fact& fact, const Outcome& outcome) {
    const bool holds = outcome.kind == Outcome::Kind::holds;
    const bool unchecked = outcome.kind == Outcome::Kind::unchecked;
    out_ << (holds || unchecked ? "ok " : "not ok ") << ++number_ << " - " << escaped(fact.sentence);
    if (unchecked) out_ << " # SKIP " << escaped(outcome.unchecked.why);
    out_ << '\n';
    if (outcome.kind == Outcome::Kind::differs) {
      out_ << "  ---\n  expected: " << quoted(outcome.differs.expected) << "\n  got: " << quoted(outcome.differs.got)
           << "\n  ...\n";
    }
    out_ << std::flush;
    ++counts_[static_cast<std::size_t>(outcome.kind)];
  }

  /// Returns the exit code.
  int close() {
    const auto [holding, differing, unchecked] = counts_;
    out_ << "# " << number_ << " facts: " << holding << " hold, " << differing << " differ, " << unchecked
         << " not checked" << std::endl;
    return differing == 0 ? 0 : 1;
  }

 private:
  std::ostream& out_;
  std::size_t number_ = 0;
  std::array<std::size_t, 3> counts_{};
};

std::vector<Fact> facts(const ConformOptions& options) {
  std::vector<Fact> all;
  const auto add = [&all](std::span<const Fact> more) { all.insert(all.end(), more.begin(), more.end()); };
  add(vector_facts());
  add(transport_facts());
  add(stranger_facts());
  add(refusal_facts());
  add(connected_facts());
  add(extension_facts());
  if (options.rest) add(rest_facts());
  return all;
}

int usage(std::ostream& err, const std::string& problem) {
  err << "nx-signal conform: " << problem << '\n';
  return 2;
}

}  // namespace

int conform(const ConformOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
  const auto url = parse_stream_url(options.url);
  if (!url) return usage(err, url.error().message);
  const auto tokens = Tokens::make(options.tokens);
  if (!tokens) return usage(err, tokens.error().message);
  const Target target{*url, options.trust, options.answer_within, &stop};
  if (auto there =
          stream::ByteStream::connect({url->host, url->port, url->secure}, options.trust, target.soon(), &stop);
      !there) {
    err << "nx-signal conform: " << there.error().message << '\n';
    return 1;
  }

  const Bench bench{target, *tokens, options.auth_timeout, options.heartbeat_timeout};
  const std::vector<Fact> asked = facts(options);
  std::vector<std::future<Outcome>> waiting;
  for (const Fact& fact : waiting_facts()) {
    waiting.push_back(std::async(std::launch::async, [&fact, &bench] { return outcome_of(fact, bench); }));
  }
  Report report(out, asked.size() + waiting.size());
  for (const Fact& fact : asked) report.add(fact, outcome_of(fact, bench));
  for (std::size_t i = 0; i < waiting.size(); ++i) report.add(waiting_facts()[i], waiting[i].get());
  const int code = report.close();
  return stop.load() ? 1 : code;
}

}  // namespace nx::client::conform
