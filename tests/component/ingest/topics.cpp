#include "component/ingest/topics.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "component/eventually.hpp"

namespace nx::ingest::testing {
namespace {

using nx::testing::eventually;

struct DestroyAdmin {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_DeleteTopic_t* topic) const { rd_kafka_DeleteTopic_destroy(topic); }
};
template <class Handle>
using Admin = std::unique_ptr<Handle, DestroyAdmin>;

/// What the broker answers to one request of librdkafka's admin interface; null: nothing.
template <class Asked>
Admin<rd_kafka_event_t> answer_to(void (*request)(rd_kafka_t*, Asked**, std::size_t, const rd_kafka_AdminOptions_t*,
                                                  rd_kafka_queue_t*),
                                  rd_kafka_t* client, Asked* asked) {
  const kafka::Handle<rd_kafka_queue_t> queue{rd_kafka_queue_new(client)};
  request(client, &asked, 1, nullptr, queue.get());
  return Admin<rd_kafka_event_t>{rd_kafka_queue_poll(queue.get(), 100'000)};
}

}  // namespace

kafka::ClientHandle quiet_producer(const std::string& brokers, const std::map<std::string, std::string>& more) {
  kafka::ConfHandle conf{rd_kafka_conf_new()};
  EXPECT_TRUE(kafka::set(conf.get(), "bootstrap.servers", brokers));
  EXPECT_TRUE(kafka::set(conf.get(), "max.in.flight", "1"));  // a request that is tried again must not overtake
  for (const auto& [name, value] : more) EXPECT_TRUE(kafka::set(conf.get(), name.c_str(), value));
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  return std::move(*kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf)));
}

Topics::Topics(const std::string& brokers) : client_(quiet_producer(brokers)) {}

void Topics::create(const std::string& topic, int partitions, const std::map<std::string, std::string>& config) {
  std::array<char, 256> reason{};
  std::string why;
  // A topic that was just deleted may still be known for a moment.
  const bool done = eventually([&] {
    const Admin<rd_kafka_NewTopic_t> wanted{
        rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, reason.data(), reason.size())};
    for (const auto& [name, value] : config) rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
    const auto answer = answer_to(rd_kafka_CreateTopics, client_.get(), wanted.get());
    if (!answer) return false;
    std::size_t count = 0;
    const auto* result = rd_kafka_event_CreateTopics_result(answer.get());
    if (result == nullptr) return false;
    const auto** results = rd_kafka_CreateTopics_result_topics(result, &count);
    const bool made = count == 1 && rd_kafka_topic_result_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!made && count == 1) why = rd_kafka_err2str(rd_kafka_topic_result_error(results[0]));
    return made;
  });
  ASSERT_TRUE(done) << topic << ": " << why;
  // The controller has made it; the broker hears of that a moment later.
  ASSERT_TRUE(eventually([&] { return has_leaders(topic, partitions); })) << topic << " has no leaders";
}

Topics::Metadata Topics::metadata_of(const std::string& topic) {
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> named{
      rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr), &rd_kafka_topic_destroy};
  const rd_kafka_metadata_t* raw = nullptr;
  rd_kafka_metadata(client_.get(), 0, named.get(), &raw, 10'000);
  return {raw, &rd_kafka_metadata_destroy};
}

bool Topics::is_gone(const std::string& topic) {
  const Metadata metadata = metadata_of(topic);
  return metadata && metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

bool Topics::has_leaders(const std::string& topic, int partitions) {
  const Metadata metadata = metadata_of(topic);
  if (!metadata || metadata->topic_cnt != 1 || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const auto& found = metadata->topics[0];
  return found.partition_cnt == partitions &&
         std::all_of(found.partitions, found.partitions + found.partition_cnt,
                     [](const rd_kafka_metadata_partition_t& one) { return one.leader >= 0; });
}

void Topics::remove(const std::string& topic) {
  const Admin<rd_kafka_DeleteTopic_t> wanted{rd_kafka_DeleteTopic_new(topic.c_str())};
  const auto answer = answer_to(rd_kafka_DeleteTopics, client_.get(), wanted.get());
  ASSERT_TRUE(answer);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(answer.get());
  ASSERT_NE(result, nullptr);
  const auto** results = rd_kafka_DeleteTopics_result_topics(result, &count);
  ASSERT_EQ(count, 1U);
  ASSERT_EQ(rd_kafka_topic_result_error(results[0]), RD_KAFKA_RESP_ERR_NO_ERROR);
  // The controller has removed it; until the broker hears of that it takes messages.
  ASSERT_TRUE(eventually([&] { return is_gone(topic); })) << topic << " is still known";
}

namespace {

/// The one rule that forbids everybody else: where there is any, who is in none is refused.
std::unique_ptr<rd_kafka_AclBinding_t, void (*)(rd_kafka_AclBinding_t*)> nobody_else(rd_kafka_ResourceType_t type,
                                                                                     const std::string& name,
                                                                                     bool as_filter) {
  std::array<char, 256> reason{};
  const auto make = as_filter ? rd_kafka_AclBindingFilter_new : rd_kafka_AclBinding_new;
  return {make(type, name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, "User:nobody", "*", RD_KAFKA_ACL_OPERATION_ALL,
               RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, reason.data(), reason.size()),
          rd_kafka_AclBinding_destroy};
}

}  // namespace

void Topics::forbid(rd_kafka_ResourceType_t type, const std::string& name) {
  const auto rule = nobody_else(type, name, false);
  const auto answer = answer_to(rd_kafka_CreateAcls, client_.get(), rule.get());
  ASSERT_TRUE(answer);
  std::size_t count = 0;
  const auto** results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(answer.get()), &count);
  ASSERT_EQ(count, 1U);
  ASSERT_EQ(rd_kafka_acl_result_error(results[0]), nullptr);
}

void Topics::allow(rd_kafka_ResourceType_t type, const std::string& name) {
  const auto rule = nobody_else(type, name, true);
  const auto answer = answer_to(rd_kafka_DeleteAcls, client_.get(), rule.get());
  ASSERT_TRUE(answer);
  std::size_t count = 0;
  const auto** results = rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(answer.get()), &count);
  ASSERT_EQ(count, 1U);
  ASSERT_EQ(rd_kafka_DeleteAcls_result_response_error(results[0]), nullptr);
}

}  // namespace nx::ingest::testing
