#pragma once
// The description of this instance for operators (docs/protocol.md#operators-the-instances).

#include <string>

#include "app/metrics.hpp"
#include "contract/instance_record.hpp"
#include "model/time.hpp"

namespace nx::app {

struct InstanceFacts {
  std::string address;
  EpochMs started_at;
};

contract::InstanceRecord instance_description(const InstanceFacts& facts, const MetricSources& sources);

}  // namespace nx::app
