#include "app/command_documents.hpp"

#include <CLI/CLI.hpp>

#include "app/command_description.hpp"
#include "app/completion.hpp"
#include "app/manual.hpp"

namespace nx::app {

CommandDocuments::CommandDocuments(CLI::App& app) : app_(app) {
  CLI::App* man = app.add_subcommand("man", "prints a page of the manual, for `man -l -`");
  man->add_option("PAGE", page_, "nx-signal or nx-signal.env")
      ->required()
      ->check(CLI::IsMember({"nx-signal", "nx-signal.env"}));
  CLI::App* completion = app.add_subcommand("completion", "prints the completion script for a shell");
  completion->add_option("SHELL", shell_, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  man_ = man;
  completion_ = completion;
}

std::optional<std::string> CommandDocuments::requested() const {
  if (man_->parsed()) return page_ == "nx-signal" ? commands_page(describe(app_)) : settings_page();
  if (completion_->parsed()) return completion_of(shell_, describe(app_));
  return std::nullopt;
}

}  // namespace nx::app
