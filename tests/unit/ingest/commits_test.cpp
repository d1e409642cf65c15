#include "ingest/commits.hpp"

#include <gtest/gtest.h>

namespace nx::ingest {
namespace {

using std::chrono::milliseconds;

class CommitsTest : public testing::Test {
 protected:
  void SetUp() override {
    kafka::ConfHandle conf{rd_kafka_conf_new()};
    ASSERT_TRUE(kafka::set(conf.get(), "group.id", "g"));
    client_ = std::move(*kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf)));  // it knows no broker
    commits.assign(client_.get(), *at(0), milliseconds{1});
  }
  /// Partition 0 with that offset.
  static kafka::PartitionList at(std::int64_t offset) {
    kafka::PartitionList list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), "t", 0)->offset = offset;
    return list;
  }
  Commits commits;

 private:
  kafka::ClientHandle client_;
};

TEST_F(CommitsTest, WhatTheBrokersHaveIsNotCommittedAgain) {
  commits.confirm(RD_KAFKA_RESP_ERR_NO_ERROR, *at(100));
  commits.store(0, 100);
  EXPECT_FALSE(commits.waiting());
  commits.store(0, 101);
  EXPECT_TRUE(commits.waiting());
}

TEST_F(CommitsTest, WhatTheBrokersMayNotHaveIs) {
  commits.store(0, 100);
  EXPECT_TRUE(commits.waiting());
}

TEST_F(CommitsTest, OfATopicMadeAgainTheSameOffsetIsAnotherOne) {
  commits.confirm(RD_KAFKA_RESP_ERR_NO_ERROR, *at(100));
  commits.forget({0});
  commits.store(0, 100);
  EXPECT_TRUE(commits.waiting());
}

TEST_F(CommitsTest, WhatTheyRefusedWaitsAgain) {
  commits.confirm(RD_KAFKA_RESP_ERR_NO_ERROR, *at(100));
  commits.confirm(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, *at(200));
  EXPECT_TRUE(commits.waiting());
}

}  // namespace
}  // namespace nx::ingest
