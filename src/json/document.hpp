#pragma once
// JSON text from outside, read without a tree: one pass of simdjson and ours over it holds it against RFC 8259 and
// notes where each value stands. What is wanted is picked out by name; everything else stays the slice of text that it
// is. Cost: linear in the text, whatever it says; memory: 16 bytes a value, borrowed from the thread and given back.

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

/// A value of a document, or none. Cheap to copy; of use while its document is.
class View {
 public:
  class Items;
  class Members;

  View() = default;
  explicit operator bool() const { return buffers_ != nullptr; }

  Kind kind() const;  // null for none
  bool is_null() const { return kind() == Kind::null; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_number() const { return kind() == Kind::number; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }
  bool is_true() const;
  const Summary& summary() const;  // of the whole document; of a value, not of none

  bool is(View other) const { return buffers_ == other.buffers_ && at_ == other.at_; }  // the same place
  bool is_before(View other) const { return at_ < other.at_; }                          // of one document

  /// As it stands in the text: a number's exact lexeme; a string with its quotes and escapes; a container with the
  /// white space within it. Lone surrogates are `�` already.
  std::string_view raw() const;
  /// A string's characters, UTF-8. Empty for anything else.
  std::string text() const;
  bool text_is(std::string_view text) const;
  bool has_escapes() const;       // a string that stands otherwise in the text than what it means
  bool has_nul() const;           // a string with U+0000
  bool was_cut() const;           // a string in which a lone surrogate became U+FFFD
  std::size_t text_size() const;  // of text(), in bytes

  /// An integer in the range of int64, written without fraction and exponent.
  std::optional<std::int64_t> as_int64() const;
  /// A string's text, or an integer's decimal text (any magnitude; no fraction, no exponent, no `-0`): how ids are
  /// read.
  std::optional<std::string> as_id() const;

  /// The member of that name, the last one as JSON.parse takes it; none when there is none, or this is no object.
  View find(std::string_view name) const;
  /// The members of these names in one pass, as find() would find each.
  template <std::size_t N>
  std::array<View, N> pick(const std::array<std::string_view, N>& names) const {
    std::array<View, N> found;
    pick(names.data(), N, found.data());
    return found;
  }

  Items items() const;  // of an array; none of anything else
  /// Of an object; none of anything else. Of members with one name the last one, as JSON.parse takes it.
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
  std::size_t count() const;  // walks over them

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

enum class LoneSurrogates { refused, replaced };  // `"\ud83d"`: what cutting a text in the middle of an emoji leaves

struct ReadLimits {
  std::size_t max_depth = 64;  // of messages of Kafka, clients and tokens; a scalar has depth 0, `[]` depth 1
  LoneSurrogates lone_surrogates = LoneSurrogates::refused;
};

/// What is somewhere in a document, repeated members included.
struct Summary {
  std::size_t replaced = 0;     // lone surrogates that became U+FFFD
  bool nul = false;             // a string or a name with U+0000
  bool cut_name = false;        // a name in which a lone surrogate became U+FFFD
  bool unusual_number = false;  // one with an exponent, or longer than kUsualNumberBytes
};
inline constexpr std::size_t kUsualNumberBytes = 1'000;

/// A copy of the text with the places of its values. Movable; one thread.
class Document {
 public:
  /// Strict RFC 8259: one value, valid UTF-8, nothing after it. The error (kind invalid) says what is wrong and at
  /// which byte, never with the content.
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

/// Compact, as JSON.stringify writes it: no white space, non-ASCII raw, `/` not escaped, numbers by their lexeme.
void write_to(std::string& out, View value);
std::string write(View value);
/// How many bytes write() would make.
std::size_t written_size(View value);

}  // namespace nx::json
