#pragma once
// A self-signed certificate and its key as PEM files of one test, removed with the object.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace nx::transport::test {

class Certificate {
 public:
  Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-tls-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(::EVP_EC_gen("P-256"), &::EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&::X509_free)> certificate(::X509_new(), &::X509_free);
    ::X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), 0);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3'600);
    ::X509_set_pubkey(certificate.get(), key.get());
    ::X509_sign(certificate.get(), key.get(), ::EVP_sha256());
    write(certificate_path(), [&](std::FILE* file) { return ::PEM_write_X509(file, certificate.get()); });
    write(key_path(), [&](std::FILE* file) {
      return ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  /// The same key, encrypted.
  void lock_key(const std::string& pass_phrase) const {
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(key_path().c_str(), "r"), &std::fclose);
    const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
        ::PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), &::EVP_PKEY_free);
    write(key_path(), [&](std::FILE* out) {
      return ::PEM_write_PKCS8PrivateKey(out, key.get(), ::EVP_aes_256_cbc(), pass_phrase.data(),
                                         static_cast<int>(pass_phrase.size()), nullptr, nullptr);
    });
  }

  std::string certificate_path() const { return (folder_ / "cert.pem").string(); }
  std::string key_path() const { return (folder_ / "key.pem").string(); }

 private:
  template <class Write>
  static void write(const std::string& path, Write put) {
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "w"), &std::fclose);
    if (!file || put(file.get()) != 1) throw std::runtime_error(path);
  }
  std::filesystem::path folder_;
};

}  // namespace nx::transport::test
