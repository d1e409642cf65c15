#pragma once
// `nx-signal explain`: asks an instance why a user did or did not get a notification, and prints the answer for a
// human.

#include <string>

#include "app/command_line.hpp"
#include "model/result.hpp"

namespace nx::app {

/// 0: there is an answer; 1: there is no answer; 2: bad usage.
int run_explain(const ExplainFlags& flags);

/// Formats the route's JSON as lines for a human, the verdict first. The error says what is wrong with the JSON.
Result<std::string> explanation_lines(const std::string& json);

}  // namespace nx::app
