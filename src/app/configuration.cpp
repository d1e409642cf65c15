#include "app/configuration.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

#include <toml++/toml.h>

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

bool url_has_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view authority = url.substr(scheme + 3, url.find('/', scheme + 3) - scheme - 3);
  const std::size_t at = authority.rfind('@');
  return at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
}

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
      for (const auto& item : *list) joined += (joined.empty() ? "" : ",") + item.value_or(std::string());
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
void add_ignis_urls(const Values& environment, Values& values) {
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
  if (const std::string host = get("APP_ENV_POSTGRES_HOST"); !host.empty()) {
    const std::string port = get("APP_ENV_POSTGRES_PORT");
    const std::string password = get("APP_ENV_POSTGRES_PASSWORD");
    values["SIGNAL_DATABASE_URL"] = "postgresql://" + percent_encode(get("APP_ENV_POSTGRES_USERNAME")) +
                                    (password.empty() ? "" : ":" + percent_encode(password)) + "@" + host + ":" +
                                    (port.empty() ? "5432" : port) + "/" +
                                    percent_encode(get("APP_ENV_POSTGRES_DATABASE"));
  }
}

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources) {}

  Result<Loaded> operator()() {
    if (const auto known = check_names(); !known) return tl::unexpected(known.error());
    auto file = values_of_file(sources_.file);
    if (!file) return tl::unexpected(file.error());
    Values ignis;
    add_ignis_urls(sources_.environment, ignis);
    for (const Key& key : keys()) {
      if (const auto done = take(key, *file, ignis); !done) return tl::unexpected(done.error());
    }
    for (const std::string& variable : sources_.required) {
      const auto given = loaded_.given.find(variable);
      if (given == loaded_.given.end()) {
        const Key& key = *find_variable(variable);
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
    Configuration& c = loaded_.configuration;
    c.gateway.close_on_token_expiry = c.token_expiry == "close";
    if (c.gateway.tls_cert.empty() != c.gateway.tls_key.empty()) {
      return refuse(c.gateway.tls_cert.empty() ? "SIGNAL_TLS_CERT" : "SIGNAL_TLS_KEY",
                    "is not set although its partner is",
                    "SIGNAL_TLS_CERT=/etc/signal/tls.crt SIGNAL_TLS_KEY=/etc/signal/tls.key");
    }
    if (!c.gateway.ws_path.starts_with("/"))
      return refuse("SIGNAL_WS_PATH", "'" + c.gateway.ws_path + "' does not begin with /", "/stream");
    if (c.gateway.heartbeat_interval.count() == 0)
      return refuse("SIGNAL_WS_HEARTBEAT_INTERVAL_MS", "'0' would never sleep", "30000");
    if (c.membership_variants.empty())
      return refuse("SIGNAL_POLICY_MEMBERSHIP_VARIANTS", "is empty: nobody would be a member", "join_domain,group");
    return std::move(loaded_);
  }

  const Sources& sources_;
  Loaded loaded_;
};

struct Show {
  Configuration& configuration;
  static std::string join(const std::vector<std::string>& list) {
    std::string out;
    for (const std::string& item : list) out += (out.empty() ? "" : ",") + item;
    return out;
  }
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

std::string redact_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url.substr(0, url.find('?')));
  std::string_view rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find('?'));
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::size_t at = rest.substr(0, slash).rfind('@');
  const bool has_user = at != std::string_view::npos;
  return std::string(url.substr(0, scheme + 3)) + (has_user ? "***@" : "") +
         std::string(has_user ? rest.substr(at + 1) : rest);
}

std::string print_redacted(const Configuration& configuration) {
  Configuration copy = configuration;
  std::string out;
  for (const Key& key : keys()) {
    const std::string value = std::visit(Show{copy}, key.member);
    const bool hide = key.secrecy == Key::Secrecy::secret && !value.empty();
    out += std::string(key.variable) + " = " +
           (hide                               ? "***"
            : key.secrecy == Key::Secrecy::url ? redact_url(value)
                                               : value) +
           "\n";
  }
  return out;
}

std::string keys_as_markdown() {
  std::string out = "| variable | flag | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const Key& key : keys()) {
    const std::string standard = key.default_text;
    out += "| `" + std::string(key.variable) + "` | " +
           (key.secrecy == Key::Secrecy::secret ? std::string("none, a secret") : "`--" + flag_of(key) + "`") + " | " +
           (standard.empty() ? "–" : "`" + standard + "`") + " | " + key.meaning + " |\n";
  }
  return out;
}

}  // namespace nx::app
