#include "model/keyed_hash.hpp"

#include <sodium.h>
#include <stdexcept>

namespace nx {
namespace {

using Key = std::array<unsigned char, crypto_shorthash_KEYBYTES>;

Key random_key() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of random bytes");
  Key key{};
  crypto_shorthash_keygen(key.data());
  return key;
}

}  // namespace

std::size_t KeyedHash::operator()(std::string_view bytes) const {
  static const Key key = random_key();
  std::size_t hash = 0;
  static_assert(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size(), key.data());
  return hash;
}

}  // namespace nx
