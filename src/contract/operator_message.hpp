#pragma once
// What instances ask each other for operators. A question goes to everybody on `signal:operators`; who has something to
// say answers on `signal:answers:<instance that asked>`, in slices, since one message is at most 1 MiB. Text ↔ value
// alone; what was not made by contract/ is refused.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::contract {

inline constexpr std::size_t kMaxQuestionBytes = 4 * 1024;
inline constexpr std::size_t kMaxClientsAsked = 101;            // a page of 100, and whether there is more
inline constexpr std::size_t kMaxRoomBytes = 768;               // 256 UTF-16 units
inline constexpr std::size_t kMaxPushesAsked = 100;             // clients of one user that one hint went to
inline constexpr std::size_t kAnswerSliceBytes = 256UL * 1024;  // a slice ends with the client that reaches it
inline constexpr std::size_t kMaxAnswerSlices = 64;

/// Where a list goes on: behind this client of this instance.
struct ClientPlace {
  std::string instance;
  std::string client;
  friend auto operator<=>(const ClientPlace&, const ClientPlace&) = default;
};

/// Those that are given must hold.
struct ClientFilter {
  std::optional<UserId> user;
  std::optional<RoomName> room;
  std::optional<std::string> address;  // an address or a range
  friend bool operator==(const ClientFilter&, const ClientFilter&) = default;
};

/// Authenticated clients, the first `limit` by their ids.
struct ListClients {
  ClientFilter filter;
  std::optional<ClientPlace> after;
  std::size_t limit = 10;
  std::optional<std::int64_t> hint{};  // with filter.user: what became of the hint of that row, a seq of the user
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
/// Takes back the user's tokens that were issued until then, and ends what was opened with them.
struct DisconnectUser {
  UserId user;
  EpochMs revoked_at;
  friend bool operator==(const DisconnectUser&, const DisconnectUser&) = default;
};
using OperatorAsk = std::variant<ListClients, FindClient, DisconnectClient, DisconnectUser>;

struct OperatorQuestion {
  std::string id;    // a UUID
  std::string from;  // the instance that asks: a UUID
  OperatorAsk ask;
  friend bool operator==(const OperatorQuestion&, const OperatorQuestion&) = default;
};

struct ClientRecord {
  ClientId id;
  UserId user;
  bool user_is_number = false;  // as in the token
  std::vector<RoomName> rooms;
  EpochMs connected_at;
  std::string address;
  EpochMs last_activity_at;
  std::int64_t queued_bytes = 0;
  friend bool operator==(const ClientRecord&, const ClientRecord&) = default;
};

/// What became of a hint for one client, as its instance remembers it.
struct PushRecord {
  enum class Outcome : std::uint8_t {
    pushed,      // queued for the client
    held,        // it came during a catch-up
    caught_up,   // brought by a catch-up
    slow_closed  // queued for a client that did not read and was closed 1013
  };
  EpochMs at;
  Outcome outcome = Outcome::pushed;
  friend bool operator==(const PushRecord&, const PushRecord&) = default;
};
std::string_view to_text(PushRecord::Outcome outcome);

/// What one instance found or did.
struct Findings {
  std::int64_t count = 0;                  // of all that match, or that were disconnected
  std::vector<ClientRecord> clients;       // of a list, in the order of their ids; or the one that was looked for
  std::vector<PushRecord> pushes{};        // of the hint that was asked about
  std::optional<EpochMs> records_since{};  // what came before may be forgotten
  friend bool operator==(const Findings&, const Findings&) = default;
};

/// A slice of the findings of one instance.
struct OperatorAnswer {
  std::string id;    // the question's
  std::string from;  // who answers
  std::size_t slice = 0, slices = 1;
  Findings findings;  // `count` in each slice
};

std::string question_text(const OperatorQuestion& question);
std::vector<std::string> answer_texts(const std::string& question, const std::string& from, const Findings& findings);

/// The error (kind invalid) says what is wrong, never with the content.
Result<OperatorQuestion> read_question(std::string_view text);
Result<OperatorAnswer> read_answer(std::string_view text);

/// `{"id":…,"userId":…,"rooms":[…],"connectedAt":…,"address":…,"lastActivityAt":…,"queuedBytes":…`, without the closing
/// brace: what REST returns goes on with the instance.
void append_client_head(std::string& out, const ClientRecord& client);

}  // namespace nx::contract
