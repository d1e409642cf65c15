#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/gateway/admission_fixture.hpp"

namespace nx::gateway {
namespace {

TEST_F(AdmissionTest, WithoutLimitsNobodyIsAGuest) {
  Admission admission({});
  std::vector<Place> all;
  for (int i = 0; i < 1'000; ++i) all.push_back(shake(admission));
  EXPECT_EQ(admission.stats().handshakes, 1'000U);
  EXPECT_EQ(admission.stats().guests, 0U);
  all.clear();
  EXPECT_EQ(admission.stats().streams, 0U);
}

TEST_F(AdmissionTest, WhenFullTheOneThatShowedNothingUsefulForTheLongestMakesRoom) {
  Admission admission({.connections = 3});
  Place first = arrive(admission);
  const Place second = arrive(admission);
  const Place third = arrive(admission);
  first.busy();
  first.waits();  // its request is answered: the second is the oldest now

  const Place fourth = arrive(admission);

  EXPECT_EQ(home.told, std::vector<std::uint32_t>{1});
  EXPECT_FALSE(fourth.is_guest());
  EXPECT_EQ(admission.stats().for_connection, 1U);
  EXPECT_EQ(admission.stats().requests, 3U);
}

TEST_F(AdmissionTest, ASilentStreamAndOneAtItsEndMakeRoomTooAndAnOpenOneNever) {
  Admission admission({.connections = 3, .by_descriptors = true});
  const Place silent = shake(admission);
  Place ending = shake(admission);
  ending.closing();
  Place open = shake(admission);
  open.authenticating();
  open.opened();

  const Place one = arrive(admission);
  EXPECT_EQ(home.told.back(), 1U);
  EXPECT_TRUE(home.as_stream.back());
  const Place two = arrive(admission);
  EXPECT_EQ(home.told.back(), 3U);
  const Place three = arrive(admission);  // of the newcomers the older
  EXPECT_EQ(home.told.back(), 6U);
  EXPECT_EQ(admission.stats().streams, 1U);
}

TEST_F(AdmissionTest, UnderASettingASilentStreamKeepsItsPlaceUntilDescriptorsRunOut) {
  Admission admission({.connections = 1});
  const Place silent = shake(admission);
  EXPECT_TRUE(arrive(admission).is_guest());
  EXPECT_TRUE(home.told.empty());
  EXPECT_EQ(admission.make_room(8), 1U);
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{1});
}

TEST_F(AdmissionTest, TheAddressThatHoldsMostMakesRoomAndNotWhoCameFirst) {
  Admission admission({.connections = 8});
  const Place early = arrive(admission, "192.0.2.1", AddressRule::counted);
  const Place balancer = arrive(admission, "10.0.0.1", AddressRule::exempt);
  std::vector<Place> many;
  for (int i = 0; i < 6; ++i) many.push_back(arrive(admission, "198.51.100.7", AddressRule::counted));
  many[0].busy();

  std::vector<Place> newcomers;
  for (int i = 0; i < 5; ++i) {
    const std::string own = "203.0.113." + std::to_string(i);
    newcomers.push_back(arrive(admission, own, AddressRule::counted));
    newcomers.back().busy();
  }
  EXPECT_EQ(home.told, (std::vector<std::uint32_t>{3, 4, 5, 6, 7})) << "all of the many but the one that is useful";

  newcomers.push_back(arrive(admission, "203.0.113.9", AddressRule::counted));
  EXPECT_EQ(home.told.back(), 0U) << "of those with one each, the oldest";
}

TEST_F(AdmissionTest, WhoHoldsMostAndHasNothingUselessIsPassedOver) {
  Admission admission({.connections = 5});
  std::vector<Place> useful;
  for (int i = 0; i < 3; ++i) {
    useful.push_back(arrive(admission, "198.51.100.7", AddressRule::counted));
    useful.back().busy();
  }
  const Place one = arrive(admission, "192.0.2.1", AddressRule::counted);
  const Place two = arrive(admission, "192.0.2.1", AddressRule::counted);
  const Place newcomer = arrive(admission, "203.0.113.1", AddressRule::counted);
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{3});
}

TEST_F(AdmissionTest, WhenAllAreUsefulANewcomerIsAGuestUntilAPlaceIsFree) {
  Admission admission({.connections = 1, .guests = 2});
  std::optional<Place> open(shake(admission));
  open->authenticating();
  open->opened();
  Place guest = arrive(admission);
  ASSERT_TRUE(guest.is_guest());
  EXPECT_EQ(guest.upgrade(nullptr), Verdict::full);
  EXPECT_EQ(guest.promote(address("192.0.2.1"), AddressRule::exempt), Verdict::full);
  EXPECT_EQ(admission.stats().full, 2U);

  open.reset();

  EXPECT_EQ(guest.promote(address("192.0.2.1"), AddressRule::exempt), Verdict::admitted);
  EXPECT_FALSE(guest.is_guest());
  EXPECT_EQ(admission.stats().guests, 0U);
}

TEST_F(AdmissionTest, GuestsAreBoundedAndTheOldestThatWaitsGoes) {
  Admission admission({.connections = 1, .guests = 2});
  Place open = shake(admission);
  open.opened();
  Place served = arrive(admission);
  served.busy();
  const Place waiting = arrive(admission);
  const Place newcomer = arrive(admission);
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{3});
  EXPECT_EQ(admission.stats().for_guest, 1U);
  EXPECT_EQ(admission.stats().guests, 2U);
}

TEST_F(AdmissionTest, ConnectionsWithoutUpgradeHaveTheirOwnBound) {
  Admission admission({.connections = 10, .requests = 2});
  const Place stream = shake(admission);
  const Place one = arrive(admission);
  const Place two = arrive(admission);
  const Place three = arrive(admission);
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{2});
  EXPECT_EQ(home.reasons, std::vector<Yield>{Yield::for_request});
}

