#include "config/url_redaction.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace nx::config {
namespace {

TEST(UrlRedaction, LosesUserinfoQueryAndFragment) {
  EXPECT_EQ(redact_url("redis://user:pw@host:1/0?x=y"), "redis://***@host:1/0");
  EXPECT_EQ(redact_url("https://host/jw-certs?token=1"), "https://host/jw-certs");
  EXPECT_EQ(redact_url("https://host/jw-certs#token"), "https://host/jw-certs");
  EXPECT_EQ(redact_url("https://host?token=1"), "https://host");
  EXPECT_EQ(redact_url("redis+cluster://:pw@h1:1,h2:2"), "redis+cluster://***@h1:1,h2:2");
  EXPECT_EQ(redact_url("sqlite:/tmp/x"), "sqlite:/tmp/x");
  EXPECT_EQ(redact_url("postgresql:///signal?host=/run"), "postgresql:///signal");
  EXPECT_EQ(redact_url("postgresql://u:p@%2Frun%2Fpostgresql/s"), "postgresql://***@%2Frun%2Fpostgresql/s");
  EXPECT_EQ(redact_url("http://u:pw@[::1]:80/x"), "http://***@[::1]:80/x");
  EXPECT_EQ(redact_url(""), "");
}

TEST(UrlRedaction, OfWhatIsNoUrlShowsTheSchemeAlone) {
  for (const auto& [url, shown] : std::map<std::string, std::string>{{"host=db password=SECRET", "…"},
                                                                     {"u:SECRET@db/s", "…"},
                                                                     {"SECRET", "…"},
                                                                     {"u:SECRET", "…"},
                                                                     {"postgresql:/u:SECRET@db", "postgresql:…"},
                                                                     {"http:/u:SECRET@i/j", "http:…"},
                                                                     {"http://u:SECRET", "http://…"},
                                                                     {"redis://u:a/SECRET", "redis://…"},
                                                                     {"redis://a b SECRET", "redis://…"},
                                                                     {"postgresql:///u:SECRET@db", "postgresql://…"},
                                                                     {"sqlite:/u:SECRET@db", "sqlite:…"},
                                                                     {"SEC RET://u@h", "…"}}) {
    EXPECT_EQ(redact_url(url), shown) << url;
  }
}

TEST(UrlRedaction, ShowsNoPartOfAPasswordThatShouldHaveBeenEscaped) {
  for (const char* url : {"redis://:hun/ter2@host:6379", "redis://:hun?ter2@host:6379", "redis://:hun#ter2@host",
                          "redis://:hun@ter2@host", "redis://:hun/t@er2@host", "postgresql://u:hun@x/ter2@host/db"}) {
    const std::string shown = redact_url(url);
    EXPECT_EQ(shown.find("hun"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("er2"), std::string::npos) << shown;
  }
}

TEST(UrlRedactionShownValue, IsTheValueUnlessAUserAndAPasswordMayStandInIt) {
  for (const char* plain : {"", "host", "10.0.0.0/8", "svc@REALM", "[::1]:9464", "http://h:80/x", "/run/secrets/x"}) {
    EXPECT_EQ(shown_value(plain), plain);
  }
  EXPECT_EQ(shown_value("http://u:123@h/x"), "http://***@h/x");
  EXPECT_EQ(shown_value("http://u:123@"), "http://***@");
  EXPECT_EQ(shown_value("http://u@h"), "http://***@h");
  EXPECT_EQ(shown_value("u:123@h"), "…");
  EXPECT_EQ(shown_value("https://a,https://u:123@h").find("123"), std::string::npos);
}

TEST(UrlRedactionPassword, IsWhatStandsBehindAColonBeforeAnAt) {
  EXPECT_TRUE(url_has_password("redis://:pw@host"));
  EXPECT_TRUE(url_has_password("redis://user:p/w@host"));
  EXPECT_TRUE(url_has_password("redis://user:p?w@host"));
  EXPECT_TRUE(url_has_password("postgresql://host/db?password=pw"));
  EXPECT_TRUE(url_has_password("host=db password=pw"));
  EXPECT_FALSE(url_has_password("redis://host:6379/0"));
  EXPECT_FALSE(url_has_password("redis://user@host:6379"));
  EXPECT_FALSE(url_has_password("sqlite:/tmp/x"));
}

}  // namespace
}  // namespace nx::config
