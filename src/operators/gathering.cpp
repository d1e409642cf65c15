#include "operators/gathering.hpp"

#include <iterator>

namespace nx::operators {

void Gathering::expect(std::vector<std::string> instances) {
  for (std::string& instance : instances) {
    if (!answered_.contains(instance)) expected_.insert(std::move(instance));
  }
}

void Gathering::add(contract::OperatorAnswer answer) {
  if (answered_.contains(answer.from)) return;
  auto part = partial_.find(answer.from);
  if (part == partial_.end()) {
    if (!expected_.contains(answer.from) && unexpected_++ >= kMaxUnexpected) return;
    part = partial_.emplace(answer.from, Part{}).first;
  }
  if (!part->second.slices.insert(answer.slice).second) return;
  contract::Findings& findings = part->second.findings;
  findings.count = answer.findings.count;
  for (contract::ClientRecord& client : answer.findings.clients) {
    if (findings.clients.size() <= limit_) findings.clients.push_back(std::move(client));
  }
  for (const contract::PushRecord& push : answer.findings.pushes) {
    if (findings.pushes.size() < contract::kMaxPushesAsked) findings.pushes.push_back(push);
  }
  if (answer.findings.records_since) findings.records_since = answer.findings.records_since;
  if (answer.findings.instance) findings.instance = std::move(answer.findings.instance);
  if (part->second.slices.size() < answer.slices) return;
  const contract::Findings whole = std::move(findings);
  partial_.erase(part);
  expected_.erase(answer.from);
  answered_.insert(answer.from);
  merge(answer.from, whole);
}

void Gathering::merge(const std::string& instance, contract::Findings findings) {
  gathered_.count += findings.count;
  if (findings.count > 0) gathered_.instances.push_back(instance);
  for (const contract::PushRecord& push : findings.pushes) gathered_.pushes.push_back({instance, push});
  if (findings.records_since) gathered_.records_since.emplace(instance, *findings.records_since);
  if (findings.instance) {
    gathered_.described.emplace(instance, *std::move(findings.instance));
    if (gathered_.described.size() > kMostInstancesTold)
      gathered_.described.erase(std::prev(gathered_.described.end()));
  }
  for (contract::ClientRecord& client : findings.clients) {
    std::pair<std::string, std::string> place{instance, client.id.value};
    clients_.insert_or_assign(std::move(place), std::move(client));
    if (clients_.size() > limit_ + 1) clients_.erase(std::prev(clients_.end()));
  }
}

Gathered Gathering::finish() && {
  gathered_.more = clients_.size() > limit_;
  if (gathered_.more) clients_.erase(std::prev(clients_.end()));
  for (auto& [place, client] : clients_) gathered_.clients.push_back({place.first, std::move(client)});
  gathered_.missing.assign(expected_.begin(), expected_.end());
  return std::move(gathered_);
}

contract::OperatorAsk for_instance(contract::OperatorAsk ask, const std::string& instance) {
  auto* list = std::get_if<contract::ListClients>(&ask);
  if (list == nullptr || !list->after) return ask;
  if (instance < list->after->instance) list->limit = 0;
  if (instance != list->after->instance) list->after.reset();
  return ask;
}

}  // namespace nx::operators
