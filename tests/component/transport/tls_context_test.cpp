// Which files make a context of TLS, and what is said of others.

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "certificate.hpp"
#include "transport/socket.hpp"

namespace nx::transport {
namespace {

TEST(TlsContext, NamesTheFileAndTheReason) {
  const test::Certificate one;
  const test::Certificate other;

  const auto absent = TlsContext::load("/nowhere/cert.pem", one.key_path());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message, "TLS certificate /nowhere/cert.pem: No such file or directory");

  const auto swapped = TlsContext::load(one.key_path(), one.certificate_path());
  ASSERT_FALSE(swapped);
  EXPECT_NE(swapped.error().message.find(one.key_path() + ": "), std::string::npos) << swapped.error().message;

  const auto foreign_key = TlsContext::load(one.certificate_path(), other.key_path());
  ASSERT_FALSE(foreign_key);
  EXPECT_NE(foreign_key.error().message.find(other.key_path()), std::string::npos) << foreign_key.error().message;
}

TEST(TlsContext, AsksNobodyForAPassPhraseAndSaysWhatToDo) {
  const test::Certificate files;
  files.lock_key("secret");

  const auto locked = TlsContext::load(files.certificate_path(), files.key_path());

  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().kind, ErrorKind::invalid);
  EXPECT_NE(locked.error().message.find(files.key_path() + ": is protected by a pass phrase"), std::string::npos)
      << locked.error().message;
  EXPECT_NE(locked.error().message.find("openssl pkey -in " + files.key_path()), std::string::npos);
}

TEST(TlsContext, DoesNotWaitForANamedPipe) {
  const test::Certificate files;
  const std::string pipe = files.key_path() + ".pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);

  const auto as_key = TlsContext::load(files.certificate_path(), pipe);
  ASSERT_FALSE(as_key);
  EXPECT_EQ(as_key.error().message, "TLS key " + pipe + ": is not a regular file");
  EXPECT_FALSE(TlsContext::load(pipe, files.key_path()));
}

TEST(TlsContextSource, KeepsTheOldContextWhenTheNewFilesAreBad) {
  const test::Certificate files;
  TlsSource source(files.certificate_path(), files.key_path());
  EXPECT_EQ(source.current(), nullptr);
  ASSERT_TRUE(source.reload());
  const auto first = source.current();
  ASSERT_NE(first, nullptr);

  ASSERT_TRUE(source.reload());
  const auto second = source.current();
  EXPECT_NE(second, first);

  std::ofstream(files.key_path()) << "no key";
  EXPECT_FALSE(source.reload());
  EXPECT_EQ(source.current(), second);
}

}  // namespace
}  // namespace nx::transport
