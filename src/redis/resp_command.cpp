#include "redis/resp_command.hpp"

namespace nx::redis {
namespace {

template <class Words>
void append(std::string& out, const Words& words) {
  out += '*' + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words) {
    out += '$' + std::to_string(word.size()) + "\r\n";
    out += word;
    out += "\r\n";
  }
}

}  // namespace

void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  append(out, words);
}

void append_command(std::string& out, std::span<const std::string> words) {
  append(out, words);
}

}  // namespace nx::redis
