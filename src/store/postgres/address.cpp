#include "store/postgres/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <libpq-fe.h>
#include <memory>

#include <fmt/format.h>

#include "model/host_port.hpp"
#include "model/list.hpp"

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

/// A '/' in the password ends the part that libpq takes for the host; everything after it becomes the name of the
/// database.
bool hides_userinfo_in_path(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = url.substr(scheme + 3, url.find('?', scheme) - (scheme + 3));
  const std::size_t path = rest.find('/');
  return path != std::string_view::npos && rest.substr(0, path).find('@') == std::string_view::npos &&
         rest.find('@', path) != std::string_view::npos;
}

/// The first parameter that libpq does not know. Only the text after the last '@' is searched, because a password
/// before it may contain a '?'.
std::string foreign_parameter(std::string_view url) {
  const std::size_t at = url.rfind('@');
  const std::size_t query = url.find('?', at == std::string_view::npos ? 0 : at);
  if (query == std::string_view::npos) return {};
  const Options known(PQconndefaults());
  for (std::string_view rest = url.substr(query + 1); !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view name = rest.substr(0, std::min(rest.find('='), end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    bool is_known = name == "ssl";  // a parameter of JDBC, which libpq accepts in a URL
    for (const PQconninfoOption* option = known.get(); option != nullptr && option->keyword != nullptr; ++option) {
      is_known = is_known || name == option->keyword;
    }
    if (!is_known) return std::string(name.substr(0, 40));
  }
  return {};
}

std::string what_to_do_about(std::string_view parameter) {
  if (parameter == "schema") return "is not a parameter of PostgreSQL: remove it and set SIGNAL_DATABASE_SCHEMA";
  if (parameter == "pgbouncer") return "is not a parameter of PostgreSQL: remove it, PgBouncer needs no setting here";
  return "is not a parameter of PostgreSQL: remove it";
}

bool are_ports(std::string_view ports) {
  while (!ports.empty()) {
    const std::string_view one = take_list_item(ports);
    if (!one.empty() && !parse_port(one)) return false;
  }
  return true;
}

/// Parameters whose values libpq checks only when it connects: a wrong value would make each attempt fail.
struct Choice {
  const char* name;
  std::initializer_list<std::string_view> values;
};
const Choice kChoices[] = {
    {"sslmode", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
    {"target_session_attrs", {"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}},
    {"gssencmode", {"disable", "prefer", "require"}},
    {"channel_binding", {"disable", "prefer", "require"}}};

/// Empty if libpq knows every value. The message does not quote the value, which may be a part of the password.
std::string unknown_value(const Options& options) {
  for (const Choice& choice : kChoices) {
    const std::string given = value_of(options, choice.name);
    if (given.empty() || std::find(choice.values.begin(), choice.values.end(), given) != choice.values.end()) continue;
    return fmt::format("?{} of the database URL is not one of {}", choice.name, fmt::join(choice.values, ", "));
  }
  return {};
}

std::vector<std::string> split(std::string_view list) {
  const auto items = split_list(list);
  return {items.begin(), items.end()};
}

/// Empty if the lists have different lengths.
std::vector<Host> hosts_of(const Options& options) {
  const std::string given_names = value_of(options, "host");
  const std::string given_addresses = value_of(options, "hostaddr");
  std::vector<std::string> names = split(given_names);
  std::vector<std::string> addresses = split(given_addresses);
  std::vector<std::string> ports = split(value_of(options, "port"));
  const std::size_t count = given_addresses.empty() ? names.size() : addresses.size();
  if (given_names.empty()) names.resize(count);
  if (given_addresses.empty()) addresses.resize(count);
  if (ports.size() == 1) ports.resize(count, ports.front());
  if (names.size() != count || ports.size() != count) return {};
  std::vector<Host> hosts(count);
  for (std::size_t i = 0; i < count; ++i) hosts[i] = {names[i], addresses[i], ports[i]};
  return hosts;
}

std::chrono::seconds seconds_in(const std::string& text) {
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds{std::max(seconds, 0)};
}

/// The parameters that are the same for every attempt.
std::vector<std::pair<std::string, std::string>> parameters_of(const Options& options) {
  static constexpr std::array<std::string_view, 5> kApart{"host", "hostaddr", "port", "target_session_attrs",
                                                          "connect_timeout"};
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::find(kApart.begin(), kApart.end(), option->keyword) != kApart.end()) continue;
    parameters.emplace_back(option->keyword, option->val);
  }
  return parameters;
}

}  // namespace

Result<Address> read_address(const std::string& url) {
  char* problem = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);
  if (!options) {
    if (const std::string name = foreign_parameter(url); !name.empty()) {
      return fail(ErrorKind::invalid, fmt::format("?{} of the database URL {}", name, what_to_do_about(name)));
    }
    return fail(ErrorKind::invalid,
                "libpq cannot parse the database URL; its form is postgresql://user:password@host:5432/database, with "
                "special characters of the password percent-encoded");
  }
  if (hides_userinfo_in_path(url)) {
    return fail(ErrorKind::invalid,
                "the database URL has a '/' before its '@': percent-encode the one in the password (%2F)");
  }
  std::string host = value_of(options, "host");
  if (host.find('@') != std::string::npos) {
    return fail(ErrorKind::invalid,
                "the database URL has more than one '@': percent-encode the one in the password (%40)");
  }
  if (host.empty()) host = value_of(options, "hostaddr");
  const std::string port = value_of(options, "port");
  // A '/' in the password turns the rest of the password into a port, which libpq would quote in its message.
  if (!are_ports(port)) {
    return fail(
        ErrorKind::invalid,
        "the database URL has a port that is not a number from 1 to 65535: percent-encode special characters of "
        "the password");
  }
  if (std::string wrong = unknown_value(options); !wrong.empty()) return fail(ErrorKind::invalid, std::move(wrong));
  std::vector<Host> hosts = hosts_of(options);
  if (hosts.empty()) {
    return fail(ErrorKind::invalid,
                "the database URL has fewer or more ports or addresses than hosts: give one port for all hosts, "
                "or one each");
  }
  std::string wanted = value_of(options, "target_session_attrs");
  if (wanted.empty() && hosts.size() > 1) wanted = "primary";
  std::string database = value_of(options, "dbname");
  if (database.empty()) database = value_of(options, "user");
  std::string label =
      fmt::format("{}:{}/{}", host.empty() ? "localhost" : host, port.empty() ? "5432" : port, database);
  return Address{.parameters = parameters_of(options),
                 .hosts = std::move(hosts),
                 .wanted = std::move(wanted),
                 .connect_timeout = seconds_in(value_of(options, "connect_timeout")),
                 .database = std::move(database),
                 .label = std::move(label)};
}

}  // namespace nx::store::postgres
