#include "redis/cluster_slots.hpp"

#include <gmock/gmock.h>

namespace nx::redis {
namespace {

Result<ClusterNodes> read(const std::string& text) {
  RespReader reader;
  const auto space = reader.space(text.size());
  std::copy(text.begin(), text.end(), space.begin());
  reader.took(text.size());
  const auto value = reader.next();
  EXPECT_TRUE(value && *value) << "the test's own text";
  return read_cluster_slots(**value, {"asked", 1});
}

const std::string kTwo = "*2\r\n*4\r\n:0\r\n:99\r\n*2\r\n$2\r\nm1\r\n:7001\r\n*2\r\n$2\r\nr1\r\n:7002\r\n";

TEST(ClusterSlots, NamesMastersAndReplicasEachOnce) {
  const auto nodes = read(kTwo + "*3\r\n:100\r\n:199\r\n*2\r\n$2\r\nm1\r\n:7001\r\n");
  ASSERT_TRUE(nodes);
  EXPECT_EQ(nodes->masters, (std::vector<Node>{{"m1", 7001}}));
  EXPECT_EQ(nodes->replicas, (std::vector<Node>{{"r1", 7002}}));
}

TEST(ClusterSlots, AnAbsentHostIsTheNodeThatWasAsked) {
  const auto nodes = read("*1\r\n*3\r\n:0\r\n:99\r\n*2\r\n$-1\r\n:7001\r\n");
  ASSERT_TRUE(nodes);
  EXPECT_EQ(nodes->masters, (std::vector<Node>{{"asked", 7001}}));
}

TEST(ClusterSlots, NamesSoManyMastersOrSoLongAHostThatNoClusterHasIsRefused) {
  const auto masters = [](int count) {
    std::string text = "*" + std::to_string(count) + "\r\n";
    for (int i = 1; i <= count; ++i) text += "*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nm\r\n:" + std::to_string(i) + "\r\n";
    return text;
  };
  EXPECT_TRUE(read(masters(500)));
  EXPECT_FALSE(read(masters(501)));
  const auto host = [](std::size_t bytes) {
    return "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$" + std::to_string(bytes) + "\r\n" + std::string(bytes, 'h') + "\r\n:1\r\n";
  };
  EXPECT_TRUE(read(host(253)));
  EXPECT_FALSE(read(host(254)));
}

TEST(ClusterSlots, ANodeOfUnknownAddressIsPassedOver) {
  for (const char* unknown : {"$0\r\n\r\n:0\r\n", "$1\r\n?\r\n:7003\r\n"}) {
    const auto nodes = read(kTwo + "*3\r\n:100\r\n:199\r\n*2\r\n" + unknown);
    ASSERT_TRUE(nodes) << nodes.error().message;
    EXPECT_EQ(nodes->masters, (std::vector<Node>{{"m1", 7001}}));
  }
  EXPECT_FALSE(read("*1\r\n*3\r\n:0\r\n:99\r\n*2\r\n$0\r\n\r\n:0\r\n")) << "no master that can be reached";
}

TEST(ClusterSlots, WhatIsNoListOfRangesIsAnError) {
  for (const char* text :
       {"-ERR no\r\n", "*0\r\n", "+OK\r\n", "*1\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:99\r\n*2\r\n$1\r\nm\r\n:65536\r\n"}) {
    EXPECT_FALSE(read(text)) << text;
  }
}

TEST(ClusterSlots, NamesTheNodesOfThreeRangesOnce) {
  const auto nodes = read(
      "*3\r\n*4\r\n:0\r\n:100\r\n*3\r\n$8\r\n10.0.0.2\r\n:7001\r\n$1\r\na\r\n*"
      "3\r\n$8\r\n10.0.0.4\r\n:7004\r\n$1\r\nd\r\n"
      "*3\r\n:101\r\n:200\r\n*3\r\n$-1\r\n:7002\r\n$1\r\nb\r\n"
      "*3\r\n:201\r\n:300\r\n*3\r\n$8\r\n10.0.0.2\r\n:7001\r\n$1\r\na\r\n");
  ASSERT_TRUE(nodes) << nodes.error().message;
  EXPECT_EQ(nodes->masters, (std::vector<Node>{{"10.0.0.2", 7001}, {"asked", 7002}}));
  EXPECT_EQ(nodes->replicas, (std::vector<Node>{{"10.0.0.4", 7004}}));
}

TEST(ClusterSlots, RefusesWhatIsUnexpected) {
  for (const char* bytes :
       {"*0\r\n", "+OK\r\n", "*1\r\n:1\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n:2\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n+h\r\n:0\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n+?\r\n:7000\r\n"}) {
    EXPECT_FALSE(read(bytes)) << bytes;
  }
  EXPECT_THAT(read("-ERR This instance has cluster support disabled\r\n").error().message,
              testing::HasSubstr("cluster support disabled"));
}

}  // namespace
}  // namespace nx::redis
