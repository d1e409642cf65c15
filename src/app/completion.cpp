#include "app/completion.hpp"

#include <algorithm>
#include <functional>

#include <fmt/core.h>

namespace nx::app {
namespace {

/// `text` in single quotes of a shell. For a quote inside, zsh and bash close the quotes first; fish escapes it.
std::string quoted(std::string_view text, std::string_view quote = "'\\''") {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += quote;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// Calls `visit` with the words that lead to each command, "" for the program, and the command.
void for_each_command(const CommandDescription& command, const std::string& path,
                      const std::function<void(const std::string&, const CommandDescription&)>& visit) {
  visit(path, command);
  for (const CommandDescription& one : command.commands) {
    for_each_command(one, (path.empty() ? "" : path + " ") + one.name, visit);
  }
}

std::string bash(const CommandDescription& program) {
  std::string paths, words, values;
  for_each_command(program, "", [&](const std::string& path, const CommandDescription& command) {
    if (!path.empty()) paths += (paths.empty() ? "" : "|") + quoted(path);
    std::vector<std::string> offered;
    for (const CommandDescription& one : command.commands) offered.push_back(one.name);
    for (const FlagDescription& flag : command.flags) {
      offered.insert(offered.end(), flag.names.begin(), flag.names.end());
      for (const std::string& name : flag.names) {
        if (flag.argument.empty()) continue;
        const std::string typed = path.empty() ? name : fmt::format("{} {}", path, name);
        values += fmt::format("    {}) words={} ;;\n", quoted(typed), quoted(joined(flag.choices)));
      }
      if (flag.names.empty()) offered.insert(offered.end(), flag.choices.begin(), flag.choices.end());
    }
    words += "    " + quoted(path) + ") words=" + quoted(joined(offered)) + " ;;\n";
  });
  return "# Completion of nx-signal for bash; `nx-signal completion bash` prints it.\n"
         "_nx_signal() {\n"
         "  local path= words= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"${path:+$path }${COMP_WORDS[i]}\" in\n"
         "      " +
         paths +
         ") path=${path:+$path }${COMP_WORDS[i]} ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"${path:+$path }${COMP_WORDS[COMP_CWORD-1]}\" in\n" +
         values + "    *) case \"$path\" in\n" + words +
         "    esac ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
         "}\n"
         "complete -o default -F _nx_signal nx-signal\n";
}

/// A description in zsh's _arguments and _describe: brackets and colons would end it.
std::string zsh_text(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

void append_zsh_function(std::string& out, const std::string& path, const CommandDescription& command) {
  std::string name = "_nx_signal" + (path.empty() ? "" : "_" + path);
  std::replace(name.begin(), name.end(), ' ', '_');
  std::string arguments;
  for (const FlagDescription& flag : command.flags) {
    if (flag.names.empty()) {
      arguments += " \\\n    " + quoted(":" + zsh_text(flag.argument) + ":" +
                                        (flag.choices.empty() ? "_default" : "(" + joined(flag.choices) + ")"));
    }
    for (const std::string& one : flag.names) {
      const std::string values =
          flag.argument.empty() ? ""
                                : ":value:" + (flag.choices.empty() ? "_default" : "(" + joined(flag.choices) + ")");
      arguments += " \\\n    " + quoted(fmt::format("*{}[{}]{}", one, zsh_text(flag.meaning), values));
    }
  }
  out += name + "() {\n";
  if (command.commands.empty()) {
    out += "  _arguments" + arguments + "\n}\n";
    return;
  }
  out += "  local curcontext=$curcontext state line\n  _arguments -C" + arguments +
         " \\\n    ':command:->command' '*::argument:->argument'\n  case $state in\n    command)\n      local -a "
         "commands\n"
         "      commands=(\n";
  for (const CommandDescription& one : command.commands) {
    out += "        " + quoted(one.name + ":" + zsh_text(one.meaning)) + "\n";
  }
  out += "      )\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n";
  for (const CommandDescription& one : command.commands)
    out += "        " + one.name + ") " + name + "_" + one.name + " ;;\n";
  out += "      esac ;;\n  esac\n}\n";
}

std::string zsh(const CommandDescription& program) {
  std::string out = "#compdef nx-signal\n# Completion of nx-signal for zsh; `nx-signal completion zsh` prints it.\n";
  for_each_command(program, "", [&](const std::string& path, const CommandDescription& command) {
    append_zsh_function(out, path, command);
  });
  return out + "if [ \"$funcstack[1]\" = _nx-signal ]; then _nx_signal \"$@\"; else compdef _nx_signal nx-signal; fi\n";
}

std::string fish(const CommandDescription& program) {
  constexpr std::string_view kQuote = "\\'";
  std::string out = "# Completion of nx-signal for fish; `nx-signal completion fish` prints it.\n";
  for_each_command(program, "", [&](const std::string& path, const CommandDescription& command) {
    std::string when = path.empty() ? "__fish_use_subcommand" : "";
    for (std::size_t begin = 0; begin < path.size();) {
      const std::size_t end = std::min(path.find(' ', begin), path.size());
      when += (when.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + path.substr(begin, end - begin));
      begin = end + 1;
    }
    const std::string line = "complete -c nx-signal -n '" + when + "'";
    for (const CommandDescription& one : command.commands) {
      out += line + " -f -a " + one.name + " -d " + quoted(one.meaning, kQuote) + "\n";
    }
    for (const FlagDescription& flag : command.flags) {
      if (flag.names.empty() && flag.choices.empty()) continue;
      out += line;
      for (const std::string& name : flag.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!flag.names.empty() && !flag.argument.empty()) out += " -r";
      if (!flag.choices.empty()) out += " -f -a " + quoted(joined(flag.choices), kQuote);
      out += " -d " + quoted(flag.meaning, kQuote) + "\n";
    }
  });
  return out;
}

}  // namespace

std::optional<std::string> completion_of(std::string_view shell, const CommandDescription& program) {
  if (shell == "bash") return bash(program);
  if (shell == "zsh") return zsh(program);
  if (shell == "fish") return fish(program);
  return std::nullopt;
}

}  // namespace nx::app
