#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "config/configuration.hpp"
#include "config/url_redaction.hpp"

namespace nx::config {
namespace {

struct Show {
  Configuration& configuration;
  static std::string join(const std::vector<std::string>& list) { return fmt::format("{}", fmt::join(list, ",")); }
  std::string operator()(Key::Text member) const { return member(configuration); }
  std::string operator()(Key::List member) const { return join(member(configuration)); }
  std::string operator()(Key::OptionalText member) const { return member(configuration).value_or(""); }
  std::string operator()(Key::Port member) const { return std::to_string(member(configuration)); }
  std::string operator()(Key::Count member) const { return std::to_string(member(configuration)); }
  std::string operator()(Key::Small member) const { return std::to_string(member(configuration)); }
  std::string operator()(Key::Milliseconds member) const { return std::to_string(member(configuration).count()); }
  std::string operator()(Key::Rate member) const {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%g", member(configuration));
    return digits;
  }
  std::string operator()(Key::Switch member) const { return member(configuration) ? "true" : "false"; }
};

}  // namespace

std::string print_redacted(const Configuration& configuration) {
  Configuration copy = configuration;
  std::string out;
  for (const Key& key : keys()) {
    const std::string value = std::visit(Show{copy}, key.member);
    const bool hide = key.secrecy == Key::Secrecy::secret && !value.empty();
    out += fmt::format("{} = {}\n", key.variable,
                       hide                               ? "***"
                       : key.secrecy == Key::Secrecy::url ? redact_url(value)
                                                          : shown_value(value));
  }
  return out;
}

std::string keys_as_markdown() {
  std::string out = "| variable | flag | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const Key& key : keys()) {
    const std::string standard = key.default_text;
    out += fmt::format("| `{}` | {} | {} | {} |\n", key.variable,
                       key.secrecy == Key::Secrecy::secret ? "none, a secret" : fmt::format("`--{}`", flag_of(key)),
                       standard.empty() ? "–" : fmt::format("`{}`", standard), key.meaning);
  }
  return out;
}

std::string keys_as_environment_file(const std::vector<std::string>& required) {
  const auto is_required = [&](const Key& key) {
    return std::find(required.begin(), required.end(), key.variable) != required.end();
  };
  std::string needed, rest;
  for (const Key& key : keys()) {
    const std::string_view standard = key.default_text;
    (is_required(key) ? needed : rest) += std::string("\n# ") + key.meaning + "\n#" + key.variable + "=" +
                                          std::string(standard.empty() ? key.example : standard) + "\n";
  }
  return "# Settings of nx-signal, see nx-signal.env(5). Each line is a default or an example: remove the # to set "
         "it.\n"
         "\n# These have no default and are required.\n" +
         needed + "\n# These may be set.\n" + rest;
}

}  // namespace nx::config
