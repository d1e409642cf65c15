#pragma once
// Questions of instances to each other on behalf of operators. A question is published to all instances on
// `signal:operators`. An instance that has findings answers on `signal:answers:<asking instance>`, in slices, because
// one message is at most 1 MiB. Parsing and printing only; text that contract/ did not produce is refused.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "contract/instance_record.hpp"
#include "model/ids.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::contract {

inline constexpr std::size_t kMaxQuestionBytes = 4 * 1024;
inline constexpr std::size_t kMaxClientsAsked = 101;  // a page of 100, plus one that shows whether there are more
inline constexpr std::size_t kMaxRoomBytes = 768;     // 256 UTF-16 units
inline constexpr std::size_t kMaxPushesAsked = 100;   // clients of one user to which one hint was sent
inline constexpr std::size_t kAnswerSliceBytes = 256UL * 1024;  // a slice ends after the client that reaches this size
inline constexpr std::size_t kMaxAnswerSlices = 64;

/// The position where a list continues: after this client of this instance.
struct ClientPlace {
  std::string instance;
  std::string client;
  friend auto operator<=>(const ClientPlace&, const ClientPlace&) = default;
};

/// A client matches when all given members match.
struct ClientFilter {
  std::optional<UserId> user;
  std::optional<RoomName> room;
  std::optional<std::string> address;  // an address or a range
  friend bool operator==(const ClientFilter&, const ClientFilter&) = default;
};

/// Lists authenticated clients: the first `limit` in the order of their ids.
struct ListClients {
  ClientFilter filter;
  std::optional<ClientPlace> after;
  std::size_t limit = 10;
  // only with filter.user: asks for the outcome of the hint for the row with this seq
  std::optional<std::int64_t> hint{};
  friend bool operator==(const ListClients&, const ListClients&) = default;
};
struct FindClient {
  ClientId client;
  friend bool operator==(const FindClient&, const FindClient&) = default;
};
struct DisconnectClient {
  ClientId client;
  friend bool operator==(const DisconnectClient&, const DisconnectClient&) = default;
};
/// Revokes the user's tokens that were issued until then, and closes the connections opened with them.
struct DisconnectUser {
  UserId user;
  EpochMs revoked_at;
  friend bool operator==(const DisconnectUser&, const DisconnectUser&) = default;
};
/// Asks an instance about itself.
struct DescribeInstance {
  friend bool operator==(const DescribeInstance&, const DescribeInstance&) = default;
};
using OperatorAsk = std::variant<ListClients, FindClient, DisconnectClient, DisconnectUser, DescribeInstance>;

struct OperatorQuestion {
  std::string id;    // a UUID
  std::string from;  // the UUID of the asking instance
  OperatorAsk ask;
  friend bool operator==(const OperatorQuestion&, const OperatorQuestion&) = default;
};

struct ClientRecord {
  ClientId id;
  UserId user;
  bool user_is_number = false;  // type of the user id in the token
  std::vector<RoomName> rooms;
  EpochMs connected_at;
  std::string address;
  EpochMs last_activity_at;
  std::int64_t queued_bytes = 0;
  friend bool operator==(const ClientRecord&, const ClientRecord&) = default;
};

/// The outcome of a hint for one client, as its instance recorded it.
struct PushRecord {
  enum class Outcome : std::uint8_t {
    pushed,      // queued for the client
    held,        // arrived during a catch-up and waits behind it
    caught_up,   // sent by a catch-up
    slow_closed  // queued for a client that did not read and was closed with 1013
  };
  EpochMs at;
  Outcome outcome = Outcome::pushed;
  friend bool operator==(const PushRecord&, const PushRecord&) = default;
};
std::string_view to_text(PushRecord::Outcome outcome);

/// The findings of one instance, or what it has done.
struct Findings {
  std::int64_t count = 0;                  // of all matching or disconnected clients; 1 with `instance`
  std::vector<ClientRecord> clients;       // of a list, in the order of their ids; or the client that was looked for
  std::vector<PushRecord> pushes{};        // of the hint that was asked about
  std::optional<EpochMs> records_since{};  // outcomes before this time may be missing
  std::optional<InstanceRecord> instance{};
  friend bool operator==(const Findings&, const Findings&) = default;
};

/// One slice of the findings of one instance.
struct OperatorAnswer {
  std::string id;    // id of the question
  std::string from;  // the answering instance
  std::size_t slice = 0, slices = 1;
  Findings findings;  // `count` is repeated in each slice
};

std::string question_text(const OperatorQuestion& question);
std::vector<std::string> answer_texts(const std::string& question, const std::string& from, const Findings& findings);

/// The error (kind invalid) says what is wrong, without any content of the text.
Result<OperatorQuestion> read_question(std::string_view text);
Result<OperatorAnswer> read_answer(std::string_view text);

/// Appends `{"id":…,"userId":…,"rooms":[…],"connectedAt":…,"address":…,"lastActivityAt":…,"queuedBytes":…`, without the
/// closing brace, because REST adds the instance.
void append_client_head(std::string& out, const ClientRecord& client);

}  // namespace nx::contract
