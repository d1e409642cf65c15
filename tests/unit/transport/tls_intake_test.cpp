#include "transport/tls_intake.hpp"

#include <string>

#include <gtest/gtest.h>

namespace nx::transport {
namespace {

std::string record(const std::string& payload, char type = 22) {
  return std::string{type, 3, 1, static_cast<char>(payload.size() >> 8U), static_cast<char>(payload.size() & 0xFFU)} +
         payload;
}

std::string hello_head(std::size_t announced) {
  return {1, static_cast<char>(announced >> 16U), static_cast<char>(announced >> 8U & 0xFFU),
          static_cast<char>(announced & 0xFFU)};
}

/// As the socket may give it: in pieces of any size.
bool pass_in_pieces(TlsIntake& intake, const std::string& bytes, std::size_t size) {
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const std::string piece = bytes.substr(at, size);
    if (!intake.pass(piece)) return false;
  }
  return true;
}

TEST(TlsIntakeTest, AClientHelloThatAnnouncesTooMuchIsRefusedByItsFirstBytes) {
  for (const std::size_t size : {1U, 3U, 100U}) {
    TlsIntake intake;
    EXPECT_FALSE(pass_in_pieces(intake, record(hello_head(131'000)), size));
    EXPECT_EQ(intake.refusal(), "ClientHello of 131000 bytes, the limit is 8192");
  }
}

TEST(TlsIntakeTest, TheHeadOfAMessageMayGoOverSeveralRecords) {
  const std::string head = hello_head(TlsIntake::kMaxHello + 1);
  TlsIntake intake;
  EXPECT_FALSE(pass_in_pieces(intake, record(head.substr(0, 1)) + record({}) + record(head.substr(1)), 1));
}

TEST(TlsIntakeTest, AnOrdinaryClientHelloPasses) {
  TlsIntake intake;
  EXPECT_TRUE(pass_in_pieces(intake, record(hello_head(TlsIntake::kMaxHello) + std::string(4'000, 'x')), 7));
  EXPECT_TRUE(intake.refusal().empty());
}

TEST(TlsIntakeTest, WhatIsNoClientHelloIsLeftToOpenSsl) {
  TlsIntake intake;
  EXPECT_TRUE(intake.pass(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n")));
}

TEST(TlsIntakeTest, AHandshakeHasSoManyBytesInAllAndWhatFollowsHasNot) {
  TlsIntake intake;
  const std::string small = record("x");
  std::size_t passed = 0;
  while (passed <= TlsIntake::kMaxHandshake && intake.pass(small)) passed += small.size();
  EXPECT_LE(passed, TlsIntake::kMaxHandshake);
  EXPECT_FALSE(intake.refusal().empty());

  TlsIntake established;
  established.begin(true);
  EXPECT_TRUE(established.pass(std::string(10 * TlsIntake::kMaxHandshake, 'x')));
}

TEST(TlsIntakeTest, ACallReadsSoOftenAndIsThenCut) {
  TlsIntake intake;
  for (int call = 0; call < 3; ++call) {
    intake.begin(true);
    for (int i = 0; i < TlsIntake::kReadsOfACall; ++i) EXPECT_TRUE(intake.may_read());
    EXPECT_FALSE(intake.was_cut());
    EXPECT_FALSE(intake.may_read());
    EXPECT_TRUE(intake.was_cut());
  }
}

TEST(TlsIntakeTest, TooManyCallsInARowWithoutDataFail) {
  TlsIntake intake;
  const auto call = [&intake](bool brings_data) {
    intake.begin(true);
    while (intake.may_read()) {
    }
    return intake.ended(brings_data);
  };
  for (int i = 0; i < TlsIntake::kMaxBarren; ++i) ASSERT_TRUE(call(false));
  ASSERT_TRUE(call(true));
  for (int i = 0; i < TlsIntake::kMaxBarren; ++i) ASSERT_TRUE(call(false));
  EXPECT_FALSE(call(false));
  EXPECT_EQ(intake.refusal(), "too many TLS records without data");
}

}  // namespace
}  // namespace nx::transport
