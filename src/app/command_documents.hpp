#pragma once
// The commands `man` and `completion`, which print what the parser knows of the commands; `man` also prints the
// settings.

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace nx::app {

class CommandDocuments {
 public:
  /// Adds both commands to `app`, which is borrowed.
  explicit CommandDocuments(CLI::App& app);

  /// The document that was asked for; nullopt if another command was given. Call it after the line is parsed.
  std::optional<std::string> requested() const;

 private:
  const CLI::App& app_;
  const CLI::App* man_;
  const CLI::App* completion_;
  std::string page_, shell_;
};

}  // namespace nx::app
