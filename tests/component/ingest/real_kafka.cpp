#include "component/ingest/real_kafka.hpp"

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

delivery::Pushed push_nothing(const fanout::Payload&, const std::vector<fanout::HintRecipient>& to,
                              const fanout::HintOrigin&) {
  return {.here = to.size()};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  EXPECT_NE(value, nullptr) << name << " is not set: run through tests/stack/with";
  return value == nullptr ? "" : value;
}

}  // namespace

Listeners shared_broker() {
  return {.plaintext = environment("NX_TEST_KAFKA"),
          .sasl = environment("NX_TEST_KAFKA_SASL"),
          .ssl = environment("NX_TEST_KAFKA_SSL"),
          .ca = environment("NX_TEST_KAFKA_CA")};
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
