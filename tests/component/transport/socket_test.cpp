#include <fcntl.h>
#include <string>

#include <gtest/gtest.h>

#include "component/transport/socket_pair.hpp"

namespace nx::transport {
namespace {

TEST(Socket, ReadsWritesAndSeesTheEndOfThePeer) {
  Pair pair;
  IoStatus last{};
  EXPECT_EQ(pair.theirs.write("hello").bytes, 5U);
  EXPECT_EQ(read_some(pair.ours, last), "hello");
  EXPECT_EQ(last, IoStatus::would_block);

  pair.theirs.shutdown_write();
  EXPECT_EQ(read_some(pair.ours, last), "");
  EXPECT_EQ(last, IoStatus::closed);
}

TEST(Socket, TakesAPartWhenThePeerDoesNotReadAndThenBlocks) {
  Pair pair;
  const std::string big(10'000'000, 'x');

  const IoResult first = pair.ours.write(big);
  EXPECT_EQ(first.status, IoStatus::done);
  EXPECT_LT(first.bytes, big.size());
  IoResult next = first;
  while (next.status == IoStatus::done) next = pair.ours.write(big);
  EXPECT_EQ(next.status, IoStatus::would_block);
}

TEST(Socket, FailsWithoutASignalWhenThePeerIsGone) {
  Pair pair;
  pair.theirs.close();

  EXPECT_EQ(pair.ours.write("x").status, IoStatus::failed);
  EXPECT_EQ(pair.ours.error(), EPIPE);
}

TEST(Socket, MovesItsDescriptor) {
  Pair pair;
  const int fd = pair.ours.fd();
  Socket moved(std::move(pair.ours));
  EXPECT_EQ(moved.fd(), fd);
  EXPECT_FALSE(pair.ours.is_open());
  moved = Socket();
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1) << "closed";
}

}  // namespace
}  // namespace nx::transport
