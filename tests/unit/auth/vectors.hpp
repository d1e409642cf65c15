#pragma once
// The reference's vectors, read at run time.

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "json/value.hpp"

namespace nx {

inline json::Value vectors(const std::string& name) {
  std::ifstream file(SIGNAL_SOURCE_DIR "/tests/vectors/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  auto value = json::parse(text.str());
  if (!value) throw std::runtime_error(name + ": " + value.error().message);
  return std::move(*value);
}

inline const json::Value& at(const json::Value& value, std::string_view name) {
  const json::Value* member = value.find(name);
  if (member == nullptr) throw std::runtime_error("no member " + std::string(name));
  return *member;
}

inline std::string text_at(const json::Value& value, std::string_view name) {
  return at(value, name).text();
}

}  // namespace nx
