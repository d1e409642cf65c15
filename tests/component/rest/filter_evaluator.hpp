#pragma once
// The filter language once more, over rows in memory and from its description alone: it shares no code with the reader,
// the planner, the translator and the functions of SQLite.

#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/notification.hpp"

namespace nx::rest {

struct Sample {
  InboxRow row;
  json::Value data, extra;  // null when there is none
};

struct Regex {
  const char* pattern;
  bool (*matches)(const std::string& text);
};
/// The expressions that the evaluator knows.
const std::vector<Regex>& known_expressions();

/// The rows that `filter` finds, all of them, in its order. Archived ones only where it speaks of archivedAt.
std::vector<const Sample*> evaluate(const json::Value& filter, const std::vector<Sample>& samples);

}  // namespace nx::rest
