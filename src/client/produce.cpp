#include "client/produce.hpp"

#include "contract/activity_message.hpp"

namespace nx::client {

Result<ProduceReport> produce(const kafka::ProducerOptions& options,
                              const std::function<std::optional<std::string>()>& next_line) {
  auto producer = kafka::Producer::make(options);
  if (!producer) return error_of(producer);
  ProduceReport report;
  std::int64_t number = 0;
  while (const auto line = next_line()) {
    ++number;
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto activity = contract::decode_activity(*line, {});
    if (!activity) {
      report.refused.push_back({number, activity.error().message});
      continue;
    }
    const std::string key = activity->organizer_id.value_or(activity->merchant_id.value_or(""));
    if (const auto sent = producer->send(key, *line); !sent) return error_of(sent);
    ++report.produced;
  }
  return report;
}

}  // namespace nx::client
