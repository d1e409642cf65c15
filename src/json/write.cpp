#include <algorithm>

#include "json/buffers.hpp"
#include "json/scalar.hpp"
#include "json/value.hpp"
#include "model/hex.hpp"

namespace nx::json {

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\b':
        out.append("\\b");
        break;
      case '\f':
        out.append("\\f");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        out.append("\\u00");
        append_hex(out, c);
    }
  }
  out.append(text.substr(plain));
  out.push_back('"');
}

namespace {

/// A string without escapes is copied unchanged.
void write_string(std::string& out, View string) {
  if (string.has_escapes()) {
    append_string(out, string.text());
  } else {
    out.append(string.raw());
  }
}

}  // namespace

// Recursion is bounded: a Value is made by parse(), which limits the depth, or by our own code.
void write_to(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      out.append("null");
      break;
    case Kind::boolean:
      out.append(value.as_bool() ? "true" : "false");
      break;
    case Kind::number:
      out.append(value.text());
      break;
    case Kind::string:
      append_string(out, value.text());
      break;
    case Kind::array: {
      out.push_back('[');
      bool first = true;
      for (const Value& item : value.items()) {
        if (!std::exchange(first, false)) out.push_back(',');
        write_to(out, item);
      }
      out.push_back(']');
      break;
    }
    case Kind::object: {
      out.push_back('{');
      bool first = true;
      for (const Member& member : value.members()) {
        if (!std::exchange(first, false)) out.push_back(',');
        append_string(out, member.name);
        out.push_back(':');
        write_to(out, member.value);
      }
      out.push_back('}');
      break;
    }
  }
}

// The depth that read() allows bounds the recursion.
void write_to(std::string& out, View value) {
  switch (value.kind()) {
    case Kind::null:
      out.append("null");
      break;
    case Kind::boolean:
    case Kind::number:
      out.append(value.raw());
      break;
    case Kind::string:
      write_string(out, value);
      break;
    case Kind::array: {
      out.push_back('[');
      bool first = true;
      for (const View item : value.items()) {
        if (!std::exchange(first, false)) out.push_back(',');
        write_to(out, item);
      }
      out.push_back(']');
      break;
    }
    case Kind::object: {
      out.push_back('{');
      bool first = true;
      for (const auto& [name, member] : value.members()) {
        if (!std::exchange(first, false)) out.push_back(',');
        write_string(out, name);
        out.push_back(':');
        write_to(out, member);
      }
      out.push_back('}');
      break;
    }
  }
}

std::size_t written_size(View value) {
  if (!value) return std::string_view("null").size();
  Buffers& buffers = *value.buffers_;
  const std::uint32_t end = buffers.nodes[value.at_].next;
  std::size_t size = 0;
  // The number of values without a preceding comma or colon: the value itself, and the first of each container.
  std::size_t first = 1;
  for (std::uint32_t at = value.at_; at < end; ++at) {
    const Node& node = buffers.nodes[at];
    switch (node.kind) {
      case Kind::object:
        mark_repeated(buffers, at);
        [[fallthrough]];
      case Kind::array:
        size += 2;
        if (node.next != at + 1) ++first;
        break;
      case Kind::string:
        if ((node.flags & Node::kRepeated) != 0 && at != value.at_) {
          at = buffers.nodes[at + 1].next - 1;  // a member that is repeated later
          continue;
        }
        size +=
            (node.flags & Node::kEscaped) == 0 ? node.end - node.begin : written_size_of_escaped(buffers.slice(node));
        break;
      default:
        size += node.end - node.begin;
    }
    ++size;
  }
  return size - first;
}

std::string write(View value) {
  std::string out;
  out.reserve(value.raw().size());
  write_to(out, value);
  return out;
}

std::string write(const Value& value) {
  std::string out;
  write_to(out, value);
  return out;
}

}  // namespace nx::json
