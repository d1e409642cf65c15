#include <algorithm>
#include <array>
#include <bit>

#include "json/buffers.hpp"
#include "json/scalar.hpp"
#include "model/keyed_hash.hpp"

namespace nx::json {
namespace {

constexpr std::size_t kFew = 8;  // up to this many names are compared with each other

/// The characters of a name; `store` holds them if the name has escapes.
std::string_view text_of(const Buffers& buffers, std::uint32_t at, std::string& store) {
  const Node& name = buffers.nodes[at];
  const std::string_view raw = buffers.slice(name);
  if ((name.flags & Node::kEscaped) == 0) return raw.substr(1, raw.size() - 2);
  store.clear();
  append_unescaped(store, raw);
  return store;
}

/// Without the key of this process nobody can choose names that collide. Long names use SipHash; names of up to 7
/// bytes, which most are, use two multiplications by numbers derived from the key.
class NameHash {
 public:
  std::uint64_t operator()(std::string_view name) const {
    if (name.size() > 7) return KeyedHash{}(name);
    std::uint64_t word = name.size() + 1;
    for (const char c : name) word = word << 8 | static_cast<unsigned char>(c);
    return mix(mix(word ^ drawn_[0], drawn_[1]) ^ drawn_[2], drawn_[3]);
  }

 private:
  static std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  }
  static std::array<std::uint64_t, 4> draw() {
    const KeyedHash hash;
    return {hash("json name 0"), hash("json name 1") | 1, hash("json name 2"), hash("json name 3") | 1};
  }
  const std::array<std::uint64_t, 4> drawn_ = draw();
};

class Names {
 public:
  explicit Names(Buffers& buffers) : buffers_(buffers) {}

  void mark_few(const std::uint32_t* names, std::size_t count) {
    for (std::size_t later = 1; later < count; ++later) {
      const std::string_view text = text_of(buffers_, names[later], store_);
      for (std::size_t i = 0; i < later; ++i) mark_if_same(names[i], text);
    }
  }

  /// The table holds the last position of each name.
  void mark_many(std::uint32_t object, std::size_t count) {
    static const NameHash hash_of;
    auto& table = buffers_.table;
    table.assign(std::bit_ceil(count + count / 2), 0);  // 0 marks a free slot, because node 0 is never a name
    const std::size_t mask = table.size() - 1;
    const std::uint32_t end = buffers_.nodes[object].next;
    for (std::uint32_t name = object + 1; name < end; name = buffers_.nodes[name + 1].next) {
      const std::string_view text = text_of(buffers_, name, store_);
      const std::uint64_t hash = hash_of(text);
      std::size_t slot = hash & mask;
      while (table[slot] != 0 && !(table[slot] >> 32 == hash >> 32 && mark_if_same(place_in(table[slot]), text))) {
        slot = (slot + 1) & mask;
      }
      table[slot] = (hash >> 32 << 32) | name;
    }
  }

 private:
  static std::uint32_t place_in(std::uint64_t entry) { return static_cast<std::uint32_t>(entry); }
  bool mark_if_same(std::uint32_t earlier, std::string_view text) {
    if (text_of(buffers_, earlier, other_store_) != text) return false;
    buffers_.nodes[earlier].flags |= Node::kRepeated;
    return true;
  }

  Buffers& buffers_;
  std::string store_, other_store_;
};

}  // namespace

void mark_repeated(Buffers& buffers, std::uint32_t object) {
  Node& node = buffers.nodes[object];
  if ((node.flags & Node::kMarked) != 0) return;
  node.flags |= Node::kMarked;
  std::array<std::uint32_t, kFew> few{};
  std::size_t count = 0;
  for (std::uint32_t name = object + 1; name < node.next; name = buffers.nodes[name + 1].next) {
    if (count < kFew) few[count] = name;
    ++count;
  }
  Names names(buffers);
  if (count <= kFew) {
    names.mark_few(few.data(), count);
  } else {
    names.mark_many(object, count);
  }
}

}  // namespace nx::json
