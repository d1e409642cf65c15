#include "component/ingest/real_kafka.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nx::ingest::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

delivery::Pushed push_nothing(const fanout::Payload&, const std::vector<fanout::HintRecipient>& to, EpochMs) {
  return {.here = to.size()};
}

kafka::ClientHandle quiet_producer(const std::string& brokers, const std::map<std::string, std::string>& more = {}) {
  kafka::ConfHandle conf{rd_kafka_conf_new()};
  EXPECT_TRUE(kafka::set(conf.get(), "bootstrap.servers", brokers));
  EXPECT_TRUE(kafka::set(conf.get(), "max.in.flight", "1"));  // a request that is tried again must not overtake
  for (const auto& [name, value] : more) EXPECT_TRUE(kafka::set(conf.get(), name.c_str(), value));
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  return std::move(*kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf)));
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  EXPECT_NE(value, nullptr) << name << " is not set: run through tests/stack/with";
  return value == nullptr ? "" : value;
}

struct DestroyAdmin {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_DeleteTopic_t* topic) const { rd_kafka_DeleteTopic_destroy(topic); }
};
template <class Handle>
using Admin = std::unique_ptr<Handle, DestroyAdmin>;

}  // namespace

Listeners shared_broker() {
  return {.plaintext = environment("NX_TEST_KAFKA"),
          .sasl = environment("NX_TEST_KAFKA_SASL"),
          .ssl = environment("NX_TEST_KAFKA_SSL"),
          .ca = environment("NX_TEST_KAFKA_CA")};
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
    const kafka::Handle<rd_kafka_queue_t> queue{rd_kafka_queue_new(client_.get())};
    rd_kafka_NewTopic_t* asked = wanted.get();
    rd_kafka_CreateTopics(client_.get(), &asked, 1, nullptr, queue.get());
    const Admin<rd_kafka_event_t> answer{rd_kafka_queue_poll(queue.get(), 100'000)};
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
  const kafka::Handle<rd_kafka_queue_t> queue{rd_kafka_queue_new(client_.get())};
  rd_kafka_DeleteTopic_t* asked = wanted.get();
  rd_kafka_DeleteTopics(client_.get(), &asked, 1, nullptr, queue.get());
  const Admin<rd_kafka_event_t> answer{rd_kafka_queue_poll(queue.get(), 100'000)};
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
  const kafka::Handle<rd_kafka_queue_t> queue{rd_kafka_queue_new(client_.get())};
  rd_kafka_AclBinding_t* asked = rule.get();
  rd_kafka_CreateAcls(client_.get(), &asked, 1, nullptr, queue.get());
  const Admin<rd_kafka_event_t> answer{rd_kafka_queue_poll(queue.get(), 100'000)};
  ASSERT_TRUE(answer);
  std::size_t count = 0;
  const auto** results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(answer.get()), &count);
  ASSERT_EQ(count, 1U);
  ASSERT_EQ(rd_kafka_acl_result_error(results[0]), nullptr);
}

void Topics::allow(rd_kafka_ResourceType_t type, const std::string& name) {
  const auto rule = nobody_else(type, name, true);
  const kafka::Handle<rd_kafka_queue_t> queue{rd_kafka_queue_new(client_.get())};
  rd_kafka_AclBinding_t* asked = rule.get();
  rd_kafka_DeleteAcls(client_.get(), &asked, 1, nullptr, queue.get());
  const Admin<rd_kafka_event_t> answer{rd_kafka_queue_poll(queue.get(), 100'000)};
  ASSERT_TRUE(answer);
  std::size_t count = 0;
  const auto** results = rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(answer.get()), &count);
  ASSERT_EQ(count, 1U);
  ASSERT_EQ(rd_kafka_DeleteAcls_result_response_error(results[0]), nullptr);
}

OwnBroker::OwnBroker() {
  std::string pattern = (std::filesystem::temp_directory_path() / "signal-kafka-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no folder for a broker";
  folder_ = pattern;
  std::istringstream lines{run("start")};
  std::map<std::string, std::string> found;
  for (std::string line; std::getline(lines, line);) {
    const auto equal = line.find('=');
    if (equal != std::string::npos) found[line.substr(0, equal)] = line.substr(equal + 1);
  }
  listeners_ = {found["KAFKA_PLAINTEXT"], found["KAFKA_SASL"], found["KAFKA_SSL"], found["KAFKA_CA"]};
}

OwnBroker::~OwnBroker() {
  run("kill9");
  std::filesystem::remove_all(folder_);
}

std::string OwnBroker::run(const std::string& command) {
  // The broker must not keep the pipe open.
  const std::string output = folder_ + "/answer";
  const std::string line = std::string{SIGNAL_SOURCE_DIR} + "/tests/stack/kafka " + folder_ + ' ' + command + " >" +
                           output + " 2>" + folder_ + "/errors";
  EXPECT_EQ(std::system(line.c_str()), 0) << line;
  std::ostringstream text;
  text << std::ifstream{output}.rdbuf();
  return text.str();
}

LogBook::LogBook()
    : path_((std::filesystem::temp_directory_path() / "signal-log-XXXXXX").string()),
      fd_(::mkostemp(path_.data(), O_APPEND)),
      logger_({.level = observe::Level::debug, .format = observe::LogFormat::text, .fd = fd_}) {}

LogBook::~LogBook() {
  if (::testing::Test::HasFailure()) std::fputs(text().c_str(), stderr);
  logger_.flush(seconds{5});
  ::close(fd_);
  std::filesystem::remove(path_);
}

std::string LogBook::text() const {
  logger_.flush(seconds{5});
  std::ostringstream text;
  text << std::ifstream{path_}.rdbuf();
  return text.str();
}

std::vector<std::string> LogBook::lines(const std::string& event) const {
  std::vector<std::string> found;
  std::istringstream all{text()};
  for (std::string line; std::getline(all, line);) {
    if (line.find(' ' + event) != std::string::npos) found.push_back(line);
  }
  return found;
}

Load::Load(const std::string& brokers, const std::string& topic, int per_second)
    : client_(quiet_producer(brokers,
                             {{"enable.idempotence", "true"}, {"message.timeout.ms", "120000"}, {"linger.ms", "5"}})),
      thread_([this, topic, per_second] {
        const auto pause = std::chrono::microseconds{1'000'000 / per_second};
        while (!stopping_.load()) {
          const int number = sent_.load();
          const kafka::Handle<rd_kafka_error_t> error{
              produce(client_.get(), topic, {.value = message("n" + std::to_string(number)), .partition = number % 3})};
          if (!error) sent_.fetch_add(1);
          rd_kafka_poll(client_.get(), 0);
          std::this_thread::sleep_for(pause);
        }
      }) {}

Load::~Load() {
  finish();
}

int Load::finish() {
  stopping_.store(true);
  if (thread_.joinable()) {
    thread_.join();
    EXPECT_EQ(rd_kafka_flush(client_.get(), 60'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  return sent();
}

Instance::Instance(const KafkaOptions& options, MemoryRows& rows, const observe::Logger& log)
    : Instance(options, rows, log, std::make_shared<delivery::NotifyStats>()) {}

Instance::Instance(const KafkaOptions& options, MemoryRows& rows, const observe::Logger& log,
                   const std::shared_ptr<delivery::NotifyStats>& stats)
    : first_(first_resolver_, rows, push_nothing, {}, log, stats),
      second_(second_resolver_, rows, push_nothing, {}, log, stats),
      consumer_(std::make_unique<KafkaConsumer>(options, std::vector{&first_, &second_}, log)) {}

std::string unique_name(const std::string& stem) {
  static std::atomic<int> next{0};
  return stem + '-' + std::to_string(::getpid()) + '-' + std::to_string(now_wall().value) + '-' +
         std::to_string(next.fetch_add(1));
}

void expect_each_once(const MemoryRows& rows, int count) {
  const auto titles = rows.titles();
  EXPECT_EQ(titles.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto found = titles.find("n" + std::to_string(i));
    if (found == titles.end()) {
      ADD_FAILURE() << "lost: n" << i;
    } else if (found->second != 1) {
      ADD_FAILURE() << "stored " << found->second << " times: n" << i;
    }
  }
}

void expect_order(const MemoryRows& rows) {
  std::map<std::string, long> last;
  for (const std::string& source : rows.order()) {
    const auto second = source.find('/', source.find('/') + 1);
    const std::string partition = source.substr(0, second);
    const long offset = std::stol(source.substr(second + 1));
    const auto before = last.find(partition);
    if (before != last.end()) {
      EXPECT_GT(offset, before->second) << partition;
    }
    last[partition] = offset;
  }
}

KafkaOptions RealKafka::options() const {
  KafkaOptions chosen;
  chosen.brokers = broker.plaintext;
  chosen.topic = topic;
  chosen.group_id = group;
  chosen.boot_timeout = seconds{60};
  chosen.commit_interval = milliseconds{100};
  chosen.session_timeout = seconds{6};
  chosen.fetch_wait = milliseconds{50};
  return chosen;
}

std::unique_ptr<Instance> RealKafka::start(const KafkaOptions& chosen) {
  auto instance = std::make_unique<Instance>(chosen, rows, book.log());
  const auto started = instance->start();
  EXPECT_TRUE(started) << started.error().message;
  return instance;
}

}  // namespace nx::ingest::testing
