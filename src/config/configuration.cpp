#include "config/configuration.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "config/checks.hpp"
#include "config/edit_distance.hpp"
#include "config/files.hpp"
#include "config/service_links.hpp"
#include "config/url_redaction.hpp"
#include "config/values.hpp"
#include "config/web_origin.hpp"
#include "model/list.hpp"
#include "model/number.hpp"
#include "model/utf8.hpp"

namespace nx::config {
namespace {

constexpr std::string_view kPrefix = "SIGNAL_";

// Names outside of the table, which a command reads itself.
constexpr std::array<std::string_view, 4> kKnownBeside{"SIGNAL_CONFIG", "SIGNAL_TOKEN", "SIGNAL_OTHER_TOKEN",
                                                       "SIGNAL_EXPIRED_TOKEN"};

bool is_known_beside(std::string_view name) {
  return std::find(kKnownBeside.begin(), kKnownBeside.end(), name) != kKnownBeside.end();
}

bool is_printable(std::string_view text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

const Key* find_variable(std::string_view variable) {
  for (const Key& key : keys()) {
    if (variable == key.variable) return &key;
  }
  return nullptr;
}

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  const auto number = whole_number<Number>(text);
  out = number.value_or(out);
  return number.has_value();
}

/// Returns an empty text if the value is valid, otherwise the error.
struct Assign {
  Configuration& configuration;
  const std::string& text;

  std::string operator()(Key::Text member) const { return member(configuration) = text, ""; }
  std::string operator()(Key::List member) const {
    const auto items = list_items(text);
    member(configuration).assign(items.begin(), items.end());
    return "";
  }
  std::string operator()(Key::OptionalText member) const {
    if (text.empty()) return "is empty, which would disable the check: remove the setting, or give it a value";
    member(configuration) = text;
    return "";
  }
  std::string operator()(Key::Port member) const {
    return parse_number(text, member(configuration)) ? "" : "is not a port (0–65535)";
  }
  std::string operator()(Key::Count member) const {
    return parse_number(text, member(configuration)) ? "" : "is not a whole number ≥ 0";
  }
  std::string operator()(Key::Small member) const {
    return parse_number(text, member(configuration)) && member(configuration) <= 64
               ? ""
               : "is not a whole number from 0 to 64";
  }
  std::string operator()(Key::Milliseconds member) const {
    std::int64_t count = 0;
    if (!parse_number(text, count) || count < 0 || count > 365LL * 86'400'000)
      return "is not a number of milliseconds from 0 to one year";
    member(configuration) = std::chrono::milliseconds(count);
    return "";
  }
  std::string operator()(Key::Rate member) const {
    double rate = 0;
    if (!parse_number(text, rate) || !std::isfinite(rate) || rate < 0) return "is not a number ≥ 0";
    member(configuration) = rate;
    return "";
  }
  std::string operator()(Key::Switch member) const {
    if (text != "true" && text != "false") return "is neither true nor false";
    member(configuration) = text == "true";
    return "";
  }
};

std::string shown(const Key& key, const std::string& value) {
  switch (key.secrecy) {
    case Key::Secrecy::secret:
      return "***";
    case Key::Secrecy::url:
      return redact_url(value);
    case Key::Secrecy::open:
      break;
  }
  const std::string open = shown_value(value);
  return open.size() > 64 ? fmt::format("{}…", std::string_view(open).substr(0, 64)) : open;
}

tl::unexpected<Error> refuse(const std::string& name, const std::string& wrong, const std::string& example) {
  return fail(ErrorKind::invalid,
              fmt::format("{}: {}{}", name, wrong, example.empty() ? "" : "; for example " + example));
}

struct IsEmpty {
  Configuration& configuration;
  template <class Member>
  bool operator()(Member member) const {
    if constexpr (requires { member(configuration).empty(); }) return member(configuration).empty();
    return false;
  }
};

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources) {}

  Result<Loaded> operator()() {
    if (const auto known = check_names(); !known) return error_of(known);
    auto file = values_of_file(sources_.file);
    if (!file) return error_of(file);
    const Values ignis = values_of_ignis(sources_.environment);
    for (const Key& key : keys()) {
      if (const auto done = take(key, *file, ignis); !done) return error_of(done);
    }
    for (const std::string& variable : sources_.required) {
      const Key& key = *find_variable(variable);
      if (!loaded_.given.contains(variable) || std::visit(IsEmpty{loaded_.configuration}, key.member)) {
        return refuse(variable, "is required but not set", fmt::format("{}={}", key.variable, key.example));
      }
    }
    return finish();
  }

 private:
  Result<void> check_names() {
    for (const auto& [name, value] : sources_.environment) {
      if (!name.starts_with(kPrefix) || is_known_beside(name) || find_variable(name) != nullptr) continue;
      if (name.ends_with("_FILE")) {
        const Key* key = find_variable(std::string_view(name).substr(0, name.size() - 5));
        if (key != nullptr && key->secrecy != Key::Secrecy::open) continue;
      }
      if (is_service_link(name, value)) {
        loaded_.ignored.push_back(name);
        continue;
      }
      if (const auto meant = nearest(name, names()))
        return refuse(name, fmt::format("unknown setting; did you mean {}?", *meant), "");
      if (name.ends_with("_FILE") && find_variable(std::string_view(name).substr(0, name.size() - 5)) != nullptr) {
        return refuse(name, "unknown setting: only secrets and URLs can be read from a separate file", "");
      }
      loaded_.unknown.push_back(name);
    }
    return {};
  }

