#include "dev/page_files.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace nx::dev {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<web::Asset> find_asset(std::string_view name) {
  return web::find_asset(page_files(), name);
}

TEST(PageFiles, are_the_files_of_the_three_folders_byte_for_byte) {
  std::size_t files = 0;
  for (const char* folder : {SIGNAL_SOURCE_DIR "/src/dev/page", SIGNAL_SOURCE_DIR "/src/dev/generated",
                             SIGNAL_SOURCE_DIR "/src/web/shared"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const auto asset = find_asset(entry.path().filename().string());
      ASSERT_TRUE(asset.has_value()) << entry.path();
      EXPECT_EQ(asset->content, read(entry.path())) << entry.path();
      ++files;
    }
  }
  EXPECT_EQ(files, page_files().size());
  EXPECT_GT(files, 5U);
}

TEST(PageFiles, scripts_and_styles_carry_their_type) {
  EXPECT_EQ(find_asset("main.mjs")->type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find_asset("style.css")->type, "text/css; charset=utf-8");
  EXPECT_EQ(find_asset("icon.svg")->type, "image/svg+xml");
}

TEST(PageFiles, other_names_are_nothing) {
  EXPECT_FALSE(find_asset("").has_value());
  EXPECT_FALSE(find_asset("../identity.cpp").has_value());
}

}  // namespace
}  // namespace nx::dev
