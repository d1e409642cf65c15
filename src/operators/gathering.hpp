#pragma once
// Merges the answers to one question, which arrive slice by slice and instance by instance, into one page. Pure; used
// by one thread.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "contract/operator_message.hpp"

namespace nx::operators {

struct LocatedClient {
  std::string instance;
  contract::ClientRecord client;
};

struct LocatedPush {
  std::string instance;
  contract::PushRecord push;
};

inline constexpr std::size_t kMostInstancesTold = 256;

/// The results of all instances that answered.
struct Gathered {
  std::int64_t count = 0;
  std::vector<LocatedClient> clients;            // by instance and id
  bool more = false;                             // there are more after the last of them
  std::vector<std::string> instances;            // instances that found or did something
  std::vector<std::string> missing;              // known instances that did not answer
  std::vector<LocatedPush> pushes;               // pushes of the hint that was asked about
  std::map<std::string, EpochMs> records_since;  // by instance: records of earlier pushes may have been dropped
  std::map<std::string, contract::InstanceRecord> described;  // by id: the first kMostInstancesTold
};

class Gathering {
 public:
  /// A page of `limit` clients; each instance should have been asked for one more.
  explicit Gathering(std::size_t limit) : limit_(limit) {}

  /// Adds instances that are expected to answer.
  void expect(std::vector<std::string> instances);

  /// A slice that was received before is ignored. Only complete answers of an instance count.
  void add(contract::OperatorAnswer answer);

  /// The instance has answered completely.
  bool has_answer_of(const std::string& instance) const { return answered_.contains(instance); }
  /// Some instance found or did something.
  bool found() const { return gathered_.count > 0; }
  /// Every expected instance has answered.
  bool complete() const { return expected_.empty(); }

  Gathered finish() &&;

 private:
  // An instance that announces itself after the question was sent answers, too.
  static constexpr std::size_t kMaxUnexpected = 64;

  struct Part {
    std::set<std::size_t> slices;
    contract::Findings findings;
  };
  void merge(const std::string& instance, contract::Findings findings);

  std::size_t limit_;
  std::size_t unexpected_ = 0;
  std::set<std::string> expected_;       // not answered yet
  std::set<std::string> answered_;       // completely
  std::map<std::string, Part> partial_;  // by instance
  std::map<std::pair<std::string, std::string>, contract::ClientRecord> clients_;
  Gathered gathered_;
};

/// The question as one instance has to answer it. If a list continues after a client of another instance, this instance
/// returns either all its clients or only their count.
contract::OperatorAsk for_instance(contract::OperatorAsk ask, const std::string& instance);

}  // namespace nx::operators
