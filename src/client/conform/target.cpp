#include "client/conform/target.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "client/conform/finding.hpp"

namespace nx::client::conform {
namespace {

constexpr std::size_t kMaxAnswer = 8 * 1024 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Returns true when the answer is complete: its head, and as many bytes as Content-Length says. An upgrade has no
/// body.
bool is_whole(const HttpAnswer& answer) {
  if (answer.status == 101) return true;
  const std::string length = answer.header("content-length");
  return !length.empty() && answer.body.size() >= number(length);
}

void split(const std::string& input, HttpAnswer& answer) {
  const std::size_t end = input.find("\r\n\r\n");
  if (end == std::string::npos) return;
  answer.head = input.substr(0, end + 2);
  answer.body = input.substr(end + 4);
  answer.status = static_cast<int>(number(std::string_view(answer.head).substr(std::min<std::size_t>(9, end))));
}

}  // namespace

std::string HttpAnswer::header(std::string_view name) const {
  for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = std::string_view(head).substr(at, head.find("\r\n", at) - at);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || lower(line.substr(0, colon)) != name) continue;
    const std::size_t first = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    return std::string(line.substr(first));
  }
  return {};
}

HttpAnswer Target::ask(std::string_view method, std::string_view resource, const Headers& headers,
                       std::string_view body) const {
  auto connected = stream::ByteStream::connect({url.host, url.port, url.secure}, trust, soon(), stop);
  if (!connected) throw Differs{"a connection", connected.error().message};
  stream::ByteStream& stream = *connected;
  std::string request = std::string(method) + " " + std::string(resource) + " HTTP/1.1\r\nHost: " + url.authority();
  for (const auto& [name, value] : headers) request.append("\r\n").append(name).append(": ").append(value);
  if (!body.empty()) request += "\r\nContent-Length: " + std::to_string(body.size());
  request += "\r\n\r\n";
  request += body;
  if (const auto sent = stream.write(request, soon()); !sent) throw Differs{"an HTTP answer", sent.error().message};

  std::string input;
  HttpAnswer answer;
  std::array<char, 16 * 1024> block;
  for (const stream::Deadline deadline = soon(); !is_whole(answer) && input.size() < kMaxAnswer;) {
    const auto read = stream.read(block, deadline);
    if (!read || read->state != stream::ByteStream::Reading::bytes) break;
    input.append(block.data(), read->size);
    split(input, answer);
    if (method == "HEAD" && answer.status != 0) break;
  }
  demand(answer.status != 0, "an HTTP answer", input.empty() ? "nothing" : input.substr(0, 200));
  return answer;
}

Headers upgrade_headers() {
  return {{"Upgrade", "websocket"},
          {"Connection", "Upgrade"},
          {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
          {"Sec-WebSocket-Version", "13"}};
}

}  // namespace nx::client::conform
