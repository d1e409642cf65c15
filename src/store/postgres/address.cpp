#include "store/postgres/address.hpp"

#include <libpq-fe.h>
#include <memory>

namespace nx::store::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string value_of(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return {};
}

/// A '/' in the password ends what libpq takes for the host, and everything behind it becomes the database's name.
bool hides_userinfo_in_path(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = url.substr(scheme + 3, url.find('?', scheme) - (scheme + 3));
  const std::size_t path = rest.find('/');
  return path != std::string_view::npos && rest.substr(0, path).find('@') == std::string_view::npos &&
         rest.find('@', path) != std::string_view::npos;
}

}  // namespace

Result<Address> read_address(const std::string& url) {
  char* problem = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);
  if (!options) {
    return fail(ErrorKind::invalid,
                "the database URL is not one that libpq reads; postgresql://user:password@host:5432/database is, with "
                "special characters of the password percent-encoded");
  }
  if (hides_userinfo_in_path(url)) {
    return fail(ErrorKind::invalid,
                "the database URL has a '/' before its '@': percent-encode the one in the password (%2F)");
  }
  std::string host = value_of(options, "host");
  if (host.find('@') != std::string::npos) {
    return fail(ErrorKind::invalid,
                "the database URL has an '@' too many: percent-encode the one in the password (%40)");
  }
  if (host.empty()) host = value_of(options, "hostaddr");
  const std::string port = value_of(options, "port");
  // A '/' in the password makes the rest of it a port, which libpq would name in its reason.
  if (port.find_first_not_of("0123456789,") != std::string::npos) {
    return fail(ErrorKind::invalid,
                "the database URL has a port that is no number: percent-encode special characters of the password");
  }
  const std::string database = value_of(options, "dbname");
  return Address{.url = url,
                 .label = (host.empty() ? "localhost" : host) + ":" + (port.empty() ? "5432" : port) + "/" +
                          (database.empty() ? value_of(options, "user") : database)};
}

}  // namespace nx::store::postgres