  /// All names that may occur in the environment.
  static std::vector<std::string> names() {
    std::vector<std::string> all(kKnownBeside.begin(), kKnownBeside.end());
    for (const Key& key : keys()) {
      all.emplace_back(key.variable);
      if (key.secrecy != Key::Secrecy::open) all.push_back(std::string(key.variable) + "_FILE");
    }
    return all;
  }

  Result<void> take(const Key& key, const Values& file, const Values& ignis) {
    const std::string variable = key.variable;
    const std::string flag = flag_of(key);
    if (const auto found = sources_.flags.find(flag); found != sources_.flags.end()) {
      const std::string in_file = fmt::format("{}_FILE=/run/secrets/{}", variable, flag);
      if (key.secrecy == Key::Secrecy::secret)
        return refuse("--" + flag, "is a secret, and flags are visible in ps", in_file);
      if (key.secrecy == Key::Secrecy::url && url_has_password(found->second))
        return refuse("--" + flag, "contains a password, and flags are visible in ps", in_file);
      return set(key, "--" + flag, found->second, "flag");
    }
    const auto in_environment = sources_.environment.find(variable);
    const auto in_secret_file = sources_.environment.find(variable + "_FILE");
    const bool has_secret_file = key.secrecy != Key::Secrecy::open && in_secret_file != sources_.environment.end();
    if (in_environment != sources_.environment.end() && is_port_link(variable, in_environment->second)) {
      loaded_.ignored.push_back(variable);
    } else if (in_environment != sources_.environment.end()) {
      if (has_secret_file)
        return refuse(variable, fmt::format("and {}_FILE are both set", variable), "only one of them");
      return set(key, variable, in_environment->second, "environment");
    }
    if (has_secret_file) {
      const auto text = read_secret_file(in_secret_file->second);
      if (!text) return refuse(variable + "_FILE", text.error().message, "/run/secrets/" + flag);
      return set(key, variable + "_FILE", *text, "environment");
    }
    if (const auto found = file.find(variable); found != file.end())
      return set(key, file_key_of(key), found->second, "file");
    if (const auto found = ignis.find(variable); found != ignis.end())
      return set(key, "APP_ENV_*", found->second, "APP_ENV");
    if (key.ignis_variable != nullptr) {
      const auto found = sources_.environment.find(key.ignis_variable);
      if (found != sources_.environment.end() && !found->second.empty()) {
        return set(key, key.ignis_variable, found->second, key.ignis_variable);
      }
    }
    if (const auto found = sources_.defaults.find(variable); found != sources_.defaults.end()) {
      return assign(key, variable, found->second);
    }
    return {};
  }

  Result<void> set(const Key& key, const std::string& name, const std::string& text, const char* given_as) {
    if (auto assigned = assign(key, name, text); !assigned) return assigned;
    loaded_.given[key.variable] = given_as;
    return {};
  }

  Result<void> assign(const Key& key, const std::string& name, const std::string& text) {
    const std::string example = fmt::format("{}={}", name, key.example);
    if (key.secrecy != Key::Secrecy::secret && !is_printable(text))
      return refuse(name, "contains a control character or bytes that are not UTF-8", example);
    if (!key.choices.empty() && std::find(key.choices.begin(), key.choices.end(), text) == key.choices.end()) {
      std::string choices;
      for (const char* choice : key.choices) choices += (choices.empty() ? "" : ", ") + std::string(choice);
      return refuse(name, fmt::format("'{}' is not one of {}", shown(key, text), choices), example);
    }
    if (const std::string wrong = std::visit(Assign{loaded_.configuration, text}, key.member); !wrong.empty()) {
      return refuse(name, fmt::format("'{}' {}", shown(key, text), wrong), example);
    }
    return {};
  }

  Result<Loaded> finish() {
    Configuration& configuration = loaded_.configuration;
    configuration.gateway.session.close_on_token_expiry = configuration.token_expiry == "close";
    for (std::string& origin : configuration.gateway.cors_origins) {
      auto normal = normal_origin(origin);
      if (!normal)
        return refuse("SIGNAL_CORS_ORIGINS", normal.error().message, "https://pos.example,tauri://localhost");
      origin = *std::move(normal);
    }
    for (const auto& refusal : {refusal_of(configuration), empty_check(loaded_), unreadable_file(configuration)}) {
      if (refusal) return refuse(refusal->variable, refusal->wrong, refusal->example);
    }
    return std::move(loaded_);
  }

  const Sources& sources_;
  Loaded loaded_;
};

}  // namespace

std::string flag_of(const Key& key) {
  std::string flag = file_key_of(key);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string file_key_of(const Key& key) {
  std::string name(std::string_view(key.variable).substr(kPrefix.size()));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

Result<Loaded> load(const Sources& sources) {
  return Loader(sources)();
}

store::DatabaseOptions database_options(const Configuration& configuration) {
  return {.url = configuration.database_url,
          .shown = redact_url(configuration.database_url),
          .schema = configuration.database_schema,
          .policy_table = configuration.policy_table,
          .membership_variants = configuration.membership_variants};
}

}  // namespace nx::config
