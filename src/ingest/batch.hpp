#pragma once
// Records of one partition that a worker stores together. A batch belongs to one thread at a time: to the poller, or to
// a worker.

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
  std::uint64_t lane = 0;  // the number of the lane: a partition that was revoked and assigned again has another lane
  Stage stage = Stage::storing;
  bool waited = false;  // another attempt at messages that were set aside
  bool shared = false;  // stored in one transaction with other batches, which may be the cause if it fails

  std::vector<Record> records;  // by offset; the worker receives no record that is done
  // The input of Notify for the records to store, and the index of each one's record.
  std::vector<Activity> activities;
  std::vector<std::size_t> record_indexes;

  // The results.
  delivery::Part part;
  std::vector<DeadLetterOutcome> outcomes;  // one for each dead letter, in order
  std::string broken;                       // the exception that ended the worker's call

  void add(Record record) {
    if (record.step == Record::Step::store) {
      activities.push_back(std::move(record.activity));
      record_indexes.push_back(records.size());
    }
    records.push_back(std::move(record));
  }
};

}  // namespace nx::ingest
