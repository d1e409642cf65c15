// signal:operators and signal:answers: whatever comes is refused, or is what would be written again.

#include <cstdlib>

#include "contract/operator_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nx::contract;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto question = read_question(text)) {
    const auto again = read_question(question_text(*question));
    if (!again || *again != *question) std::abort();
  }
  if (const auto answer = read_answer(text)) {
    if (answer->findings.clients.size() > kMaxClientsAsked || answer->slice >= answer->slices) std::abort();
    Findings read{.count = answer->findings.count, .clients = {}};
    for (const std::string& slice : answer_texts(answer->id, answer->from, answer->findings)) {
      auto again = read_answer(slice);
      if (!again) std::abort();
      for (ClientRecord& client : again->findings.clients) read.clients.push_back(std::move(client));
    }
    if (read != answer->findings) std::abort();
  }
  return 0;
}
