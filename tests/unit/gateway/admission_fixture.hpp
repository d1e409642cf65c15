#pragma once
// Connections that arrive, and those that are told to yield.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/admission.hpp"

namespace nx::gateway {

using Verdict = Admission::Verdict;
using Place = Admission::Place;

class TestHome final : public Admission::Home {
 public:
  void yield_later(fanout::SlotKey key, bool upgraded, Yield why) override {
    told.push_back(key.slot);
    as_stream.push_back(upgraded);
    reasons.push_back(why);
  }
  std::vector<std::uint32_t> told;
  std::vector<bool> as_stream;
  std::vector<Yield> reasons;
};

class TestWaiter final : public Admission::Waiter {
 public:
  void room_later() override { ++told; }
  int told = 0;
};

inline transport::IpAddress address(const std::string& text) {
  return *transport::IpAddress::parse(text);
}

class AdmissionTest : public testing::Test {
 protected:
  /// A connection in the next slot.
  Place arrive(Admission& admission, const std::string& from = "192.0.2.1", AddressRule rule = AddressRule::exempt) {
    Place place = admission.enter(address(from), rule, home);
    place.set_key({.slot = next++, .generation = 1});
    return place;
  }
  /// The same, upgraded, before `authenticate`.
  Place shake(Admission& admission, const std::string& from = "192.0.2.1", AddressRule rule = AddressRule::exempt) {
    Place place = arrive(admission, from, rule);
    verdict = place.upgrade(nullptr);
    if (verdict == Verdict::admitted) place.set_key({.slot = next++, .generation = 1});
    return place;
  }

  TestHome home;
  std::uint32_t next = 0;
  Verdict verdict = Verdict::admitted;
};

}  // namespace nx::gateway
