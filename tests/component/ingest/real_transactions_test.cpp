// Transactional producers: their marks are offsets too.

#include "component/ingest/real_kafka.hpp"

namespace nx::ingest::testing {
namespace {

using std::chrono::seconds;

class RealTransactions : public RealKafka {
 protected:
  void SetUp() override {
    topics.create(topic, 3);
    kafka::ConfHandle conf{rd_kafka_conf_new()};
    ASSERT_TRUE(kafka::set(conf.get(), "bootstrap.servers", broker.plaintext));
    ASSERT_TRUE(kafka::set(conf.get(), "transactional.id", unique_name("writer")));
    rd_kafka_conf_set_log_cb(conf.get(), nullptr);
    producer_ = std::move(*kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf)));
    must(rd_kafka_init_transactions(producer_.get(), 60'000));
  }

  enum class End { commit, abort };
  void transaction(const std::vector<Sent>& messages, End end) {
    must(rd_kafka_begin_transaction(producer_.get()));
    for (const Sent& one : messages) must(produce(producer_.get(), topic, one));
    ASSERT_EQ(rd_kafka_flush(producer_.get(), 30'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    must(end == End::commit ? rd_kafka_commit_transaction(producer_.get(), 60'000)
                            : rd_kafka_abort_transaction(producer_.get(), 60'000));
  }
  /// Over all partitions, with the marks.
  std::int64_t ends() {
    std::int64_t sum = 0;
    for (int partition = 0; partition < 3; ++partition) {
      std::int64_t low = 0, high = 0;
      EXPECT_EQ(rd_kafka_query_watermark_offsets(producer_.get(), topic.c_str(), partition, &low, &high, 10'000),
                RD_KAFKA_RESP_ERR_NO_ERROR);
      sum += high;
    }
    return sum;
  }
  void expect_all_done(const KafkaConsumer& consumer) {
    EXPECT_TRUE(eventually([&] { return committed(broker.plaintext, topic, group) == ends(); }))
        << committed(broker.plaintext, topic, group) << " of " << ends();
    EXPECT_TRUE(eventually([&] { return consumer.stats().lag_messages == 0; })) << consumer.stats().lag_messages;
  }

 private:
  static void must(rd_kafka_error_t* raw) {
    const kafka::Handle<rd_kafka_error_t> error{raw};
    ASSERT_FALSE(error) << rd_kafka_error_string(error.get());
  }
  kafka::ClientHandle producer_;
};

TEST_F(RealTransactions, AfterACommitAndAnAbortThereIsNoLagAndTheEndIsCommitted) {
  const auto instance = start(options());
  transaction({{.value = message("n0"), .partition = 0}, {.value = message("n1"), .partition = 1}}, End::commit);
  ASSERT_TRUE(eventually([this] { return rows.stored() == 2; }));
  expect_all_done(instance->consumer());

  std::vector<Sent> never(5, {.value = message("never"), .partition = 0});
  transaction(never, End::abort);
  expect_all_done(instance->consumer());

  transaction({{.value = message("n2"), .partition = 0}}, End::commit);
  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));
  expect_all_done(instance->consumer());
  expect_each_once(rows, 3);
}

// It came up behind what it, or a version before it, had committed: marks alone.
TEST_F(RealTransactions, AMemberThatFindsNothingButMarksCommitsTheEnd) {
  {
    const auto instance = start(options());
    transaction({{.value = message("n0"), .partition = 0}}, End::commit);
    ASSERT_TRUE(eventually([this] { return rows.stored() == 1; }));
    expect_all_done(instance->consumer());
  }
  transaction(std::vector<Sent>(3, {.value = message("never"), .partition = 0}), End::abort);

  const auto instance = start(options());
  expect_all_done(instance->consumer());
  EXPECT_EQ(instance->consumer().stats().records, 0U);
}

TEST_F(RealTransactions, WhatIsNotCommittedYetIsNeitherReadNorPassed) {
  const auto instance = start(options());
  transaction({{.value = message("n0"), .partition = 0}}, End::commit);
  ASSERT_TRUE(eventually([this] { return rows.stored() == 1; }));
  expect_all_done(instance->consumer());
  rows.set_away(true);
  transaction({{.value = message("n1"), .partition = 0}}, End::commit);
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().retries > 1; }));
  EXPECT_EQ(committed(broker.plaintext, topic, group), 2) << "the record behind it is not stored";
  rows.set_away(false);
  ASSERT_TRUE(eventually([this] { return rows.stored() == 2; }));
  expect_all_done(instance->consumer());
}

}  // namespace
}  // namespace nx::ingest::testing
