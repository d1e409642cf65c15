#include "observe/line_writer.hpp"

#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "observe/log.hpp"

namespace nx::observe {
namespace {

using namespace std::chrono_literals;

/// A pipe that is full from the start: whoever writes there waits until somebody reads.
class FullPipe {
 public:
  FullPipe() {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
    const std::string filling(4'096, '.');
    while (::write(ends_[1], filling.data(), filling.size()) > 0) filled_ += filling.size();
    ::fcntl(ends_[1], F_SETFL, 0);
  }
  ~FullPipe() {
    for (const int fd : ends_) ::close(fd);
  }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;

  int in() const { return ends_[1]; }
  /// What came after the filling, up to and with `last`.
  std::string read_until(const std::string& last) {
    while (text_.size() < filled_ || text_.find(last) == std::string::npos) {
      char bytes[4'096];
      const ssize_t got = ::read(ends_[0], bytes, sizeof bytes);
      if (got <= 0) break;
      text_.append(bytes, static_cast<std::size_t>(got));
    }
    return text_.substr(filled_);
  }

 private:
  std::array<int, 2> ends_{};
  std::size_t filled_ = 0;
  std::string text_;
};

TEST(LineWriter, WaitsForNoReaderAndSaysLaterHowManyItDropped) {
  FullPipe pipe;
  LineWriter writer({.fd = pipe.in(), .max_bytes = 50, .dropped_line = [](std::uint64_t n) {
                       return "dropped " + std::to_string(n) + "\n";
                     }});
  writer.add("the first, which the thread has in hand\n");
  while (writer.flush(1ms)) {
  }
  for (int i = 0; i < 1'000; ++i) writer.add("123456789\n");

  const std::uint64_t dropped = writer.dropped();
  EXPECT_GE(dropped, 1'000U - 5 - 5);  // five fit; so do as many more when the thread takes them meanwhile
  EXPECT_LE(dropped, 1'000U - 1);
  const std::string read = pipe.read_until("dropped " + std::to_string(dropped) + "\n");
  EXPECT_EQ(read.substr(0, 10), "the first,");
  EXPECT_NE(read.find("123456789\ndropped "), std::string::npos) << read;
  writer.add("afterwards\n");
  EXPECT_NE(pipe.read_until("afterwards\n").find("afterwards\n"), std::string::npos);
  EXPECT_TRUE(writer.flush(10s));
  EXPECT_EQ(writer.dropped(), dropped);
}

TEST(LineWriter, EndsWhileNobodyReads) {
  auto pipe = std::make_unique<FullPipe>();
  const int in = pipe->in();
  {
    LineWriter writer({.fd = in, .last_lines = 20ms});
    writer.add("never read\n");
    EXPECT_FALSE(writer.flush(20ms));
  }
  EXPECT_NE(pipe->read_until("never read\n").find("never read\n"), std::string::npos);  // and its thread can end
}

TEST(LineWriter, WritesWhatIsQueuedBeforeItEnds) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  {
    LineWriter writer({.fd = ends[1]});
    for (int i = 0; i < 100; ++i) writer.add(std::to_string(i) + "\n");
  }
  char bytes[1'024];
  const ssize_t got = ::read(ends[0], bytes, sizeof bytes);
  EXPECT_EQ(got, 10 * 2 + 90 * 3);
  for (const int fd : ends) ::close(fd);
}

TEST(LineWriter, CountsWhatTheDescriptorRefuses) {
  LineWriter writer({.fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC)});
  writer.add("no space\n");
  EXPECT_TRUE(writer.flush(10s));
  EXPECT_EQ(writer.dropped(), 1U);
}

TEST(LineWriter, WaitsForRoomInANonBlockingPipe) {
  FullPipe pipe;
  ::fcntl(pipe.in(), F_SETFL, O_NONBLOCK);
  LineWriter writer({.fd = pipe.in()});
  writer.add("patience\n");
  EXPECT_FALSE(writer.flush(20ms));
  EXPECT_EQ(pipe.read_until("patience\n"), "patience\n");
}

TEST(LineWriterOfTheLog, DropsAndSaysSoAsALineOfItsOwn) {
  FullPipe pipe;
  const Logger log({.level = Level::info, .fd = pipe.in(), .max_queued = 200});
  for (int i = 0; i < 100; ++i) log.info("token refused", {{"peer", "192.0.2.7"}});
  EXPECT_GT(log.dropped(), 90U);
  const std::string read = pipe.read_until("\"lines\":");
  EXPECT_NE(read.find(R"("level":"warn","event":"log lines dropped: nobody read them in time","lines":)"),
            std::string::npos)
      << read;
}

}  // namespace
}  // namespace nx::observe
