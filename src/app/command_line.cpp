#include "app/command_line.hpp"

#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "app/build_information.hpp"
#include "app/command_documents.hpp"
#include "app/dev_defaults.hpp"
#include "app/not_understood.hpp"
#include "config/configuration.hpp"

namespace nx::app {
namespace {

/// Adds one flag for each key that the predicate selects; only flags that are given enter `settings`. `defaults`: the
/// command's own.
void add_settings(CLI::App& app, CommandLine& line, const std::function<bool(std::string_view)>& wanted,
                  const std::map<std::string, std::string>& defaults = {}) {
  app.add_option("--config", line.config_file, "TOML file; environment and flags take precedence");
  app.add_flag("--print-config", line.print_config, "print the effective values, redacted, and exit");
  for (const config::Key& key : config::keys()) {
    if (key.secrecy == config::Key::Secrecy::secret || !wanted(key.variable)) continue;
    const std::string flag = config::flag_of(key);
    const auto own = defaults.find(key.variable);
    const std::string text = own == defaults.end() ? key.default_text : own->second;
    const std::string standard = text.empty() ? "" : fmt::format(" [{}]", text);
    app.add_option_function<std::string>(
           "--" + flag, [&line, flag](const std::string& value) { line.settings[flag] = value; },
           key.meaning + standard)
        ->group("Settings, also as SIGNAL_… in the environment");
  }
}

void add_notify(CLI::App& app, CommandLine& line) {
  add_settings(app, line, [](std::string_view variable) {
    return variable.starts_with("SIGNAL_KAFKA_") || variable.starts_with("SIGNAL_LOG_");
  });
  NotifyFlags& flags = line.notify;
  app.add_option("--scope", flags.scope,
                 "users, org or merchant; without it, reads one JSON message from each line of stdin");
  app.add_option("--to", flags.to, "user ids, comma-separated (scope users)")->delimiter(',');
  app.add_option("--organizer", flags.organizer, "id (scope org)");
  app.add_option("--merchant", flags.merchant, "id (scope merchant)");
  app.add_option("--type", flags.type, "e.g. payment.success");
  app.add_option("--title", flags.title, "title of the notification");
  app.add_option("--body", flags.body, "body of the notification");
  app.add_option("--data", flags.data, "a JSON object");
  app.add_option("--id", flags.id, "idempotency key");
}

void add_emit(CLI::App& app, CommandLine& line) {
  add_settings(app, line, [](std::string_view variable) {
    return variable.starts_with("SIGNAL_REDIS_") || variable.starts_with("SIGNAL_LOG_");
  });
  app.require_subcommand(1);
  EmitFlags& flags = line.emit;
  const auto add = [&](const char* name, EmitFlags::To to, const char* target, const char* meaning) {
    CLI::App* kind = app.add_subcommand(name, meaning);
    kind->fallthrough();
    kind->parse_complete_callback([&flags, to] { flags.to = to; });
    if (target != nullptr) kind->add_option(target, flags.target)->required();
    kind->add_option("EVENT", flags.event, "e.g. till/opened")->required();
    kind->add_option("DATA", flags.data, "JSON; - reads it from stdin; if omitted, the event has no data");
    return kind;
  };
  add("user", EmitFlags::To::user, "ID", "to every connection of a user")
      ->add_flag("--number", flags.number, "send the id as a number, for an id that is a number in the token");
  add("client", EmitFlags::To::client, "ID", "to one connection");
  CLI::App* room = add("room", EmitFlags::To::room, "NAME", "to every connection in a room");
  room->add_option("--exclude", flags.exclude, "a client id to exclude; may be repeated")->allow_extra_args(false);
  add("broadcast", EmitFlags::To::everyone, nullptr, "to every connection");
}

CLI::Option* add_token(CLI::App& app, std::string& token, const std::string& what) {
  return app.add_option("--token", token, what + "; also from SIGNAL_TOKEN, which ps does not show")
      ->envname("SIGNAL_TOKEN");
}

void add_listen(CLI::App& app, CommandLine& line) {
  ListenFlags& flags = line.listen;
  app.add_option("--url", flags.url, "ws:// or wss:// address")->required();
  add_token(app, flags.token, "bearer token")->required();
  app.add_option("--room", flags.rooms, "a room to join; may be repeated");
  app.add_option("--since", flags.since, "catch up with the notifications after this seq");
  app.add_flag("--insecure", flags.insecure, "do not verify the server's certificate");
}

void add_explain(CLI::App& app, CommandLine& line) {
  ExplainFlags& flags = line.explain;
  app.add_option("ID", flags.id, "the notification's id")->required();
  app.add_option("USER", flags.user,
                 "the user's id; if omitted, prints how many users have the notification, to how many of them it was "
                 "delivered and how many have read it");
  app.add_option("--url", flags.url, "http:// or https:// address of any instance")->required();
  add_token(app, flags.token, "an operator's bearer token")->required();
  app.add_flag("--json", flags.json, "print the whole JSON answer of the route");
  app.add_flag("--insecure", flags.insecure, "do not verify the server's certificate");
}

void add_replay(CLI::App& app, CommandLine& line) {
  add_settings(app, line, [](std::string_view variable) {
    return variable.starts_with("SIGNAL_KAFKA_") || variable.starts_with("SIGNAL_LOG_");
  });
  ReplayFlags& flags = line.replay;
  app.add_option("--from", flags.from, "dlq: dead letters; offset or time: records of the notification topic")
      ->required()
      ->check(CLI::IsMember({"dlq", "offset", "time"}));
  app.add_option("RANGE", flags.range,
                 "with --from offset: P:O, P:O1..O2 or P:O.. of partition P; with --from time: "
                 "FROM or FROM.. (both to the end) or FROM..TO, "
                 "ISO 8601 or ms since 1970");
  CLI::Option* partition = app.add_option("--partition", flags.partition, "dlq: the partition of one dead letter");
  CLI::Option* offset = app.add_option("--offset", flags.offset, "dlq: the offset of one dead letter");
  partition->check(CLI::NonNegativeNumber)->needs(offset);
  offset->check(CLI::NonNegativeNumber)->needs(partition);
  app.add_option("--since", flags.since, "dlq: only dead letters since this time")->excludes(offset);
  app.add_option("--value", flags.value, "dlq: a file with the repaired value of that dead letter; - is stdin")
      ->needs(offset);
  app.add_flag("--dry-run", flags.dry_run, "send nothing; print what would be done with each record");
  app.add_option("--continue-at", flags.continue_at, "begin at this position, which a stopped run printed");
}

/// For commands that process all users and can be stopped.
void add_continuation(CLI::App& app, std::int64_t& position, CLI::Option* work) {
  app.add_option("--continue-at", position,
                 "with " + work->get_name() + ": begin at this position, which a stopped run prints")
      ->check(CLI::NonNegativeNumber)
      ->needs(work);
}

void add_check(CLI::App& app, CommandLine& line) {
  CheckFlags& flags = line.check;
  app.add_option("--url", flags.url, "ws:// or wss:// address that clients use; check opens a WebSocket to it");
  add_token(app, flags.token, "bearer token, with which check completes the handshake");
  app.add_flag("--insecure", flags.insecure, "with --url: do not verify the server's certificate");
  CLI::Option* deep =
      app.add_flag("--deep", flags.deep, "also count every user's rows and compare them with the counters");
  add_continuation(app, flags.continue_at, deep);
}

void add_migrate(CLI::App& app, CommandLine& line) {
  add_settings(app, line, [](std::string_view variable) {
    return variable.starts_with("SIGNAL_DATABASE_") || variable.starts_with("SIGNAL_LOG_");
  });
  MigrateFlags& flags = line.migrate;
  CLI::Option* recount = app.add_flag("--recount", flags.recount, "repair counters that differ from their rows");
  add_continuation(app, flags.continue_at, recount);
  app.add_flag("--new-epoch", flags.new_epoch, "after a restore: make clients discard the positions that they stored");
}

void add_health(CLI::App& app, CommandLine& line) {
  add_settings(app, line, [](std::string_view variable) {
    return variable.starts_with("SIGNAL_HTTP_") || variable.starts_with("SIGNAL_TLS_") ||
           variable == "SIGNAL_ADMIN_LISTEN";
  });
  app.add_option("PROBE", line.probe, "live, accept or ready")
      ->capture_default_str()
      ->check(CLI::IsMember({"live", "accept", "ready"}));
}

void add_config(CLI::App& app, CommandLine& line) {
  const auto form = [&](const char* name, SettingsForm wanted, const char* meaning) {
    app.add_flag_callback(
        name, [&line, wanted] { line.settings_form = wanted; }, meaning);
  };
  form("--doc", SettingsForm::table, "every setting as a markdown table");
  form("--env", SettingsForm::environment_file, "every setting as a comment of an environment file");
  app.require_option(1);
}

void add_conform(CLI::App& app, CommandLine& line) {
  ConformFlags& flags = line.conform;
  const auto seconds = [&app](const char* name, std::int64_t& value, const char* meaning) {
    app.add_option(name, value, meaning)->capture_default_str()->check(CLI::Range(0, 3'600));
  };
  app.add_option("URL", flags.url, "ws:// or wss:// address of the stream")->required();
  add_token(app, flags.token, "bearer token");
  app.add_option("--other-token", flags.other_token, "token of another user; also from SIGNAL_OTHER_TOKEN")
      ->envname("SIGNAL_OTHER_TOKEN");
  app.add_option("--expired-token", flags.expired_token, "token that has expired; also from SIGNAL_EXPIRED_TOKEN")
      ->envname("SIGNAL_EXPIRED_TOKEN");
  app.add_option(
      "--jwks", flags.jwks,
      "file with a JWK or JWK set, with a private P-256 key that the server trusts; conform signs all tokens with it");
  app.add_flag("--rest", flags.rest, "also check /v1/notifications on the same host");
  app.add_flag("--insecure", flags.insecure, "do not verify the server's certificate");
  seconds("--answer-within", flags.answer_seconds, "maximum seconds for an answer");
  seconds("--auth-timeout", flags.auth_seconds,
          "seconds after which the server closes a client that does not authenticate");
  seconds("--heartbeat-timeout", flags.heartbeat_seconds,
          "seconds after which the server closes a silent client; 0 omits this check and that of the token's expiry");
}

void add_dev(CLI::App& app, CommandLine& line) {
  app.add_flag("--keep", line.keep, "keep the database between starts");
  app.add_flag("--unsafe-dev", line.unsafe_dev,
               "with --redis-url: join a real bus, where others receive the test notifications");
  add_settings(
      app, line,
      [](std::string_view variable) {
        return variable != "SIGNAL_KAFKA_BROKERS" && variable != "SIGNAL_DATABASE_SCHEMA";
      },
      dev_defaults());
}

std::vector<std::string> names_of(const std::vector<CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const CLI::App* one : commands) names.push_back(one->get_name());
  return names;
}

/// The subcommand that was given: `dev` if it was none of the others.
Command given(const CLI::App& app) {
  static constexpr std::pair<const char*, Command> kNames[] = {
      {"serve", Command::serve},         {"check", Command::check},     {"listen", Command::listen},
      {"notify", Command::notify},       {"emit", Command::emit},       {"explain", Command::explain},
      {"migrate", Command::migrate},     {"conform", Command::conform}, {"config", Command::config_doc},
      {"metrics", Command::metrics_doc}, {"health", Command::health},   {"replay", Command::replay},
  };
  for (const auto& [name, command] : kNames) {
    if (app.got_subcommand(name)) return command;
  }
  return Command::dev;
}

}  // namespace

Parsed parse_command_line(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Signal, the realtime notification gateway", "nx-signal");
  app.set_version_flag("--version", build_information);
  app.require_subcommand(1);

  const auto every = [](std::string_view) { return true; };
  CLI::App* serve = app.add_subcommand("serve", "one production instance, on Kafka, Redis and PostgreSQL");
  add_settings(*serve, line, every);
  CLI::App* check = app.add_subcommand("check", "connects to every dependency and prints a line for each");
  add_settings(*check, line, every);
  add_check(*check, line);
  add_health(*app.add_subcommand("health", "requests a health route of the running instance on this machine"), line);
  add_dev(
      *app.add_subcommand("dev", "everything embedded in one process, with a demonstration page; not for production"),
      line);
  CLI::App* listen = app.add_subcommand("listen", "a WebSocket client: prints each decrypted frame as a JSON line");
  add_listen(*listen, line);
  CLI::App* notify = app.add_subcommand("notify", "produces notifications to Kafka");
  add_notify(*notify, line);
  CLI::App* emit =
      app.add_subcommand("emit", "publishes a direct push to Redis, in the format of the WebSocketEmitter");
  add_emit(*emit, line);
  CLI::App* explain = app.add_subcommand("explain", "explains why a user did or did not get a notification");
  add_explain(*explain, line);
  add_replay(*app.add_subcommand("replay", "sends dead letters, or lost records of the notification topic, again"),
             line);
  CLI::App* migrate =
      app.add_subcommand("migrate", "creates or upgrades Signal's own tables; may be run repeatedly and concurrently");
  add_migrate(*migrate, line);
  CLI::App* conform = app.add_subcommand("conform", "checks a server against each fact of the protocol; prints TAP");
  add_conform(*conform, line);
  add_config(*app.add_subcommand("config", "prints the documentation of the settings"), line);
  bool doc = false;
  CLI::App* metrics = app.add_subcommand("metrics", "prints the documentation of the metrics");
  metrics->add_flag("--doc", doc, "every metric as a markdown table: docs/metrics.md")->required();
  const CommandDocuments documents(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return {std::nullopt, app.exit(success)};
  } catch (const CLI::ParseError& error) {
    const std::string names = not_understood(app.remaining(true), names_of(app.get_subcommands(nullptr)));
    std::cerr << "nx-signal: " << (names.empty() ? error.what() : "not understood:" + names)
              << "; see nx-signal --help\n";
    return {std::nullopt, 2};
  }
  if (const auto document = documents.requested()) {
    std::cout << *document;
    return {std::nullopt, 0};
  }
  line.command = given(app);
  return {std::move(line), 0};
}

}  // namespace nx::app
