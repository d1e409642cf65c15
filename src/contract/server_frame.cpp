#include "contract/server_frame.hpp"

#include <array>
#include <charconv>

#include "json/value.hpp"

namespace nx::contract {

namespace {

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string connected_frame(const Connected& values) {
  std::string out = R"({"event":"connected","data":{"id":)";
  json::append_string(out, values.client_id);
  out += R"(,"userId":)";
  if (values.user_form == IdForm::number) {
    out += values.user_id;
  } else {
    json::append_string(out, values.user_id);
  }
  out += R"(,"time":")" + iso8601(values.time) + R"(","serverPublicKey":")";
  out += values.server_public_key;
  out += R"(","salt":")";
  out += values.salt;
  out += R"("}})";
  return out;
}

std::string error_frame(std::string_view message) {
  std::string out = R"({"event":"error","data":{"message":)";
  json::append_string(out, message);
  out += "}}";
  return out;
}

std::string pong_frame(std::string_view id_json, EpochMs time) {
  std::string out = R"({"event":"pong","data":{)";
  if (!id_json.empty()) {
    out += R"("id":)";
    out += id_json;
    out += ',';
  }
  out += R"("time":")" + iso8601(time) + R"("}})";
  return out;
}

std::string refreshed_frame(EpochMs expires_at) {
  return R"({"event":"refreshed","data":{"expiresAt":")" + iso8601(expires_at) + R"("}})";
}

std::string caught_up_frame(const CaughtUp& values) {
  std::string out = R"({"event":"caught-up","data":{"count":)";
  append_number(out, static_cast<std::int64_t>(values.count));
  out += values.complete ? R"(,"complete":true,"seq":)" : R"(,"complete":false,"seq":)";
  append_number(out, values.seq);
  out += R"(,"unread":)";
  if (values.unread) {
    append_number(out, *values.unread);
  } else {
    out += "null";
  }
  if (!values.epoch.empty()) out += R"(,"epoch":")" + values.epoch + '"';
  out += "}}";
  return out;
}

void append_hint_tail(std::string& out, std::int64_t seq, std::int64_t unread) {
  out += R"(,"seq":)";
  append_number(out, seq);
  out += R"(,"unread":)";
  append_number(out, unread);
  out += '}';
}

}  // namespace nx::contract
