#include "config/values.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include "config/configuration.hpp"
#include "config/regular_file.hpp"
#include "config/url_redaction.hpp"
#include "model/percent.hpp"

namespace nx::config {
namespace {

bool is_known(const std::string& variable) {
  return std::any_of(keys().begin(), keys().end(), [&](const Key& key) { return variable == key.variable; });
}

tl::unexpected<Error> refuse(std::string_view name, const std::string& wrong, const std::string& path,
                             const std::string& example) {
  return fail(ErrorKind::invalid, fmt::format("{}: {}, in {}; for example {}", name, wrong, path, example));
}

}  // namespace

Result<std::string> read_secret_file(const std::string& path) {
  constexpr std::size_t kMaxBytes = 64U * 1024U;
  auto read = read_regular_file(path, kMaxBytes);
  if (!read) {
    const bool is_path = path.starts_with('/') || path.starts_with("./") || path.starts_with("../");
    const std::string shown =
        is_path ? fmt::format("'{}'", shown_value(path)) : "the file (a name without / may be the secret)";
    return fail(ErrorKind::invalid, fmt::format("{} {}", shown, read.error().message));
  }
  std::string content = *std::move(read);
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
  return content;
}

Result<Values> values_of_file(const std::string& path) {
  Values values;
  if (path.empty()) return values;
  constexpr std::size_t kMaxBytes = 1U << 20U;
  const auto content = read_regular_file(path, kMaxBytes);
  if (!content) {
    return fail(ErrorKind::invalid, fmt::format("--config: '{}' {}; for example /etc/signal/signal.toml",
                                                shown_value(path), content.error().message));
  }
  toml::table table;
  try {
    table = toml::parse(*content, path);
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::invalid,
                fmt::format("--config {}: line {}: {}", path, error.source().begin.line, error.description()));
  }
  for (const auto& [name, node] : table) {
    std::string variable("SIGNAL_");
    for (const char c : name.str()) variable.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    if (!is_known(variable)) {
      return refuse(name.str(), "unknown key", path, "http_port = 3000");
    }
    if (const auto text = node.value<std::string>()) {
      values[variable] = *text;
    } else if (const auto* list = node.as_array()) {
      std::string joined;
      for (const auto& item : *list) {
        if (!item.is_string())
          return refuse(name.str(), "contains an item that is not text", path,
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
      return refuse(name.str(), "must be text, a number, true, false or a list", path, "http_port = 3000");
    }
  }
  return values;
}

Values values_of_ignis(const Values& environment) {
  Values values;
  const auto get = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  if (const std::string host = get("APP_ENV_REDIS_WS_HOST"); !host.empty()) {
    const std::string port = get("APP_ENV_REDIS_WS_PORT");
    const std::string password = get("APP_ENV_REDIS_WS_PASSWORD");
    values["SIGNAL_REDIS_URL"] = fmt::format(
        "{}://{}{}:{}", get("APP_ENV_REDIS_WS_MODE") == "cluster" ? "redis+cluster" : "redis",
        password.empty() ? "" : fmt::format(":{}@", percent_encode(password)), host, port.empty() ? "6379" : port);
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
    values["SIGNAL_DATABASE_URL"] =
        fmt::format("postgresql://{}{}@{}:{}/{}", percent_encode(get("APP_ENV_POSTGRES_USERNAME")),
                    password.empty() ? "" : ":" + percent_encode(password), host, port.empty() ? "5432" : port,
                    percent_encode(get("APP_ENV_POSTGRES_DATABASE")));
  }
  return values;
}

}  // namespace nx::config
