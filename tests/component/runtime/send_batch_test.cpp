#include "runtime/send_batch.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace nx::runtime {
namespace {

using Backend = SendBatch::Backend;

struct Pair {
  Pair() {
    int fds[2]{};
    // Blocking on purpose: a batch must not wait for a slow peer whatever the descriptor's own mode is.
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
      throw std::system_error(errno, std::generic_category());
    ours = fds[0];
    theirs = fds[1];
  }
  ~Pair() {
    ::close(ours);
    if (theirs >= 0) ::close(theirs);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  std::string received() const {
    std::string all;
    std::string piece(65'536, '\0');
    for (ssize_t got = 0; (got = ::recv(theirs, piece.data(), piece.size(), MSG_DONTWAIT)) > 0;)
      all.append(piece, 0, static_cast<std::size_t>(got));
    return all;
  }
  int ours = -1;
  int theirs = -1;
};

class SendBatchTest : public testing::TestWithParam<Backend> {
 protected:
  SendBatch batch{GetParam()};
};

TEST_P(SendBatchTest, SendsEveryOperationOfBatchesOfAnySize) {
  for (const std::size_t count : {0U, 1U, 2U, 255U, 256U, 257U, 700U}) {
    std::vector<Pair> pairs(count);
    std::vector<std::string> texts;
    std::vector<SendOp> operations;
    for (std::size_t i = 0; i < count; ++i) texts.push_back("text " + std::to_string(i));
    for (std::size_t i = 0; i < count; ++i) operations.push_back({pairs[i].ours, texts[i].data(), texts[i].size()});

    batch.submit(operations);

    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(operations[i].result, static_cast<long>(texts[i].size()));
      ASSERT_EQ(pairs[i].received(), texts[i]);
    }
  }
}

TEST_P(SendBatchTest, ReportsAFullBufferAtOnceAndLosesNothingOfAPartialSend) {
  const std::string big(4'000'000, 'x');
  std::vector<Pair> pairs(5);
  std::vector<SendOp> operations;
  for (const Pair& pair : pairs) operations.push_back({pair.ours, big.data(), big.size()});

  batch.submit(operations);
  for (const SendOp& op : operations) {
    EXPECT_GT(op.result, 0);
    EXPECT_LT(op.result, static_cast<long>(big.size()));
  }
  std::vector<long> taken;
  for (const SendOp& op : operations) taken.push_back(op.result);

  for (SendOp& op : operations) op = {op.fd, "late", 4};
  batch.submit(operations);

  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(operations[i].result, -EAGAIN);
    EXPECT_EQ(pairs[i].received().size(), static_cast<std::size_t>(taken[i]));
  }
}

TEST_P(SendBatchTest, ReportsEachFailureWithItsOwnReasonAndCarriesTheOthersOut) {
  std::vector<Pair> pairs(4);
  ::close(pairs[1].theirs);
  pairs[1].theirs = -1;
  std::vector<SendOp> operations{
      {pairs[0].ours, "a", 1}, {pairs[1].ours, "b", 1}, {-1, "c", 1}, {pairs[2].ours, "d", 1}, {pairs[3].ours, "e", 1}};

  batch.submit(operations);

  EXPECT_EQ(operations[1].result, -EPIPE);
  EXPECT_EQ(operations[2].result, -EBADF);
  EXPECT_EQ(pairs[0].received() + pairs[2].received() + pairs[3].received(), "ade");
}

TEST_P(SendBatchTest, MayBeMadeOnAnotherThreadThanTheOneThatUsesIt) {
  std::vector<Pair> pairs(3);
  std::thread([&] {
    std::vector<SendOp> operations;
    for (const Pair& pair : pairs) operations.push_back({pair.ours, "hello", 5});
    batch.submit(operations);
  }).join();

  for (const Pair& pair : pairs) EXPECT_EQ(pair.received(), "hello");
}

TEST_P(SendBatchTest, KeepsTheOrderOfABatchBehindAnother) {
  std::vector<Pair> pairs(300);
  for (int round = 0; round < 20; ++round) {
    std::vector<SendOp> operations;
    for (const Pair& pair : pairs) operations.push_back({pair.ours, &"0123456789abcdefghij"[round], 1});
    batch.submit(operations);
  }
  for (const Pair& pair : pairs) ASSERT_EQ(pair.received(), "0123456789abcdefghij");
}

TEST(SendBatch, FallsBackToSendWhenTheKernelRefusesARing) {
  SendBatch without_ring_later;
  std::vector<Pair> pairs(3);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  SendBatch without_ring;
  std::vector<SendOp> operations;
  for (const Pair& pair : pairs) operations.push_back({pair.ours, "hello", 5});
  without_ring.submit(operations);
  without_ring_later.submit(operations);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_EQ(without_ring.backend(), Backend::send);
  EXPECT_EQ(without_ring_later.backend(), Backend::send);
  for (const Pair& pair : pairs) EXPECT_EQ(pair.received(), "hellohello");
}

INSTANTIATE_TEST_SUITE_P(Backends, SendBatchTest, testing::Values(Backend::io_uring, Backend::send),
                         [](const testing::TestParamInfo<Backend>& row) {
                           return row.param == Backend::send ? "send" : "io_uring";
                         });

}  // namespace
}  // namespace nx::runtime
