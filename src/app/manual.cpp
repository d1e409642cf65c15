#include "app/manual.hpp"

#include <algorithm>
#include <string_view>

#include "config/configuration.hpp"

namespace nx::app {
namespace {

constexpr std::size_t kFewSettings = 30;  // a command with more of them takes all

/// `text` such that roff prints it as it is, wherever it stands in a line.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string bold(std::string_view text) {
  return "\\fB" + plain(text) + "\\fR";
}
std::string italic(std::string_view text) {
  return "\\fI" + plain(text) + "\\fR";
}

std::string head(const char* name, const char* section, const char* purpose) {
  return std::string(".TH ") + name + " " + section + " \"\" \"Signal " NX_SIGNAL_VERSION "\" \"Signal\"\n.SH NAME\n" +
         purpose + "\n";
}

bool is_setting(const FlagDescription& flag) {
  return flag.variable.starts_with("SIGNAL_") &&
         std::any_of(config::keys().begin(), config::keys().end(),
                     [&](const config::Key& key) { return flag.variable == key.variable; });
}

std::string term(const FlagDescription& flag) {
  if (flag.names.empty()) return italic(flag.argument);
  std::string names;
  for (const std::string& name : flag.names) names += (names.empty() ? "" : ", ") + bold(name);
  return names + (flag.argument.empty() ? "" : " " + italic(flag.argument));
}

void append_flags(std::string& out, const CommandDescription& command) {
  std::string settings;
  std::size_t count = 0;
  for (const FlagDescription& flag : command.flags) {
    if (!flag.names.empty() && flag.names.back() == "--help") continue;
    if (is_setting(flag)) {
      settings += (settings.empty() ? "" : ", ") + bold(flag.names.front());
      ++count;
      continue;
    }
    out += ".TP\n" + term(flag) + "\n" + plain(flag.meaning) + (flag.required ? " (required)" : "") + "\n";
  }
  if (count > kFewSettings) settings = "a flag for each setting of " + bold("nx-signal.env") + "(5), except secrets";
  if (count > 0) out += ".PP\nSettings: " + settings + ".\n";
}

void append_command(std::string& out, const CommandDescription& command, const std::string& path) {
  const std::string name = path + " " + command.name;
  std::string arguments;
  for (const FlagDescription& flag : command.flags) {
    if (flag.names.empty())
      arguments += " " + (flag.required ? italic(flag.argument) : "[" + italic(flag.argument) + "]");
  }
  out += ".SS " + bold(name) + arguments + "\n" + plain(command.meaning) + ".\n";
  append_flags(out, command);
  for (const CommandDescription& one : command.commands) append_command(out, one, name);
}

}  // namespace

std::string commands_page(const CommandDescription& program) {
  std::string out = head("NX-SIGNAL", "1", "nx\\-signal \\- realtime notification gateway");
  out +=
      ".SH SYNOPSIS\n" + bold("nx-signal") + " " + italic("COMMAND") + " [" + italic("FLAG") +
      "]...\n.SH DESCRIPTION\n" +
      "Signal stores notifications from Kafka in PostgreSQL and shows them at once to the connected clients of their\n"
      "recipients, over encrypted WebSockets. Each part of this program is a command, and each command has\n" +
      bold("--help") + ".\n";
  append_flags(out, program);
  out += ".SH COMMANDS\n";
  for (const CommandDescription& command : program.commands) append_command(out, command, program.name);
  out +=
      ".SH EXIT STATUS\n.TP\n0\nsuccess\n.TP\n1\na failure, or a dependency cannot be reached\n.TP\n2\n"
      "bad usage, or a setting that is missing or invalid\n.TP\n3\nstopped before the end "
      "(migrate, check, replay)\n.SH "
      "FILES\n.TP\n" +
      italic("/etc/nx-signal/nx-signal.env") + "\nsettings of the systemd service\n.SH SEE ALSO\n" +
      bold("nx-signal.env") + "(5)\n";
  return out;
}

std::string settings_page() {
  std::string out = head("NX-SIGNAL.ENV", "5", "nx\\-signal.env \\- settings of nx\\-signal");
  out +=
      ".SH DESCRIPTION\n"
      "The systemd service of nx\\-signal takes its environment from\n" +
      italic("/etc/nx-signal/nx-signal.env") +
      ":\nlines of the form NAME=value, as described for EnvironmentFile= in\n" + bold("systemd.exec") +
      "(5).\n"
      "A setting is taken from the first of these that has it: flag, environment, file of\n" +
      bold("--config") +
      " (TOML: http_port = 3000).\nA secret has no flag. NAME_FILE in place of NAME names a file that contains the "
      "value.\n"
      ".SH SETTINGS\n";
  for (const config::Key& key : config::keys()) {
    out += ".TP\n" + bold(key.variable) +
           (key.secrecy == config::Key::Secrecy::secret ? "" : ", " + bold("--" + config::flag_of(key))) + "\n" +
           plain(key.meaning) + ".";
    const std::string_view standard = key.default_text;
    if (!standard.empty()) out += " Default: " + plain(standard) + ".";
    if (!key.choices.empty()) {
      out += " One of:";
      for (const std::string_view choice : key.choices) {
        if (!choice.empty()) out += " " + plain(choice);
      }
      out += ".";
    }
    out += "\n";
  }
  return out + ".SH SEE ALSO\n" + bold("nx-signal") + "(1)\n";
}

}  // namespace nx::app
