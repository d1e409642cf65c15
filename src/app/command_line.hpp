#pragma once
// The commands of nx-signal and their flags. Only command_line.cpp includes CLI11.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nx::app {

enum class Command {
  serve,
  dev,
  listen,
  notify,
  emit,
  explain,
  replay,
  migrate,
  check,
  health,
  conform,
  config_doc,
  metrics_doc
};

struct NotifyFlags {
  std::string scope;  // empty: stdin has one JSON message on each line
  std::vector<std::string> to;
  std::string organizer, merchant, type, title, body, data, id;
};

struct ListenFlags {
  std::string url, token;
  std::vector<std::string> rooms;
  std::optional<std::int64_t> since;
  bool insecure = false;
};

struct EmitFlags {
  enum class To { user, room, client, everyone };
  To to = To::everyone;
  std::string target, event;
  std::optional<std::string> data;  // JSON; "-" reads stdin
  bool number = false;              // to a user: the target is a number
  std::optional<std::vector<std::string>> exclude;
};

struct ExplainFlags {
  std::string id, user;    // without a user: how many users have the notification
  std::string url, token;  // url: of any instance
  bool json = false;
  bool insecure = false;
};

struct ReplayFlags {
  std::string from;   // dlq, offset or time
  std::string range;  // of offsets or of time
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> offset;  // with `partition`: one dead letter
  std::string since;                   // dead letters since this time
  std::string value;                   // a file with the repaired value of that letter; `-` is stdin
  bool dry_run = false;
  std::string continue_at;  // the position where a stopped command ended
};

struct CheckFlags {
  std::string url;    // also opens a WebSocket there
  std::string token;  // and completes the handshake
  bool insecure = false;
  bool deep = false;             // also counts every user's rows
  std::int64_t continue_at = 0;  // with `deep`: the position where a stopped command ended
};

struct MigrateFlags {
  bool recount = false;          // repairs counters
  bool new_epoch = false;        // gives the inboxes a new epoch
  std::int64_t continue_at = 0;  // with `recount`: the position where a stopped command ended
};

struct ConformFlags {
  std::string url, token, other_token, expired_token, jwks;
  bool insecure = false;
  bool rest = false;
  std::int64_t answer_seconds = 10, auth_seconds = 5, heartbeat_seconds = 0;
};

enum class SettingsForm { table, environment_file };

struct CommandLine {
  Command command = Command::dev;
  std::map<std::string, std::string> settings;  // flags of the configuration's keys, as given
  std::string config_file;
  bool keep = false;                                 // dev: keeps the database after the process ends
  bool unsafe_dev = false;                           // dev: may join a real bus
  bool print_config = false;                         // shows the effective values and ends
  SettingsForm settings_form = SettingsForm::table;  // `config`
  std::string probe = "accept";                      // `health`
  NotifyFlags notify;
  EmitFlags emit;
  ListenFlags listen;
  CheckFlags check;
  MigrateFlags migrate;
  ConformFlags conform;
  ExplainFlags explain;
  ReplayFlags replay;
};

/// The parsed line, or the exit code if nothing is left to do (help, version: 0; bad usage: 2; the message was
/// printed).
struct Parsed {
  std::optional<CommandLine> line;
  int exit_code = 0;
};
Parsed parse_command_line(int argc, char** argv);

}  // namespace nx::app
