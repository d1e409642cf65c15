// The routes of the operators' page through the real router.

#include "admin/page_routes.hpp"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>

#include "admin/page_files.hpp"

namespace nx::admin {
namespace {

using testing::HasSubstr;
using testing::Not;
using transport::HttpResponse;

class PageRoutesTest : public testing::Test {
 protected:
  HttpResponse get(const std::string& path) {
    transport::HttpRequest request;
    request.method = "GET";
    request.path = path;
    HttpResponse got;
    router_(std::move(request), loop_, [&got](HttpResponse response) { got = std::move(response); });
    return got;
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& one : response.headers) {
      if (one.name == name) return one.value;
    }
    return {};
  }
  /// Everything that the page names, beginning with /admin.
  std::set<std::string> named() {
    std::set<std::string> wanted{"/admin"};
    std::set<std::string> seen;
    const auto add = [&wanted](const std::string& body, const std::string& before, const std::string& folder) {
      for (std::size_t at = 0; (at = body.find(before, at)) != std::string::npos; ++at) {
        const std::size_t from = at + before.size();
        wanted.insert(folder + body.substr(from, body.find('"', from) - from));
      }
    };
    while (!wanted.empty()) {
      const std::string path = wanted.extract(wanted.begin()).value();
      if (!seen.insert(path).second) continue;
      const HttpResponse response = get(path);
      EXPECT_EQ(response.status, 200) << path;
      add(response.body, "\"/admin/", "/admin/");
      add(response.body, "from \"./", "/admin/");
    }
    return seen;
  }

  runtime::EventLoop loop_{"test"};
  rest::Router router_;
};

TEST_F(PageRoutesTest, ThePageForbidsWhateverIsNotItsOwn) {
  add_page_routes(router_, "/stream");

  const HttpResponse response = get("/admin");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(header(response, "content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
            "trusted-types 'none'");
  EXPECT_EQ(header(response, "cache-control"), "no-store");
  EXPECT_EQ(header(response, "referrer-policy"), "no-referrer");
}

TEST_F(PageRoutesTest, EverythingThatThePageNamesIsThereAndNothingElseIsEmbedded) {
  add_page_routes(router_, "/stream");
  std::set<std::string> files{"/admin"};
  for (const auto& file : page_files()) {
    if (file.name != "index.html") files.insert("/admin/" + std::string(file.name));
  }
  EXPECT_EQ(named(), files);
  EXPECT_GT(files.size(), 10U);
}

TEST_F(PageRoutesTest, ThePageHasThePathOfTheStreamAsTextOfAnAttribute) {
  add_page_routes(router_, "/a&b'\"c");
  const std::string page = get("/admin").body;
  EXPECT_THAT(page, HasSubstr("content=\"/a&amp;b'&quot;c\""));
  EXPECT_THAT(page, Not(HasSubstr("STREAM_PATH")));
}

TEST_F(PageRoutesTest, AnUnknownFileIsNotFound) {
  add_page_routes(router_, "/stream");
  EXPECT_EQ(get("/admin/nothing.mjs").status, 404);
  EXPECT_EQ(get("/admin/../identity.cpp").status, 404);
  EXPECT_EQ(get("/admin/").status, 404);
}

TEST_F(PageRoutesTest, WithoutTheRoutesThereIsNoPage) {
  EXPECT_EQ(get("/admin").status, 404);
}

}  // namespace
}  // namespace nx::admin
