#pragma once
// LIKE and regular expressions, as far as the evaluator knows them.

#include "component/rest/filter_truth.hpp"
#include "json/value.hpp"

namespace nx::rest::evaluation {

Ternary like(const MaybeKey& subject, const json::Value& pattern, bool fold);

/// The expression is one of known_expressions().
Ternary matches(const MaybeKey& subject, const json::Value& expression);

}  // namespace nx::rest::evaluation
