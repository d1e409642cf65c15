#pragma once
// The commands and their flags as plain data, read from the parser's own table, so that the manual and the completions
// of shells say what the parser takes.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nx::app {

struct FlagDescription {
  std::vector<std::string> names;  // with dashes; empty: a positional argument
  std::string argument;            // the name of its value, or of the positional argument; empty: it takes none
  std::string meaning;
  std::string group;                 // the heading under which --help shows it
  std::string variable;              // the environment variable for the same value; may be empty
  std::vector<std::string> choices;  // the only allowed values; empty: any
  bool required = false;
};

struct CommandDescription {
  std::string name, meaning;
  std::vector<FlagDescription> flags;
  std::vector<CommandDescription> commands;
};

CommandDescription describe(const CLI::App& app);

}  // namespace nx::app
