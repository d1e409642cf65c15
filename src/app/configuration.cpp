#include "app/configuration.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

#include <toml++/toml.h>

#include "app/configuration_checks.hpp"
#include "app/url_redaction.hpp"

namespace nx::app {
namespace {

constexpr std::string_view kPrefix = "SIGNAL_";

// Known beside the table: read by a command itself.
bool is_known_beside(std::string_view name) {
  return name == "SIGNAL_TOKEN" || name == "SIGNAL_CONFIG";
}

// What orchestrators inject for a service that is called signal (Docker links, Kubernetes service variables).
bool is_service_link(const std::string& name, const std::string& value) {
  static const std::regex port_n("_PORT_[0-9]+_");
  return name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != std::string::npos ||
         std::regex_search(name, port_n) || value.starts_with("tcp://");
}

const Key* find_variable(std::string_view variable) {
  for (const Key& key : keys()) {
    if (variable == key.variable) return &key;
  }
  return nullptr;
}

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && stop == end && !text.empty();
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

/// Empty when the text fits, else what is wrong with it.
struct Assign {
  Configuration& configuration;
  const std::string& text;

  std::string operator()(Key::Text member) const { return member(configuration) = text, ""; }
  std::string operator()(Key::List member) const { return member(configuration) = split(text), ""; }
  std::string operator()(Key::OptionalText member) const {
    member(configuration) = text.empty() ? std::nullopt : std::optional(text);
    return "";
  }
  std::string operator()(Key::Port member) const {
    return parse_number(text, member(configuration)) ? "" : "is no port (0–65535)";
  }
  std::string operator()(Key::Count member) const {
    return parse_number(text, member(configuration)) ? "" : "is no whole number ≥ 0";
  }
  std::string operator()(Key::Small member) const {
    return parse_number(text, member(configuration)) && member(configuration) <= 64 ? ""
                                                                                    : "is no whole number from 0 to 64";
  }
  std::string operator()(Key::Milliseconds member) const {
    std::int64_t count = 0;
    if (!parse_number(text, count) || count < 0 || count > 365LL * 86'400'000)
      return "is no number of milliseconds from 0 to a year";
    member(configuration) = std::chrono::milliseconds(count);
    return "";
  }
  std::string operator()(Key::Rate member) const {
    double rate = 0;
    if (!parse_number(text, rate) || !std::isfinite(rate) || rate < 0) return "is no number ≥ 0";
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
  return value.size() > 64 ? value.substr(0, 64) + "…" : value;
}

tl::unexpected<Error> refuse(const std::string& name, const std::string& wrong, const std::string& example) {
  return fail(ErrorKind::invalid, name + ": " + wrong + (example.empty() ? "" : "; for example " + example));
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return fail(ErrorKind::invalid, "can not read " + path);
  std::string content = text.str();
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
  return content;
}

using Values = std::map<std::string, std::string>;

Result<Values> values_of_file(const std::string& path) {
  Values values;
  if (path.empty()) return values;
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::invalid, "--config " + path + ": line " + std::to_string(error.source().begin.line) + ": " +
                                        std::string(error.description()));
  }
  for (const auto& [name, node] : table) {
    std::string variable(kPrefix);
    for (const char c : name.str()) variable.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    if (find_variable(variable) == nullptr) {
      return refuse(std::string(name.str()), "is no key of Signal, in " + path, "http_port = 3000");
    }
    if (const auto text = node.value<std::string>()) {
      values[variable] = *text;
    } else if (const auto* list = node.as_array()) {
      std::string joined;
      for (const auto& item : *list) {
        if (!item.is_string())
          return refuse(std::string(name.str()), "holds something that is no text, in " + path,
                        std::string(name.str()) + " = [\"a\", \"b\"]");
        joined += (joined.empty() ? "" : ",") + item.value_or(std::string());
      }
      values[variable] = joined;
    } else if (const auto flag = node.value_exact<bool>()) {
      values[variable] = *flag ? "true" : "false";
    } else if (const auto integer = node.value_exact<std::int64_t>()) {
      values[variable] = std::to_string(*integer);
    } else if (const auto real = node.value_exact<double>()) {
      values[variable] = std::to_string(*real);
    } else {
      return refuse(std::string(name.str()), "is neither text, number, true, false nor a list, in " + path,
                    "http_port = 3000");
    }
  }
  return values;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out.push_back(c);
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

/// The settings of an IGNIS deployment that are spread over several names.
void add_ignis_groups(const Values& environment, Values& values) {
  const auto get = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  if (const std::string host = get("APP_ENV_REDIS_WS_HOST"); !host.empty()) {
    const std::string port = get("APP_ENV_REDIS_WS_PORT");
    const std::string password = get("APP_ENV_REDIS_WS_PASSWORD");
    values["SIGNAL_REDIS_URL"] =
        std::string(get("APP_ENV_REDIS_WS_MODE") == "cluster" ? "redis+cluster://" : "redis://") +
        (password.empty() ? "" : ":" + percent_encode(password) + "@") + host + ":" + (port.empty() ? "6379" : port);
  }
  if (get("APP_ENV_KAFKA_SASL_ENABLE") == "true") {
    const std::string mechanism = get("APP_ENV_KAFKA_SASL_MECHANISM");
    values["SIGNAL_KAFKA_SASL_MECHANISM"] = mechanism.empty() ? "SCRAM-SHA-512" : mechanism;
    values["SIGNAL_KAFKA_SASL_USERNAME"] = get("APP_ENV_KAFKA_SASL_USERNAME");
    values["SIGNAL_KAFKA_SASL_PASSWORD"] = get("APP_ENV_KAFKA_SASL_PASSWORD");
  }
  if (const std::string host = get("APP_ENV_POSTGRES_HOST"); !host.empty()) {
    const std::string port = get("APP_ENV_POSTGRES_PORT");
    const std::string password = get("APP_ENV_POSTGRES_PASSWORD");
    values["SIGNAL_DATABASE_URL"] = "postgresql://" + percent_encode(get("APP_ENV_POSTGRES_USERNAME")) +
                                    (password.empty() ? "" : ":" + percent_encode(password)) + "@" + host + ":" +
                                    (port.empty() ? "5432" : port) + "/" +
                                    percent_encode(get("APP_ENV_POSTGRES_DATABASE"));
  }
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
    if (const auto known = check_names(); !known) return tl::unexpected(known.error());
    auto file = values_of_file(sources_.file);
    if (!file) return tl::unexpected(file.error());
    Values ignis;
    add_ignis_groups(sources_.environment, ignis);
    for (const Key& key : keys()) {
      if (const auto done = take(key, *file, ignis); !done) return tl::unexpected(done.error());
    }
    for (const std::string& variable : sources_.required) {
      const Key& key = *find_variable(variable);
      if (!loaded_.given.contains(variable) || std::visit(IsEmpty{loaded_.configuration}, key.member)) {
        return refuse(variable, "is required and not set", std::string(key.variable) + "=" + key.example);
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
      return refuse(name, "is no setting of Signal; `nx-signal config --doc` lists them", "");
    }
    return {};
  }

  Result<void> take(const Key& key, const Values& file, const Values& ignis) {
    const std::string variable = key.variable;
    const std::string flag = flag_of(key);
    if (const auto found = sources_.flags.find(flag); found != sources_.flags.end()) {
      if (key.secrecy == Key::Secrecy::secret) {
        return refuse("--" + flag, "is a secret and flags are visible in ps", variable + "_FILE=/run/secrets/" + flag);
      }
      if (key.secrecy == Key::Secrecy::url && url_has_password(found->second)) {
        return refuse("--" + flag, "carries a password and flags are visible in ps",
                      variable + "_FILE=/run/secrets/" + flag);
      }
      return set(key, "--" + flag, found->second, "flag");
    }
    const auto in_environment = sources_.environment.find(variable);
    const auto in_secret_file = sources_.environment.find(variable + "_FILE");
    const bool has_secret_file = key.secrecy != Key::Secrecy::open && in_secret_file != sources_.environment.end();
    // A service link such as SIGNAL_HTTP_PORT=tcp://10.0.0.1:3000 is an orchestrator's, not ours.
    if (in_environment != sources_.environment.end() && in_environment->second.starts_with("tcp://")) {
      loaded_.ignored.push_back(variable);
    } else if (in_environment != sources_.environment.end()) {
      if (has_secret_file) return refuse(variable, "and " + variable + "_FILE are both set", "only one of them");
      return set(key, variable, in_environment->second, "environment");
    }
    if (has_secret_file) {
      const auto text = read_file(in_secret_file->second);
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
    return {};
  }

  Result<void> set(const Key& key, const std::string& name, const std::string& text, const char* origin) {
    if (!key.choices.empty() && std::find(key.choices.begin(), key.choices.end(), text) == key.choices.end()) {
      std::string choices;
      for (const char* choice : key.choices) choices += (choices.empty() ? "" : ", ") + std::string(choice);
      return refuse(name, "'" + shown(key, text) + "' is none of " + choices, name + "=" + key.example);
    }
    if (const std::string wrong = std::visit(Assign{loaded_.configuration, text}, key.member); !wrong.empty()) {
      return refuse(name, "'" + shown(key, text) + "' " + wrong, name + "=" + key.example);
    }
    loaded_.given[key.variable] = origin;
    return {};
  }

  Result<Loaded> finish() {
    Configuration& configuration = loaded_.configuration;
    configuration.gateway.close_on_token_expiry = configuration.token_expiry == "close";
    if (const auto refusal = refusal_of(configuration))
      return refuse(refusal->variable, refusal->wrong, refusal->example);
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

}  // namespace nx::app
