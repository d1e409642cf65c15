#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace nx::gateway {

/// A self-signed certificate and its key in a folder of their own, removed with the object.
class Certificate {
 public:
  Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const std::unique_ptr<FILE, decltype(&std::fclose)> cert_file(std::fopen(cert_path().c_str(), "w"), &std::fclose);
    PEM_write_X509(cert_file.get(), certificate.get());
    const std::unique_ptr<FILE, decltype(&std::fclose)> key_file(std::fopen(key_path().c_str(), "w"), &std::fclose);
    PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string cert_path() const { return folder_ + "/cert.pem"; }
  std::string key_path() const { return folder_ + "/key.pem"; }

 private:
  std::string folder_;
};

}  // namespace nx::gateway
