// nx-signal: see `nx-signal --help` and docs/architecture.md.
#include <iostream>
#include <unistd.h>

#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/dev_command.hpp"
#include "app/dev_defaults.hpp"
#include "app/explain_command.hpp"
#include "app/metrics_page.hpp"
#include "app/standard_descriptors.hpp"
#include "app/unhandled_exceptions.hpp"
#include "config/configuration.hpp"
#include "observe/log.hpp"
#include "runtime/large_blocks.hpp"

extern char** environ;

namespace {

using nx::app::Command;
using nx::app::CommandLine;

/// `dev` embeds the services that a deployment's APP_ENV_ variables refer to, so it ignores these variables.
std::map<std::string, std::string> environment_for(Command command) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (command == Command::dev && text.starts_with("APP_ENV_")) continue;
    if (equals != std::string_view::npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::vector<std::string> required_by(Command command) {
  switch (command) {
    case Command::serve:
    case Command::check:
      return {"SIGNAL_JWKS_URL", "SIGNAL_KAFKA_BROKERS", "SIGNAL_REDIS_URL", "SIGNAL_DATABASE_URL"};
    case Command::migrate:
      return {"SIGNAL_DATABASE_URL"};
    case Command::notify:
    case Command::replay:
      return {"SIGNAL_KAFKA_BROKERS"};
    case Command::emit:
      return {"SIGNAL_REDIS_URL"};
    case Command::dev:
    case Command::listen:
    case Command::conform:
    case Command::explain:
    case Command::health:
    case Command::config_doc:
    case Command::metrics_doc:
      return {};
  }
  return {};
}

nx::observe::Logger::Options log_options(const nx::config::Configuration& configuration) {
  using nx::observe::Level;
  static const std::map<std::string, Level> levels = {{"trace", Level::trace},
                                                      {"debug", Level::debug},
                                                      {"info", Level::info},
                                                      {"warn", Level::warn},
                                                      {"error", Level::error}};
  const bool as_text =
      configuration.log_format.empty() ? isatty(STDERR_FILENO) == 1 : configuration.log_format == "text";
  return {.level = levels.at(configuration.log_level),
          .format = as_text ? nx::observe::LogFormat::text : nx::observe::LogFormat::json,
          .fd = STDERR_FILENO};
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

int run(const CommandLine& line) {
  if (line.command == Command::listen) return nx::app::run_listen(line.listen);
  if (line.command == Command::conform) return nx::app::run_conform(line.conform);
  if (line.command == Command::explain) return nx::app::run_explain(line.explain);
  if (line.command == Command::config_doc) {
    std::cout << (line.settings_form == nx::app::SettingsForm::table
                      ? nx::config::keys_as_markdown()
                      : nx::config::keys_as_environment_file(required_by(Command::serve)));
    return 0;
  }
  if (line.command == Command::metrics_doc) {
    std::cout << nx::app::metrics_page();
    return 0;
  }
  const auto loaded =
      nx::config::load({line.settings, environment_for(line.command), line.config_file, required_by(line.command),
                        line.command == Command::dev ? nx::app::dev_defaults() : std::map<std::string, std::string>{}});
  if (!loaded) {
    std::cerr << "nx-signal: " << loaded.error().message << "\n";
    return 2;
  }
  if (line.print_config) {
    std::cout << nx::config::print_redacted(loaded->configuration);
    return 0;
  }
  const nx::observe::Logger log(log_options(loaded->configuration));
  nx::app::log_unhandled_exceptions(log);
  if (!loaded->ignored.empty()) log.debug("service links ignored", {{"variables", joined(loaded->ignored)}});
  if (!loaded->unknown.empty()) {
    log.warn("unknown SIGNAL_ names in the environment", {{"variables", joined(loaded->unknown)}});
  }
  switch (line.command) {
    case Command::serve:
      return nx::app::run_serve(*loaded, log);
    case Command::check:
      return nx::app::run_check(loaded->configuration, line.check, log);
    case Command::health:
      return nx::app::run_health(loaded->configuration, line.probe);
    case Command::dev:
      return nx::app::run_dev(
          *loaded, {.keep = line.keep ? nx::app::Keep::yes : nx::app::Keep::no, .unsafe = line.unsafe_dev}, log);
    case Command::migrate:
      return nx::app::run_migrate(loaded->configuration, line.migrate);
    case Command::notify:
      return nx::app::run_notify(loaded->configuration, line.notify);
    case Command::replay:
      return nx::app::run_replay(loaded->configuration, line.replay);
    case Command::emit:
      return nx::app::run_emit(loaded->configuration, line.emit);
    case Command::listen:
    case Command::conform:
    case Command::explain:
    case Command::config_doc:
    case Command::metrics_doc:
      break;
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  nx::app::open_standard_descriptors();
  nx::runtime::give_large_blocks_back();
  const nx::app::Parsed parsed = nx::app::parse_command_line(argc, argv);
  return parsed.line ? run(*parsed.line) : parsed.exit_code;
}
