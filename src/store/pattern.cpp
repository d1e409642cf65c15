#include "store/pattern.hpp"

#include <algorithm>
#include <optional>
#include <re2/re2.h>

#include <fmt/core.h>

#include "store/case_folding.hpp"
#include "store/character_class.hpp"

namespace nx::store {
namespace {

constexpr std::size_t kMostRepeats = 255;  // PostgreSQL's bound
constexpr std::size_t kMostGroups = 50;    // nesting depth

struct Part {
  std::string text;
  std::size_t size = 0;   // approximate number of parts of the automaton
  bool anchored = false;  // contains ^ or $
};

using Parsed = tl::expected<Part, std::string>;

tl::unexpected<std::string> refused(std::string why) {
  return tl::unexpected<std::string>(std::move(why));
}

/// Parses the expression in one pass and writes the portable form as it goes.
class PatternReader {
 public:
  PatternReader(std::string_view expression, Case letter_case)
      : rest_(characters_of(expression)), letter_case_(letter_case) {}

  Parsed read() {
    auto whole = alternatives(0);
    if (whole && at_ < rest_.size()) return refused("a ) without a (");
    return whole;
  }

 private:
  bool more() const { return at_ < rest_.size(); }
  char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < rest_.size() ? rest_[at_ + ahead] : U'\0'; }

  Parsed alternatives(std::size_t depth) {
    if (depth > kMostGroups) return refused("more than 50 groups within each other");
    Part all;
    for (bool first = true;; first = false) {
      auto branch = sequence(depth);
      if (!branch) return branch;
      if (!first) all.text += '|';
      all.text += branch->text.empty() ? "(?:)" : branch->text;
      all.size += branch->size + 1;
      all.anchored = all.anchored || branch->anchored;
      if (peek() != U'|') return all;
      ++at_;
    }
  }

  Parsed sequence(std::size_t depth) {
    Part all;
    while (more() && peek() != U'|' && peek() != U')') {
      auto piece = atom(depth);
      if (piece) piece = repeated(std::move(*piece));
      if (!piece) return piece;
      all.text += piece->text;
      all.size += piece->size;
      all.anchored = all.anchored || piece->anchored;
      if (all.size > kMostPatternParts) return refused("too large: more than 1000 parts, repeats counted");
    }
    return all;
  }

  Parsed atom(std::size_t depth) {
    const char32_t c = rest_[at_++];
    switch (c) {
      case U'(':
        return group(depth);
      case U'[':
        return bracket();
      case U'.':
        return Part{".", 1, false};
      case U'^':
      case U'$':
        return Part{c == U'^' ? "^" : "$", 1, true};
      case U'*':
      case U'+':
      case U'?':
      case U'{':
        return refused("nothing to repeat before * + ? or {");
      case U'\\':
        return escape();
      default:
        return literal(c);
    }
  }

  Parsed group(std::size_t depth) {
    if (peek() == U'?') {
      if (peek(1) != U':') return refused("(? other than (?: is not supported");
      at_ += 2;
    }
    auto inner = alternatives(depth + 1);
    if (!inner) return inner;
    if (peek() != U')') return refused("a ( without a )");
    ++at_;
    return Part{fmt::format("(?:{})", inner->text), inner->size, inner->anchored};
  }

  Parsed bracket() {
    auto set = read_bracket(rest_, at_);
    if (!set) return refused(std::move(set.error()));
    if (letter_case_ == Case::insensitive) set->fold();
    return Part{set->text(), 1, false};
  }

  Parsed escape() {
    if (!more()) return refused("a backslash at the end");
    const char32_t c = rest_[at_++];
    if (const auto set = CharacterClass::of_escape(c)) return Part{set->text(), 1, false};
    if (const auto control = control_escape(c)) return literal(*control);
    if (c < 0x80 && is_letter_or_digit(c)) {
      std::string why("\\? is not supported");
      why[1] = static_cast<char>(c);
      return refused(std::move(why));
    }
    return literal(c);
  }

  Parsed literal(char32_t c) const {
    if (letter_case_ == Case::insensitive && !same_letters(c).empty()) {
      CharacterClass set;
      set.add(c, c);
      set.fold();
      return Part{set.text(), 1, false};
    }
    Part part{"", 1, false};
    append_literal(part.text, c);
    return part;
  }

  Parsed repeated(Part piece) {
    const char32_t c = peek();
    std::size_t most = 0;
    std::string text;
    if (c == U'*' || c == U'+' || c == U'?') {
      text.push_back(static_cast<char>(c));
      most = 1;
      ++at_;
    } else if (c == U'{') {
      auto bounds = read_bounds();
      if (!bounds) return refused(std::move(bounds.error()));
      text = bounds->text;
      most = std::max<std::size_t>(1, bounds->size);
    } else {
      return piece;
    }
    if (piece.anchored) return refused("^ and $ cannot be repeated");
    if (peek() == U'?') ++at_;  // lazy: matches the same texts
    if (peek() == U'*' || peek() == U'+' || peek() == U'?' || peek() == U'{') return refused("a repeat of a repeat");
    piece.text += text;
    piece.size = piece.size * most + 1;
    return piece;
  }

  std::optional<std::size_t> read_count() {
    std::size_t count = 0;
    const std::size_t begin = at_;
    while (more() && rest_[at_] >= U'0' && rest_[at_] <= U'9' && count <= kMostRepeats) {
      count = count * 10 + (rest_[at_++] - U'0');
    }
    if (at_ == begin || count > kMostRepeats) return std::nullopt;
    return count;
  }

  /// {m} {m,} {m,n}; the size is the highest number of repeats, or the lowest where there is no upper bound.
  Parsed read_bounds() {
    static const char* const kWrong = "a repeat is {m}, {m,} or {m,n} with numbers from 0 to 255";
    ++at_;
    const auto least = read_count();
    if (!least) return refused(kWrong);
    Part bounds{"{" + std::to_string(*least), *least, false};
    if (peek() == U',') {
      ++at_;
      bounds.text += ',';
      if (peek() != U'}') {
        const auto most = read_count();
        if (!most || *most < *least) return refused(kWrong);
        bounds.text += std::to_string(*most);
        bounds.size = *most;
      } else {
        ++bounds.size;
      }
    }
    if (peek() != U'}') return refused(kWrong);
    ++at_;
    bounds.text += '}';
    return bounds;
  }

  std::u32string rest_;
  std::size_t at_ = 0;
  Case letter_case_;
};

}  // namespace

Result<std::string> portable_pattern(std::string_view expression, Case letter_case) {
  auto read = PatternReader(expression, letter_case).read();
  if (!read) return fail(ErrorKind::invalid, std::move(read.error()));
  if (read->size > kMostPatternParts)
    return fail(ErrorKind::invalid, "too large: more than 1000 parts, repeats counted");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  const RE2 compiled(read->text, options);
  if (!compiled.ok()) return fail(ErrorKind::invalid, "too large: " + compiled.error());
  return std::move(read->text);
}

}  // namespace nx::store
