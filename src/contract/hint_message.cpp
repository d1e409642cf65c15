#include "contract/hint_message.hpp"

#include <charconv>

#include <fmt/core.h>

#include "contract/bus_channels.hpp"
#include "json/value.hpp"

namespace nx::contract {
namespace {

/// Parses the exact text step by step; after a failed step all further steps fail.
class Walk {
 public:
  explicit Walk(std::string_view text) : rest_(text) {}

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  /// Reads a JSON string as a view into the text; only a string with escapes is copied into `store`.
  bool string(std::string_view& into, std::string& store) {
    if (!literal("\"")) return false;
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) return false;
    into = rest_.substr(0, end);
    if (into.find('\\') != std::string_view::npos) return escaped_string(into, store);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool integer(std::int64_t& into) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), into);
    if (error != std::errc{}) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  bool escaped_string(std::string_view& into, std::string& store) {
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2U : 1U;
    if (end >= rest_.size()) return false;
    const auto parsed = json::Document::read('"' + std::string(rest_.substr(0, end + 1)));
    if (!parsed) return false;
    store = parsed->root().text();
    into = store;
    rest_.remove_prefix(end + 1);
    return true;
  }

  std::string_view rest_;
};

tl::unexpected<Error> malformed(const char* what) {
  return fail(ErrorKind::invalid, fmt::format("{}: {}", kUsersChannel, what));
}

void append_members(std::string& out, std::string_view server_id, const UserId& user) {
  out += R"({"serverId":)";
  json::append_string(out, server_id);
  out += R"(,"type":"user","target":)";
  json::append_string(out, user.value);
  out += ',';
}

}  // namespace

std::string user_envelope(std::string_view server_id, const UserId& user, std::string_view frame) {
  std::string text;
  text.reserve(frame.size() + 160);
  append_members(text, server_id, user);
  text += frame.substr(1);
  return text;
}

std::string user_hint_envelope(std::string_view server_id, const UserId& user, std::string_view head, std::int64_t seq,
                               std::int64_t unread, EpochMs recorded) {
  std::string text = user_envelope(server_id, user, head);
  text += R"(,"seq":)" + std::to_string(seq) + R"(,"unread":)" + std::to_string(unread) + R"(,"recorded":)" +
          std::to_string(recorded.value) + '}';
  return text;
}

UsersMessage::UsersMessage(std::string_view server_id, EpochMs recorded) {
  text_ = R"({"serverId":)";
  json::append_string(text_, server_id);
  text_ += R"(,"recorded":)" + std::to_string(recorded.value) + R"(,"users":[)";
}

void UsersMessage::add(const UserId& user, std::int64_t seq, std::int64_t unread) {
  if (users_++ > 0) text_ += ',';
  json::append_string(text_, user.value);
  text_ += ',' + std::to_string(seq) + ',' + std::to_string(unread);
}

std::string UsersMessage::finish(std::string_view head) {
  text_ += R"(],"hint":)";
  text_ += head;
  text_ += "}}";
  users_ = 0;
  return std::move(text_);
}

Result<std::string_view> users_message_sender(std::string_view text) {
  Walk walk(text);
  std::string_view sender;
  std::string store;
  if (!walk.literal(R"({"serverId":)") || !walk.string(sender, store) || !store.empty())
    return malformed("no serverId");
  return sender;
}

Result<UsersHead> read_users_message(std::string_view text, const UserVisitor& visit) {
  Walk walk(text);
  UsersHead head;
  std::string store;
  if (!walk.literal(R"({"serverId":)") || !walk.string(head.server_id, store) || !store.empty()) {
    return malformed("no serverId");
  }
  if (!walk.literal(R"(,"recorded":)") || !walk.integer(head.recorded.value)) return malformed("no recorded");
  if (!walk.literal(R"(,"users":[)")) return malformed("no users");
  if (!walk.literal("]")) {
    do {
      std::string_view user;
      std::int64_t seq = 0, unread = 0;
      if (!walk.string(user, store) || !walk.literal(",") || !walk.integer(seq) || !walk.literal(",") ||
          !walk.integer(unread) || seq < 0 || unread < 0) {
        return malformed("a user is not id, seq, unread");
      }
      visit(user, seq, unread);
    } while (walk.literal(","));
    if (!walk.literal("]")) return malformed("the users have no end");
  }
  if (!walk.literal(R"(,"hint":{)") || !walk.rest().ends_with("}}")) return malformed("no hint");
  head.hint = text.substr(text.size() - walk.rest().size() - 1);
  head.hint.remove_suffix(2);
  return head;
}

}  // namespace nx::contract
