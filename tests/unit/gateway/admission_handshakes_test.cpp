// How many handshakes may be in flight, in all and of one address.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/gateway/admission_fixture.hpp"

namespace nx::gateway {
namespace {

using AdmissionHandshakesTest = AdmissionTest;

TEST_F(AdmissionHandshakesTest, SilentHandshakesOfOneAddressYieldBeforeThoseOfOthers) {
  Admission admission({.handshakes = 40});  // four of one address
  const Place early = shake(admission, "192.0.2.1", AddressRule::counted);
  std::vector<Place> all;
  for (int i = 0; i < 4; ++i) all.push_back(shake(admission, "198.51.100.7", AddressRule::counted));
  for (int i = 0; i < 35; ++i) {
    all.push_back(shake(admission, "203.0.113." + std::to_string(i), AddressRule::counted));
  }
  EXPECT_TRUE(home.told.empty());
  all.push_back(shake(admission, "192.0.2.2", AddressRule::counted));
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{3}) << "the oldest of the address with four";
}

TEST_F(AdmissionHandshakesTest, AtTheLimitOfHandshakesTheOldestThatIsSilentYields) {
  Admission admission({.handshakes = 2});
  Place named = shake(admission);
  named.authenticating();
  const Place silent = shake(admission);
  const Place next_one = shake(admission);
  EXPECT_EQ(verdict, Verdict::admitted);
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{3});
  EXPECT_EQ(home.reasons, std::vector<Yield>{Yield::for_handshake});
  EXPECT_EQ(admission.stats().handshakes, 2U);
}

TEST_F(AdmissionHandshakesTest, AHandshakeWhoseKeyIsBeingFetchedYieldsUntilItsTokenHolds) {
  Admission admission({.handshakes = 2});
  Place waiting = shake(admission);
  Place holds = shake(admission);
  for (Place* one : {&waiting, &holds}) {
    one->authenticating();
    one->waits_for_key();
  }
  holds.authenticating();
  const Place newcomer = shake(admission);
  EXPECT_EQ(verdict, Verdict::admitted);
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{1});
  EXPECT_EQ(home.reasons, std::vector<Yield>{Yield::for_handshake});
}

TEST_F(AdmissionHandshakesTest, TheOldestOfAnAddressIsFoundAmongAllThatItHolds) {
  Admission admission({.handshakes = 40});  // four of one address
  std::vector<Place> same;
  for (int i = 0; i < 4; ++i) same.push_back(shake(admission, "192.0.2.1", AddressRule::counted));
  for (const int i : {0, 1}) {
    same[static_cast<std::size_t>(i)].authenticating();
    same[static_cast<std::size_t>(i)].waits_for_key();  // now behind the third and the fourth
  }
  std::vector<Place> more;
  for (int i = 0; i < 4; ++i) more.push_back(shake(admission, "192.0.2.1", AddressRule::counted));
  EXPECT_EQ(home.told, (std::vector<std::uint32_t>{5, 7, 1, 3}));
}

TEST_F(AdmissionHandshakesTest, WhenNoHandshakeIsSilentTheNewcomerIsRefused) {
  Admission admission({.handshakes = 1});
  Place named = shake(admission);
  named.authenticating();
  const Place refused = shake(admission);
  EXPECT_EQ(verdict, Verdict::too_many_handshakes);
  EXPECT_EQ(admission.stats().too_many_handshakes, 1U);
  named.opened();
  const Place admitted = shake(admission);
  EXPECT_EQ(verdict, Verdict::admitted);
}

TEST_F(AdmissionHandshakesTest, AnAddressHasATenthOfTheHandshakes) {
  Admission admission({.handshakes = 20});
  std::vector<Place> same;
  for (int i = 0; i < 2; ++i) same.push_back(shake(admission, "192.0.2.1", AddressRule::counted));
  const Place other = shake(admission, "192.0.2.2", AddressRule::counted);
  EXPECT_TRUE(home.told.empty());
  const Place third = shake(admission, "192.0.2.1", AddressRule::counted);
  EXPECT_EQ(verdict, Verdict::admitted);
  EXPECT_EQ(home.told, std::vector<std::uint32_t>{1});  // the oldest of that address
  same[1].authenticating();
  Place fourth = shake(admission, "192.0.2.1", AddressRule::counted);
  fourth.authenticating();
  const Place fifth = shake(admission, "192.0.2.1", AddressRule::counted);
  EXPECT_EQ(verdict, Verdict::address_handshakes);
}

}  // namespace
}  // namespace nx::gateway