TEST_F(AdmissionTest, AnAddressIsBoundedOverAllItsConnections) {
  Admission admission({.per_address = 2});
  std::vector<Place> same;
  for (int i = 0; i < 3; ++i) same.push_back(arrive(admission, "192.0.2.1", AddressRule::counted));
  EXPECT_FALSE(same[1].is_guest());
  EXPECT_TRUE(same[2].is_guest());
  EXPECT_EQ(same[2].promote(address("192.0.2.1"), AddressRule::counted), Verdict::address_full);
  EXPECT_FALSE(arrive(admission, "192.0.2.2", AddressRule::counted).is_guest());
  EXPECT_FALSE(arrive(admission, "192.0.2.1", AddressRule::exempt).is_guest());
  same.erase(same.begin());
  EXPECT_FALSE(arrive(admission, "192.0.2.1", AddressRule::counted).is_guest());
}

TEST_F(AdmissionTest, AnIpv6CustomerIsANetworkOf64Bits) {
  Admission admission({.per_address = 1});
  const Place one = arrive(admission, "2001:db8:1:2::1", AddressRule::counted);
  EXPECT_TRUE(arrive(admission, "2001:db8:1:2:ffff::9", AddressRule::counted).is_guest());
  EXPECT_FALSE(arrive(admission, "2001:db8:1:3::1", AddressRule::counted).is_guest());
}

TEST_F(AdmissionTest, AnAddressThatAProxyNamesCountsInsteadOfThePeers) {
  Admission admission({.per_address = 1});
  Place first = arrive(admission);
  first.name(address("198.51.100.1"));
  Place second = arrive(admission);
  second.name(address("198.51.100.1"));
  EXPECT_FALSE(first.is_guest());
  EXPECT_TRUE(second.is_guest());

  Place third = arrive(admission, "203.0.113.1", AddressRule::counted);
  const auto named = address("198.51.100.1");
  EXPECT_EQ(third.upgrade(&named), Verdict::address_full);
  const auto other = address("198.51.100.2");
  EXPECT_EQ(third.upgrade(&other), Verdict::admitted);
  EXPECT_FALSE(arrive(admission, "203.0.113.1", AddressRule::counted).is_guest());
}

