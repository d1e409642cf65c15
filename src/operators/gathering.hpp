#pragma once
// The answers to one question as they come in, slice by slice and instance by instance, merged into one page. Pure; one
// thread.

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

/// What all instances that answered found or did.
struct Gathered {
  std::int64_t count = 0;
  std::vector<LocatedClient> clients;            // by instance and id
  bool more = false;                             // behind the last of them
  std::vector<std::string> instances;            // that found or did something
  std::vector<std::string> missing;              // known, and did not answer
  std::vector<LocatedPush> pushes;               // of the hint that was asked about
  std::map<std::string, EpochMs> records_since;  // by instance: what came before may be forgotten
};

class Gathering {
 public:
  /// A page of `limit`; each instance should have been asked for one client more.
  explicit Gathering(std::size_t limit) : limit_(limit) {}

  /// These are to answer, too.
  void expect(std::vector<std::string> instances);

  /// A slice that came before is passed over. Of an instance counts only what is whole.
  void add(contract::OperatorAnswer answer);

  /// This one has answered whole.
  bool has_answer_of(const std::string& instance) const { return answered_.contains(instance); }
  /// Somebody found or did something.
  bool found() const { return gathered_.count > 0; }
  /// Everybody who is to answer has.
  bool complete() const { return expected_.empty(); }

  Gathered finish() &&;

 private:
  // Who announced itself only after the question was asked answers, too.
  static constexpr std::size_t kMaxUnexpected = 64;

  struct Part {
    std::set<std::size_t> slices;
    contract::Findings findings;
  };
  void merge(const std::string& instance, contract::Findings findings);

  std::size_t limit_;
  std::size_t unexpected_ = 0;
  std::set<std::string> expected_;       // not answered yet
  std::set<std::string> answered_;       // whole
  std::map<std::string, Part> partial_;  // by instance
  std::map<std::pair<std::string, std::string>, contract::ClientRecord> clients_;
  Gathered gathered_;
};

/// The question as an instance answers it: of a list that goes on behind a client of another instance it has all
/// clients to show, or none and only their count.
contract::OperatorAsk for_instance(contract::OperatorAsk ask, const std::string& instance);

}  // namespace nx::operators
