#include "ingest/paused_partitions.hpp"

namespace nx::ingest {

void PausedPartitions::pause(std::int32_t partition) {
  rd_kafka_pause_partitions(client_, one(partition).get());
  paused_.insert(partition);
}

void PausedPartitions::resume(std::int32_t partition) {
  resume(*one(partition));
}

void PausedPartitions::resume(const rd_kafka_topic_partition_list_t& partitions) {
  const kafka::PartitionList ours{rd_kafka_topic_partition_list_new(partitions.cnt)};
  for (int i = 0; i < partitions.cnt; ++i) {
    const std::int32_t partition = partitions.elems[i].partition;
    if (paused_.erase(partition) == 0) continue;
    rd_kafka_topic_partition_list_add(ours.get(), partitions.elems[i].topic, partition);
  }
  if (ours->cnt > 0) rd_kafka_resume_partitions(client_, ours.get());
}

kafka::PartitionList PausedPartitions::one(std::int32_t partition) const {
  kafka::PartitionList list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
  return list;
}

}  // namespace nx::ingest
