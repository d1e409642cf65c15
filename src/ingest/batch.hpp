#pragma once
// Records of one partition on their way through a worker. It belongs to one thread at a time: to the poller, or to the
// worker that has it.

#include <cstdint>
#include <string>
#include <vector>

#include "delivery/notify.hpp"
#include "ingest/dead_letters.hpp"
#include "ingest/record.hpp"

namespace nx::ingest {

struct Batch {
  enum class Stage { storing, letters };

  std::int32_t partition = 0;
  std::uint64_t lane = 0;  // the lane's number: a partition that was away and came back is another lane
  Stage stage = Stage::storing;
  bool waited = false;  // of messages that were set aside before
  bool shared = false;  // it was stored together with others: what failed may be their fault

  std::vector<Record> records;  // by offset; none is done before the worker had it
  // Of the records to store: what Notify takes, and the index of its record.
  std::vector<Activity> activities;
  std::vector<std::size_t> record_indexes;

  // What became of it.
  delivery::Part part;
  std::vector<DeadLetterOutcome> outcomes;  // of the dead letters, in order
  std::string broken;                       // an exception ended the worker's call

  void add(Record record) {
    if (record.step == Record::Step::store) {
      activities.push_back(std::move(record.activity));
      record_indexes.push_back(records.size());
    }
    records.push_back(std::move(record));
  }
};

}  // namespace nx::ingest
