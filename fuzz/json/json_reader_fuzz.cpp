// Our reader takes what a strict parser takes, refuses what it refuses, and finds the same values in it.

#include <cstdlib>

#include "reference_parser.hpp"

namespace {

using namespace nx::json;

constexpr std::size_t kMaxDepth = 20;

void require(bool holds) {
  if (!holds) std::abort();
}

void hold(View view, const Value& value) {
  require(view.kind() == value.kind());
  require(!value.is_string() || (view.text() == value.text() && view.text_size() == value.text().size() &&
                                 view.has_nul() == (value.text().find('\0') != std::string::npos)));
  require(!value.is_number() || view.raw() == value.text());
  require(view.as_id() == value.as_id() && view.as_int64() == value.as_int64());
  require(view.items().count() == value.items().size());
  std::size_t place = 0;
  for (const View item : view.items()) hold(item, value.items()[place++]);
  place = 0;
  for (const auto& [name, member] : view.members()) {
    const Member& expected = value.members().at(place++);
    require(name.text() == expected.name && view.find(expected.name).raw() == member.raw());
    hold(member, expected.value);
  }
  require(place == value.members().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto reference = reference_parse(text, kMaxDepth);
  const auto document = Document::read(text, {.max_depth = kMaxDepth});
  if (reference.undecided) return 0;
  require(document.has_value() == reference.value.has_value());
  const auto lenient = Document::read(text, {.max_depth = kMaxDepth, .lone_surrogates = LoneSurrogates::replaced});
  if (document) {
    hold(document->root(), *reference.value);
    require(write(document->root()) == write(*reference.value));
    require(lenient && lenient->summary().replaced == 0 && lenient->root().raw() == document->root().raw());
  } else if (lenient) {
    // Only lone surrogates were wrong: what is left has none, and is what the reference takes.
    require(lenient->summary().replaced > 0);
    const auto again = reference_parse(lenient->root().raw(), kMaxDepth);
    if (again.undecided) return 0;
    require(again.value.has_value());
    hold(lenient->root(), *again.value);
  }
  return 0;
}