TEST_F(AdmissionTest, OneThatWasToldToCloseCountsNowhereAndIsToldOnce) {
  Admission admission({.connections = 1, .by_descriptors = true, .per_address = 1, .handshakes = 1});
  std::optional<Place> told(shake(admission, "192.0.2.1", AddressRule::counted));
  Place next_one = arrive(admission, "192.0.2.2", AddressRule::counted);
  ASSERT_EQ(home.told.size(), 1U);
  told->authenticating();
  told->opened();
  told->closing();
  EXPECT_EQ(told->upgrade(nullptr), Verdict::full);
  const Place again = arrive(admission, "192.0.2.1", AddressRule::counted);
  EXPECT_EQ(home.told.size(), 2U);
  told.reset();
  EXPECT_EQ(admission.stats().requests, 1U);
}

TEST_F(AdmissionTest, ManyThatAreStillClosingHoldUpAccepting) {
  Admission admission({.connections = 1});
  std::vector<Place> all;
  TestWaiter waiter;
  TestWaiter gone;
  while (!admission.wait_if_pressed(waiter) && all.size() < 1'000) all.push_back(arrive(admission));
  EXPECT_LT(all.size(), 100U);
  EXPECT_TRUE(admission.wait_if_pressed(gone));
  admission.forget(gone);
  EXPECT_EQ(waiter.told, 0);
  all.erase(all.begin());
  EXPECT_EQ(waiter.told, 1);
  all.clear();
  EXPECT_EQ(waiter.told, 1);
  EXPECT_EQ(gone.told, 0);
  EXPECT_FALSE(admission.wait_if_pressed(waiter));
}

TEST_F(AdmissionTest, OneThatIsChosenBeforeItHasAKeyIsToldWhenItHas) {
  Admission admission({.connections = 1, .guests = 1});
  Place open = shake(admission);
  open.opened();
  std::optional<Place> waiting(admission.enter(address("192.0.2.1"), AddressRule::exempt, home));
  const Place newcomer = admission.enter(address("192.0.2.1"), AddressRule::exempt, home);
  EXPECT_TRUE(home.told.empty());
  EXPECT_EQ(admission.stats().for_guest, 1U);

  waiting->set_key({.slot = 77, .generation = 1});

  EXPECT_EQ(home.told, std::vector<std::uint32_t>{77});
  EXPECT_EQ(home.reasons, std::vector<Yield>{Yield::for_guest});
  waiting.reset();
  EXPECT_EQ(admission.stats().guests, 1U);
}

TEST_F(AdmissionTest, AMovedPlaceLeavesOnce) {
  Admission admission({.connections = 5});
  Place one = arrive(admission);
  Place two = std::move(one);
  one = std::move(two);
  EXPECT_EQ(admission.stats().requests, 1U);
  one = Place();
  EXPECT_EQ(admission.stats().requests, 0U);
}

TEST_F(AdmissionTest, DescriptorsBoundTheConnectionsAndLeaveAReserve) {
  EXPECT_EQ(admission_limits(0, 0).connections, 0U);
  EXPECT_EQ(admission_limits(0, 7).connections, 7U);
  EXPECT_EQ(admission_limits(400, 0).connections, 272U);
  EXPECT_EQ(admission_limits(400, 10'000).connections, 272U);
  EXPECT_EQ(admission_limits(400, 100).connections, 100U);
  EXPECT_FALSE(admission_limits(400, 100).by_descriptors);
  EXPECT_TRUE(admission_limits(400, 0).by_descriptors);
  EXPECT_TRUE(admission_limits(400, 10'000).by_descriptors);
  EXPECT_EQ(admission_limits(20'000, 0).connections, 19'000U);
  EXPECT_EQ(admission_limits(40, 0).connections, 20U);
}

}  // namespace
}  // namespace nx::gateway
