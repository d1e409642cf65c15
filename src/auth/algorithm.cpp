#include "auth/algorithm.hpp"

#include <algorithm>
#include <array>

namespace nx::auth {
namespace {

struct Row {
  Algorithm algorithm;
  std::string_view name;
};

constexpr std::array kRows = {
    Row{Algorithm::es256, "ES256"}, Row{Algorithm::es384, "ES384"}, Row{Algorithm::es512, "ES512"},
    Row{Algorithm::rs256, "RS256"}, Row{Algorithm::rs384, "RS384"}, Row{Algorithm::rs512, "RS512"},
    Row{Algorithm::ps256, "PS256"}, Row{Algorithm::ps384, "PS384"}, Row{Algorithm::ps512, "PS512"},
    Row{Algorithm::eddsa, "EdDSA"},
};

}  // namespace

std::optional<Algorithm> algorithm_of(std::string_view name) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [name](const Row& known) { return known.name == name; });
  return row == kRows.end() ? std::nullopt : std::optional(row->algorithm);
}

std::string_view name_of(Algorithm algorithm) {
  return std::find_if(kRows.begin(), kRows.end(),
                      [algorithm](const Row& known) { return known.algorithm == algorithm; })
      ->name;
}

bool fits(Algorithm algorithm, KeyKind kind) {
  switch (algorithm) {
    case Algorithm::es256:
      return kind == KeyKind::p256;
    case Algorithm::es384:
      return kind == KeyKind::p384;
    case Algorithm::es512:
      return kind == KeyKind::p521;
    case Algorithm::eddsa:
      return kind == KeyKind::ed25519 || kind == KeyKind::ed448;
    default:
      return kind == KeyKind::rsa;
  }
}

}  // namespace nx::auth
