#pragma once
// The commands of nx-signal and their flags. CLI11 is seen in command_line.cpp alone.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nx::app {

enum class Command { serve, dev, listen, notify, emit, explain, migrate, check, conform, config_doc };

struct NotifyFlags {
  std::string scope;  // empty: one JSON message a line on stdin
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
  std::optional<std::string> data;  // JSON; "-": stdin
  bool number = false;              // the target is a number
  std::optional<std::vector<std::string>> exclude;
};

struct ExplainFlags {
  std::string id, user;    // without a user: how many have it
  std::string url, token;  // of an instance
  bool json = false;
  bool insecure = false;
};

struct CheckFlags {
  std::string url;    // also open a WebSocket there
  std::string token;  // and complete the handshake
  bool insecure = false;
  bool deep = false;  // also count every user's rows
};

struct ConformFlags {
  std::string url, token, other_token, expired_token, jwks;
  bool insecure = false;
  bool rest = false;
  std::int64_t answer_seconds = 10, auth_seconds = 5, heartbeat_seconds = 0;
};

struct CommandLine {
  Command command = Command::dev;
  std::map<std::string, std::string> settings;  // flags of the configuration's keys, as given
  std::string config_file;
  bool keep = false;          // dev: the database outlives the process
  bool unsafe_dev = false;    // dev: may join a real bus
  bool print_config = false;  // show the effective values and end
  bool recount = false;       // migrate: repair counters
  bool new_epoch = false;     // migrate: another epoch of the inboxes
  NotifyFlags notify;
  EmitFlags emit;
  ListenFlags listen;
  CheckFlags check;
  ConformFlags conform;
  ExplainFlags explain;
};

/// The parsed line, or the exit code when there is nothing more to do (help, version: 0; bad usage: 2; the message was
/// printed).
struct Parsed {
  std::optional<CommandLine> line;
  int exit_code = 0;
};
Parsed parse_command_line(int argc, char** argv);

}  // namespace nx::app
