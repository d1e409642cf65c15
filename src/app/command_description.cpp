#include "app/command_description.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <CLI/CLI.hpp>

#include "config/configuration.hpp"

namespace nx::app {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

/// The setting of this flag; null if the flag belongs to the command alone.
const config::Key* setting_of(std::string_view name) {
  const auto found = std::find_if(config::keys().begin(), config::keys().end(), [&](const config::Key& key) {
    return key.secrecy != config::Key::Secrecy::secret && config::flag_of(key) == name;
  });
  return found == config::keys().end() ? nullptr : &*found;
}

FlagDescription describe(const CLI::Option& option) {
  FlagDescription flag;
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  flag.meaning = option.get_description();
  flag.group = option.get_group();
  flag.variable = option.get_envname();
  flag.required = option.get_required();
  if (flag.names.empty()) {
    flag.argument = upper(option.get_name());
    return flag;
  }
  if (option.get_items_expected_max() == 0) return flag;
  flag.argument = "VALUE";
  if (const config::Key* key = setting_of(option.get_lnames().front())) {
    flag.variable = key->variable;
    for (const std::string_view choice : key->choices) {
      if (!choice.empty()) flag.choices.emplace_back(choice);
    }
  }
  return flag;
}

}  // namespace

CommandDescription describe(const CLI::App& app) {
  CommandDescription command{.name = app.get_name(), .meaning = app.get_description(), .flags = {}, .commands = {}};
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) command.flags.push_back(describe(*option));  // without a group: hidden
  }
  for (const CLI::App* one : app.get_subcommands(nullptr)) command.commands.push_back(describe(*one));
  return command;
}

}  // namespace nx::app
