#pragma once
// Records of one partition that a worker stores together. A batch belongs to one thread at a time: to the poller, or to
// a worker.

#include <chrono>
#include <cstdint>
#include <future>
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
  bool waited = false;    // another attempt at messages that were set aside
  bool shared = false;    // stored in one transaction with other batches, which may be the cause if it fails
  bool followed = false;  // completely stored: its lane's next batch is stored while its hints are sent

  // The hints of a partition are sent in the order of its batches, whose workers differ.
  std::shared_future<void> earlier_hints;  // of the lane's batch before; not valid: there is none
  std::promise<void> hints_sent;

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

/// The next batch of its lane is stored alone, so that others do not wait for it.
inline bool is_costly(const delivery::Part& part) {
  constexpr std::chrono::milliseconds kSlowPolicyReads{100};
  return part.resolving > kSlowPolicyReads || !part.poison.empty();
}

}  // namespace nx::ingest
