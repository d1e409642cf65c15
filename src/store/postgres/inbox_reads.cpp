#include "store/postgres/inbox_reads.hpp"

#include <limits>

#include "store/postgres/entries.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kArchiveCountLimit = 10'000;  // contract §7: a total beyond is unknown

Step page_step(const Statements& sql, const PageRequest& request) {
  constexpr auto kNoBound = std::numeric_limits<std::int64_t>::max();
  const auto order = request.since_seq ? PageOrder::oldest_first : PageOrder::newest_first;
  const std::int64_t after = request.since_seq.value_or(std::numeric_limits<std::int64_t>::min());
  const std::int64_t before = request.since_seq ? kNoBound : request.before_seq.value_or(kNoBound);
  return {sql.page(request.show, order),
          Parameters(request.user.value, after, before, request.limit + 1, request.skip)};
}

struct Slice {
  std::vector<InboxEntry> entries;
  bool more = false;
};

Slice slice_of(const Rows& rows, std::size_t limit) {
  Slice slice;
  slice.more = static_cast<std::size_t>(rows.size()) > limit;
  const int count = slice.more ? static_cast<int>(limit) : rows.size();
  slice.entries.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) slice.entries.push_back(entry_of(rows, i));
  return slice;
}

std::optional<std::int64_t> total_of(const std::vector<Rows>& answer, const PageRequest& request) {
  if (request.before_seq || request.since_seq) return std::nullopt;
  const Inbox inbox = counters_of(answer[0]);
  switch (request.show) {
    case PageRequest::Show::inbox:
      return inbox.live;
    case PageRequest::Show::unread:
      return inbox.unread;
    case PageRequest::Show::archived:
      break;
  }
  const std::int64_t count = answer[2].integer(0, 0);
  return count > kArchiveCountLimit ? std::optional<std::int64_t>{} : count;
}

}  // namespace

Result<Page> read_page(Connection& db, const Statements& sql, const PageRequest& request) {
  std::vector<Step> steps{{sql.inbox, Parameters(request.user.value)}, page_step(sql, request)};
  if (request.show == PageRequest::Show::archived && !request.before_seq && !request.since_seq) {
    steps.push_back({sql.archive_count, Parameters(request.user.value, kArchiveCountLimit + 1)});
  }
  return db.read(std::move(steps)).map([&request](const std::vector<Rows>& answer) {
    Slice slice = slice_of(answer[1], request.limit);
    return Page{.entries = std::move(slice.entries),
                .more = slice.more,
                .total = total_of(answer, request),
                .epoch = counters_of(answer[0]).epoch};
  });
}

Result<Missed> read_missed(Connection& db, const Statements& sql, const UserId& user, std::int64_t since,
                           std::size_t limit) {
  PageRequest request;
  request.user = user;
  request.limit = limit;
  request.since_seq = since;
  return db.read({{sql.inbox, Parameters(user.value)}, page_step(sql, request)})
      .map([limit](const std::vector<Rows>& answer) {
        Inbox inbox = counters_of(answer[0]);
        Slice slice = slice_of(answer[1], limit);
        return Missed{.entries = std::move(slice.entries),
                      .complete = !slice.more,
                      .now = {.count = inbox.unread, .seq = inbox.last_seq, .epoch = std::move(inbox.epoch)}};
      });
}

Result<std::optional<InboxEntry>> find_entry(Connection& db, const Statements& sql, const UserId& user,
                                             const NotificationId& id) {
  return db.read({{sql.entry, Parameters(user.value, id)}}).map([](const std::vector<Rows>& answer) {
    return answer[0].empty() ? std::optional<InboxEntry>{} : entry_of(answer[0], 0);
  });
}

Result<UnreadCount> read_counters(Connection& db, const Statements& sql, const UserId& user) {
  return db.read({{sql.inbox, Parameters(user.value)}}).map([](const std::vector<Rows>& answer) {
    Inbox inbox = counters_of(answer[0]);
    return UnreadCount{.count = inbox.unread, .seq = inbox.last_seq, .epoch = std::move(inbox.epoch)};
  });
}

Result<UnreadCount> count_rows(Connection& db, const Statements& sql, const UserId& user) {
  return db.read({{sql.recount, Parameters(user.value)}}).map([](const std::vector<Rows>& answer) {
    return UnreadCount{.count = answer[0].integer(0, 0), .seq = answer[0].integer(0, 1), .epoch = {}};
  });
}

}  // namespace nx::store::postgres
