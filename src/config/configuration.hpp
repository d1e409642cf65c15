#pragma once
// Every setting. A value is taken from the first source that has it: flag, environment, file, the names that IGNIS
// services already set (docs/configuration.md#where-a-value-comes-from). The table of keys is the only place that knows
// names, types and meanings; it also has the defaults as text, which a test compares with those of the members of
// Configuration. Help, documentation and checks derive from it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/authenticator.hpp"
#include "delivery/notify.hpp"
#include "gateway/gateway.hpp"
#include "ingest/kafka_consumer.hpp"
#include "model/result.hpp"
#include "observe/log.hpp"
#include "store/database.hpp"

namespace nx::config {

struct Configuration {
  gateway::GatewayOptions gateway;
  auth::AuthOptions auth;
  ingest::KafkaOptions kafka;
  delivery::NotifyOptions notify;

  std::string admin_listen = "127.0.0.1:9464";
  std::string redis_url;
  std::string redis_tls_ca;
  std::string bus_subscription = "patterns";
  bool bus_compat = false;
  std::size_t max_push_bytes = 262'144;
  std::string database_url;
  std::string database_schema = "signal";
  std::chrono::milliseconds database_boot_timeout{10'000};
  std::size_t retention_days = 0;
  std::string policy_table = "identity.PolicyDefinition";
  std::vector<std::string> membership_variants{"join_domain", "group"};
  std::vector<std::string> admin_roles{"999_super-admin"};
  bool admin_page = false;
  std::string otlp_url;  // empty: tracing is off
  std::string log_level = "info";
  std::string log_format;  // empty: text on a terminal, otherwise json
  std::string token_expiry = "close";
};

/// One row of the table of keys. `member` selects the member of Configuration; its type says how the text is read.
struct Key {
  using Text = std::string& (*)(Configuration&);
  using List = std::vector<std::string>& (*)(Configuration&);
  using OptionalText = std::optional<std::string>& (*)(Configuration&);
  using Port = std::uint16_t& (*)(Configuration&);
  using Count = std::size_t& (*)(Configuration&);
  using Small = unsigned& (*)(Configuration&);
  using Milliseconds = std::chrono::milliseconds& (*)(Configuration&);
  using Rate = double& (*)(Configuration&);
  using Switch = bool& (*)(Configuration&);
  using Member = std::variant<Text, List, OptionalText, Port, Count, Small, Milliseconds, Rate, Switch>;

  enum class Secrecy { open, secret, url };  // url: a password in it is a secret

  const char* variable;  // SIGNAL_HTTP_PORT; the flag is --http-port, the file's key http_port
  Member member;
  const char* default_text;
  const char* meaning;
  const char* example;
  Secrecy secrecy = Secrecy::open;
  std::vector<const char*> choices = {};  // if not empty: the only allowed values
  const char* ignis_variable = nullptr;   // read if the SIGNAL_ name is not set
};

const std::vector<Key>& keys();

std::string flag_of(const Key& key);      // http-port
std::string file_key_of(const Key& key);  // http_port

struct Sources {
  std::map<std::string, std::string> flags;        // flag name without leading dashes → text, as given
  std::map<std::string, std::string> environment;  // all variables; foreign names are ignored
  std::string file;                                // path of --config; empty: no file
  std::vector<std::string> required;               // SIGNAL_ names that this command requires
  std::map<std::string, std::string> defaults;     // variable → text: this command's own, in place of the key's
};

struct Loaded {
  Configuration configuration;
  std::map<std::string, std::string> given;  // variable → source: flag, environment, file, APP_ENV_…
  std::vector<std::string> ignored;          // orchestrators' service links, for one debug line
  std::vector<std::string> unknown;          // other SIGNAL_ names that are not settings, for one warning
};

/// The error is one line: the key, what is wrong with its value, an example. Reads the configuration file and the files
/// that variables `X_FILE` name (each contains the value of `X`), and checks that the other named files exist; no other
/// I/O.
Result<Loaded> load(const Sources& sources);

/// `variable = value` lines of the effective values; secrets and passwords in URLs are shown as `***`.
std::string print_redacted(const Configuration& configuration);

/// The settings that concern the database.
store::DatabaseOptions database_options(const Configuration& configuration);

/// Every key as a markdown table.
std::string keys_as_markdown();

/// Every key as a comment of an environment file, `required` first.
std::string keys_as_environment_file(const std::vector<std::string>& required);

}  // namespace nx::config
