#include "gateway/answer_writer.hpp"

#include <string_view>

#include "model/release.hpp"

namespace nx::gateway {

AnswerWriter::Progress AnswerWriter::write(transport::Socket& socket) {
  const std::size_t before = sent_;
  while (sent_ < output_.size()) {
    const transport::IoResult result = socket.write(std::string_view(output_).substr(sent_));
    if (result.status == transport::IoStatus::would_block) return sent_ == before ? Progress::none : Progress::some;
    if (result.status != transport::IoStatus::done) return Progress::failed;
    sent_ += result.bytes;
  }
  release(output_);
  sent_ = 0;
  return Progress::done;
}

bool AnswerWriter::is_being_read(const transport::Socket& socket, runtime::SteadyTime now,
                                 std::chrono::milliseconds patience) {
  const std::size_t left = socket.unacknowledged();
  if (left == 0 || left < unacknowledged_) read_on_ = now;
  unacknowledged_ = left;
  return now - read_on_ < patience;
}

}  // namespace nx::gateway
