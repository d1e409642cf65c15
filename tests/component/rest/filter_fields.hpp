#pragma once
// The fields of a sample and the values that a filter compares with them.

#include <string>
#include <vector>

#include "component/rest/filter_evaluator.hpp"
#include "component/rest/filter_truth.hpp"

namespace nx::rest::evaluation {

enum class Kind { text, integer, time, document, place };

Kind kind_of(const std::string& name);

/// `data` or `extra`, whichever the name begins with.
const json::Value& document(const std::string& name, const Sample& sample);

/// The steps of the path that a name is, without dots and brackets.
std::vector<std::string> split(const std::string& name);

/// Null when there is nothing at that path.
const json::Value* place(const json::Value& document, const std::vector<std::string>& path);

MaybeKey field(const std::string& name, const Sample& sample, bool as_number);

/// The value beside that field in a filter.
MaybeKey operand(const std::string& name, const json::Value& value, bool as_number);

}  // namespace nx::rest::evaluation
