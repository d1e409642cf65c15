#include "transport/http_message.hpp"

#include <gtest/gtest.h>

namespace nx::transport {

TEST(HttpMessageTest, AListIsAllItsLinesInOrder) {
  HttpRequest request;
  request.headers = {{"X-Forwarded-For", "192.0.2.1, 192.0.2.2"}, {"Host", "x"}, {"x-forwarded-for", "192.0.2.3"}};
  EXPECT_EQ(request.list("X-Forwarded-For"), "192.0.2.1, 192.0.2.2,192.0.2.3");
  EXPECT_EQ(request.list("Via"), "");
}

}  // namespace nx::transport
