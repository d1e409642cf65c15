#include "json/document.hpp"

#include <algorithm>
#include <charconv>

#include "json/buffers.hpp"
#include "json/scalar.hpp"

namespace nx::json {
namespace {

// Enough for a client's longest message, whatever it contains: 131,072 bytes, half as many values, a third as many
// members.
constexpr std::size_t kKeptText = 262'144;
constexpr std::size_t kKeptNodes = 65'536 + 512;
constexpr std::size_t kKeptSlots = 65'536;
constexpr std::size_t kKept = 3;  // a token has a header and a payload, and the payload may be encrypted

/// The buffers that earlier documents of this thread left for later ones.
std::vector<std::unique_ptr<Buffers>>& spare() {
  static thread_local std::vector<std::unique_ptr<Buffers>> buffers;
  return buffers;
}

std::unique_ptr<Buffers> borrow() {
  auto& kept = spare();
  if (kept.empty()) return std::make_unique<Buffers>();
  auto buffers = std::move(kept.back());
  kept.pop_back();
  return buffers;
}

void give_back(std::unique_ptr<Buffers> buffers) {
  if (!buffers || spare().size() >= kKept) return;
  const bool small = buffers->text.capacity() <= kKeptText && buffers->nodes.capacity() <= kKeptNodes &&
                     buffers->table.capacity() <= kKeptSlots;
  if (small) spare().push_back(std::move(buffers));
}

/// One of 64 bits, chosen by size and first character.
std::uint64_t look_of(std::string_view name) {
  const unsigned first = name.empty() ? 0 : static_cast<unsigned char>(name.front());
  return std::uint64_t{1} << ((first + 5 * name.size()) & 63U);
}

bool name_is(const Buffers& buffers, const Node& name, std::string_view wanted) {
  const std::string_view raw = buffers.slice(name);
  if ((name.flags & Node::kEscaped) == 0) return raw.substr(1, raw.size() - 2) == wanted;
  if (raw.size() < wanted.size() + 2) return false;  // an escape is never shorter than its character
  std::string text;
  append_unescaped(text, raw);
  return text == wanted;
}

}  // namespace

Document::Document(std::unique_ptr<Buffers> buffers) : buffers_(std::move(buffers)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&& other) noexcept {
  std::swap(buffers_, other.buffers_);
  return *this;
}
Document::~Document() {
  give_back(std::move(buffers_));
}

Result<Document> Document::read(std::string_view text, ReadLimits limits) {
  Document document(borrow());
  if (auto done = read_into(*document.buffers_, text, limits); !done) return error_of(done);
  return document;
}

const Summary& Document::summary() const {
  return buffers_->summary;
}

const Summary& View::summary() const {
  return buffers_->summary;
}

Kind View::kind() const {
  return buffers_ == nullptr ? Kind::null : buffers_->nodes[at_].kind;
}

bool View::is_true() const {
  return kind() == Kind::boolean && raw() == "true";
}

std::string_view View::raw() const {
  return buffers_ == nullptr ? std::string_view{} : buffers_->slice(buffers_->nodes[at_]);
}

std::string View::text() const {
  std::string text;
  if (!is_string()) return text;
  const std::string_view slice = raw();
  if ((buffers_->nodes[at_].flags & Node::kEscaped) == 0) return std::string(slice.substr(1, slice.size() - 2));
  append_unescaped(text, slice);
  return text;
}

bool View::text_is(std::string_view text) const {
  return is_string() && name_is(*buffers_, buffers_->nodes[at_], text);
}

bool View::has_escapes() const {
  return is_string() && (buffers_->nodes[at_].flags & Node::kEscaped) != 0;
}

bool View::has_nul() const {
  return is_string() && (buffers_->nodes[at_].flags & Node::kNul) != 0;
}

bool View::was_cut() const {
  return is_string() && (buffers_->nodes[at_].flags & Node::kCut) != 0;
}

std::size_t View::text_size() const {
  if (!is_string()) return 0;
  return (buffers_->nodes[at_].flags & Node::kEscaped) == 0 ? raw().size() - 2 : text().size();
}

std::optional<std::int64_t> View::as_int64() const {
  if (!is_number()) return std::nullopt;
  const std::string_view lexeme = raw();
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(lexeme.data(), lexeme.data() + lexeme.size(), value);
  if (error != std::errc{} || stop != lexeme.data() + lexeme.size()) return std::nullopt;
  return value;
}

std::optional<std::string> View::as_id() const {
  if (is_string()) return text();
  if (!is_number() || raw() == "-0" || raw().find_first_of(".eE") != std::string_view::npos) return std::nullopt;
  return std::string(raw());
}

View View::find(std::string_view name) const {
  View found;
  pick(&name, 1, &found);
  return found;
}

void View::pick(const std::string_view* names, std::size_t count, View* found) const {
  if (!is_object()) return;
  std::uint64_t looks = 0;  // the bits of the wanted names; they alone exclude nearly every other name
  for (std::size_t i = 0; i < count; ++i) looks |= look_of(names[i]);
  std::string store;
  const auto& nodes = buffers_->nodes;
  const std::uint32_t end = nodes[at_].next;
  for (std::uint32_t at = at_ + 1; at < end; at = nodes[at + 1].next) {
    const Node& name = nodes[at];
    std::string_view text = buffers_->slice(name).substr(1, name.end - name.begin - 2);
    if ((name.flags & Node::kEscaped) != 0) {
      store.clear();
      append_unescaped(store, buffers_->slice(name));
      text = store;
    }
    if ((looks & look_of(text)) == 0) continue;
    for (std::size_t i = 0; i < count; ++i) {
      if (text == names[i]) found[i] = View(buffers_, at + 1);
    }
  }
}

View::Items View::items() const {
  if (!is_array()) return {buffers_, 0, 0};
  return {buffers_, at_ + 1, buffers_->nodes[at_].next};
}

View::Members View::members() const {
  if (!is_object()) return {buffers_, 0, 0};
  mark_repeated(*buffers_, at_);
  return {buffers_, at_ + 1, buffers_->nodes[at_].next};
}

View::Items::iterator& View::Items::iterator::operator++() {
  at_ = buffers_->nodes[at_].next;
  return *this;
}

std::size_t View::Items::count() const {
  std::size_t count = 0;
  for (auto item = begin(); item != end(); ++item) ++count;
  return count;
}

View::Members::iterator::iterator(Buffers* buffers, std::uint32_t at, std::uint32_t end)
    : buffers_(buffers), at_(at), end_(end) {
  pass_over_repeated();
}

ViewMember View::Members::iterator::operator*() const {
  return {View(buffers_, at_), View(buffers_, at_ + 1)};
}

View::Members::iterator& View::Members::iterator::operator++() {
  at_ = buffers_->nodes[at_ + 1].next;
  pass_over_repeated();
  return *this;
}

void View::Members::iterator::pass_over_repeated() {
  while (at_ < end_ && (buffers_->nodes[at_].flags & Node::kRepeated) != 0) at_ = buffers_->nodes[at_ + 1].next;
}

}  // namespace nx::json
