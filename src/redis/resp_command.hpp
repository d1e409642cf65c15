#pragma once
// Commands of a client: an array of bulk strings (RESP specification, "Sending commands to a Redis server").

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace nx::redis {

void append_command(std::string& out, std::initializer_list<std::string_view> words);
void append_command(std::string& out, std::span<const std::string> words);

}  // namespace nx::redis
