// The examples of docs/protocol.md#the-bus: in fences marked `text bus`, a channel, below it an indented message, and
// behind `→` each frame that clients get, or `dropped`.

#include <fstream>

#include <gtest/gtest.h>

#include "contract/bus_channels.hpp"
#include "contract/bus_envelope.hpp"
#include "contract/hint_message.hpp"

namespace nx::contract {
namespace {

struct Example {
  std::string channel, message;
  std::vector<std::string> frames;
};

std::vector<Example> examples_of(const std::string& path) {
  std::ifstream page(path);
  std::vector<Example> examples;
  std::string channel;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "```text bus" || line == "```") {
      inside = line != "```";
    } else if (!inside) {
      continue;
    } else if (line.starts_with("    ")) {
      examples.push_back({channel, line.substr(4), {}});
    } else if (constexpr std::string_view kArrow = "→ "; line.starts_with(kArrow)) {
      examples.back().frames.push_back(line.substr(kArrow.size()));
    } else {
      channel = line;
    }
  }
  return examples;
}

std::vector<std::string> frames_of(const Example& example) {
  if (example.channel != kUsersChannel) {
    const auto envelope = decode_bus_envelope(example.message);
    return {envelope ? frame_text(*envelope) : "dropped"};
  }
  std::vector<std::string> tails;
  const auto head =
      read_users_message(example.message, [&tails](std::string_view, std::int64_t seq, std::int64_t unread) {
        tails.push_back(R"(,"seq":)" + std::to_string(seq) + R"(,"unread":)" + std::to_string(unread) + '}');
      });
  if (!head) return {"dropped"};
  for (std::string& tail : tails) tail = std::string(head->hint) + tail;
  return tails;
}

TEST(ProtocolExamples, ItsExamplesAreWhatHappens) {
  const auto examples = examples_of(SIGNAL_SOURCE_DIR "/docs/protocol.md");
  ASSERT_GE(examples.size(), 12U);
  for (const Example& example : examples) EXPECT_EQ(frames_of(example), example.frames) << example.message;
}

}  // namespace
}  // namespace nx::contract
