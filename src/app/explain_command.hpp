#pragma once
// `nx-signal explain`: asks an instance why a user did or did not get a
// notification, and prints it for a person.

#include <string>

#include "app/command_line.hpp"
#include "model/result.hpp"

namespace nx::app {

/// 0: there is an answer; 1: none could be had; 2: bad usage.
int run_explain(const ExplainFlags& flags);

/// The route's JSON as lines for a person, the verdict first. The error says
/// what is not as it should be.
Result<std::string> explanation_lines(const std::string& json);

}  // namespace nx::app
