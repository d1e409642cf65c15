#include "app/build_information.hpp"

#include <gnu/libc-version.h>
#include <libpq-fe.h>
#include <sodium/version.h>
#include <string_view>

#include <curl/curl.h>
#include <librdkafka/rdkafka.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

namespace nx::app {
namespace {

std::string libpq_version() {
  constexpr int kMajor = 10'000;
  return std::to_string(PQlibVersion() / kMajor) + "." + std::to_string(PQlibVersion() % kMajor);
}

}  // namespace

std::string build_information() {
  const std::string_view commit = built_commit();
  return std::string("nx-signal " NX_SIGNAL_VERSION "\ncommit     ") +
         (commit.empty() ? "unknown" : std::string(commit)) + "\nbuild      " NX_SIGNAL_BUILD "\nlinked     OpenSSL " +
         OpenSSL_version(OPENSSL_VERSION_STRING) + ", librdkafka " + rd_kafka_version_str() + ", libpq " +
         libpq_version() + ", SQLite " + sqlite3_libversion() + ", libcurl " +
         curl_version_info(CURLVERSION_NOW)->version + ", libsodium " + sodium_version_string() + ", glibc " +
         gnu_get_libc_version() + "\nbuilt with " NX_SIGNAL_LIBRARIES;
}

}  // namespace nx::app
