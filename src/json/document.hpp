#pragma once
// JSON text from outside, read without a tree: one pass of simdjson and one of ours validate it against RFC 8259 and
// record the position of each value. Wanted members are found by name; everything else stays a slice of the text. Time:
// linear in the text, whatever it contains. Memory: 16 bytes for each value, borrowed from the thread and returned.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "json/kind.hpp"
#include "model/result.hpp"

namespace nx::json {

class Document;
struct Buffers;
struct Summary;

/// A value of a document, or no value. Cheap to copy; valid while its document lives.
class View {
 public:
  class Items;
  class Members;

  View() = default;
  explicit operator bool() const { return buffers_ != nullptr; }

  Kind kind() const;  // null without a value
  bool is_null() const { return kind() == Kind::null; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_number() const { return kind() == Kind::number; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }
  bool is_true() const;
  const Summary& summary() const;  // the summary of the whole document; requires a value

  bool is(View other) const { return buffers_ == other.buffers_ && at_ == other.at_; }  // the same position
  bool is_before(View other) const { return at_ < other.at_; }                          // both of the same document

  /// The value's slice of the text: a number's exact lexeme; a string with its quotes and escapes; a container with its
  /// white space. Lone surrogates have already become `�`.
  std::string_view raw() const;
  /// The characters of a string, in UTF-8. Empty for anything else.
  std::string text() const;
  bool text_is(std::string_view text) const;
  bool has_escapes() const;       // a string with escapes in the text
  bool has_nul() const;           // a string with U+0000
  bool was_cut() const;           // a string in which a lone surrogate became U+FFFD
  std::size_t text_size() const;  // bytes of text()

  /// An integer in the range of int64, written without fraction and exponent.
  std::optional<std::int64_t> as_int64() const;
  /// A string's text, or an integer's decimal text (any magnitude; no fraction, no exponent, no `-0`). Ids are read
  /// this way.
  std::optional<std::string> as_id() const;

  /// The member with that name, the last one if it is repeated, as in JSON.parse. No value if it is missing or this is
  /// not an object.
  View find(std::string_view name) const;
  /// The members with these names in one pass, each as find() would return it.
  template <std::size_t N>
  std::array<View, N> pick(const std::array<std::string_view, N>& names) const {
    std::array<View, N> found;
    pick(names.data(), N, found.data());
    return found;
  }

  Items items() const;  // items of an array; empty for anything else
  /// The members of an object; empty for anything else. If a name is repeated, only the last such member, as in
  /// JSON.parse.
  Members members() const;

 private:
  friend class Document;
  friend std::size_t written_size(View value);
  View(Buffers* buffers, std::uint32_t at) : buffers_(buffers), at_(at) {}
  void pick(const std::string_view* names, std::size_t count, View* found) const;

  Buffers* buffers_ = nullptr;
  std::uint32_t at_ = 0;
};

struct ViewMember;

class View::Items {
 public:
  class iterator {
   public:
    iterator(Buffers* buffers, std::uint32_t at) : buffers_(buffers), at_(at) {}
    View operator*() const { return {buffers_, at_}; }
    iterator& operator++();
    bool operator==(const iterator& other) const { return at_ == other.at_; }

   private:
    Buffers* buffers_;
    std::uint32_t at_;
  };
  iterator begin() const { return {buffers_, begin_}; }
  iterator end() const { return {buffers_, end_}; }
  std::size_t count() const;  // linear: counts the items one by one

 private:
  friend class View;
  Items(Buffers* buffers, std::uint32_t begin, std::uint32_t end) : buffers_(buffers), begin_(begin), end_(end) {}
  Buffers* buffers_;
  std::uint32_t begin_, end_;
};

class View::Members {
 public:
  class iterator {
   public:
    iterator(Buffers* buffers, std::uint32_t at, std::uint32_t end);
    ViewMember operator*() const;
    iterator& operator++();
    bool operator==(const iterator& other) const { return at_ == other.at_; }

   private:
    void pass_over_repeated();
    Buffers* buffers_;
    std::uint32_t at_, end_;
  };
  iterator begin() const { return {buffers_, begin_, end_}; }
  iterator end() const { return {buffers_, end_, end_}; }

 private:
  friend class View;
  Members(Buffers* buffers, std::uint32_t begin, std::uint32_t end) : buffers_(buffers), begin_(begin), end_(end) {}
  Buffers* buffers_;
  std::uint32_t begin_, end_;
};

struct ViewMember {
  View name;  // a string
  View value;
};

/// A text that was cut within an emoji has a lone surrogate, such as `"\ud83d"`.
enum class LoneSurrogates { refused, replaced };

struct ReadLimits {
  // for messages of Kafka and clients, and for tokens; a scalar has depth 0, `[]` depth 1
  std::size_t max_depth = 64;
  LoneSurrogates lone_surrogates = LoneSurrogates::refused;
};

/// Properties of all values of a document, including repeated members.
struct Summary {
  std::size_t replaced = 0;     // lone surrogates that became U+FFFD
  bool nul = false;             // a string or a name with U+0000
  bool cut_name = false;        // a name in which a lone surrogate became U+FFFD
  bool unusual_number = false;  // a number with an exponent, or longer than kUsualNumberBytes
};
inline constexpr std::size_t kUsualNumberBytes = 1'000;

/// A copy of the text with the positions of its values. Movable; used by one thread.
class Document {
 public:
  /// Strict RFC 8259: one value, valid UTF-8, nothing after it. The error (kind invalid) says what is wrong and at
  /// which byte, never the content.
  static Result<Document> read(std::string_view text, ReadLimits limits = {});
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  View root() const { return {buffers_.get(), 0}; }
  const Summary& summary() const;

 private:
  explicit Document(std::unique_ptr<Buffers> buffers);
  std::unique_ptr<Buffers> buffers_;
};

/// Compact, as JSON.stringify writes it: no white space, non-ASCII unescaped, `/` not escaped, numbers by their lexeme.
void write_to(std::string& out, View value);
std::string write(View value);
/// The number of bytes that write() would produce.
std::size_t written_size(View value);

}  // namespace nx::json
