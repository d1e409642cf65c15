#include "store/postgres/inbox_reads.hpp"

#include <algorithm>
#include <limits>

#include "store/notification_id_range.hpp"
#include "store/postgres/inbox_months.hpp"
#include "store/postgres/inbox_rows.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kArchiveCountLimit = 10'000;  // a larger total is unknown (docs/data-model.md#pages)

constexpr std::size_t kRunsAtOnce = 64;  // months of a user that a page uses; with more, it reads all months
constexpr std::int64_t kMoreRows = 8;    // factor for the next attempt when too few of the rows matched
constexpr int kMonthsKept = 2;           // number of past months for which a session always keeps the plans of pages
// a page of at most so many months is planned for these alone; with more, the kept plan for all months is cheaper
constexpr int kMonthsWritten = 6;

using Show = PageRequest::Show;

PageOrder order_of(const PageRequest& request) {
  return request.since_seq ? PageOrder::oldest_first : PageOrder::newest_first;
}

Stretch asked_for(const PageRequest& request) {
  if (request.since_seq) return {*request.since_seq, std::numeric_limits<std::int64_t>::max()};
  return {0, request.before_seq.value_or(std::numeric_limits<std::int64_t>::max())};
}

/// The skipped rows, the page, and one more row to find out whether there are more.
std::int64_t rows_wanted(const PageRequest& request) {
  return static_cast<std::int64_t>(request.skip + request.limit) + 1;
}

/// An upper bound of the rows of the page, according to the counters.
std::int64_t rows_at_most(const PageRequest& request, const Inbox& inbox) {
  const auto full = static_cast<std::int64_t>(request.limit) + 1;
  if (request.before_seq || request.since_seq || request.show == Show::archived) return full;
  const std::int64_t kept = request.show == Show::unread ? inbox.unread : inbox.live;
  return std::clamp<std::int64_t>(kept - static_cast<std::int64_t>(request.skip), 0, full);
}

std::vector<MonthRun> runs_of(const Rows& rows) {
  std::vector<MonthRun> runs;
  for (int row = 0; row < rows.size(); ++row) {
    runs.push_back({rows.integer(row, 0), Month::of_number(rows.integer(row, 1))});
  }
  return runs;
}

struct Slice {
  std::vector<InboxRow> rows;
  bool more = false;
};

/// The page out of the first `found` rows.
Result<Slice> slice_of(const Rows& rows, int found, std::size_t limit) {
  const bool more = static_cast<std::size_t>(found) > limit;
  auto inbox_rows = inbox_rows_of(rows, more ? static_cast<int>(limit) : found);
  if (!inbox_rows) return error_of(inbox_rows);
  return Slice{.rows = *std::move(inbox_rows), .more = more};
}

/// The rows of a page and the counters of the same snapshot.
struct Read {
  Inbox inbox;
  Slice slice;
  std::optional<std::int64_t> archived;  // the number of archived rows, if it was requested
  bool whole = true;                     // false: more rows have to be read
};

/// The attempts to read one page.
class PageReader {
 public:
  PageReader(Connection& db, const Statements& sql, const PageRequest& request, bool counts_archived)
      : db_(db), sql_(sql), request_(request), counts_archived_(counts_archived) {}

  /// Reads the counters, the map and, speculatively, the page as if all of it were in the current month, in one round
  /// trip. nullopt when it is not.
  Result<std::optional<Read>> guess() {
    const Stretch asked = asked_for(request_);
    const auto order = order_of(request_);
    const Month month = month_of(now_wall());
    text_ = sql_.page_of_month(request_.show, order, month);
    return db_
        .read({{sql_.inbox, Parameters(request_.user.value)},
               {sql_.months, Parameters(request_.user.value, asked.before, kRunsAtOnce)},
               {text_, Parameters(request_.user.value, asked.after, asked.before, request_.limit + 1, request_.skip)}})
        .and_then([&](const std::vector<Rows>& answer) -> Result<std::optional<Read>> {
          Read read{.inbox = counters_of(answer[0]), .slice = {}, .archived = {}, .whole = true};
          const auto window = window_in(answer[0], answer[1], asked, rows_wanted(request_));
          if (!window) return std::nullopt;
          if (!window->first) return read;
          if (window->first != month || window->last != month) return std::nullopt;
          const Rows& rows = answer[2];
          int inside = 0;  // rows outside the window may belong after rows of other months
          while (inside < rows.size() && window->rows.after < seq_of(rows, inside) &&
                 seq_of(rows, inside) < window->rows.before) {
            ++inside;
          }
          if (!window->whole && inside < rows_at_most(request_, read.inbox)) return std::nullopt;
          auto slice = slice_of(rows, inside, request_.limit);
          if (!slice) return error_of(slice);
          read.slice = *std::move(slice);
          return read;
        });
  }

  /// Reads the counters and the map, then the rows of the months that may hold the page. `rows`: read at least this
  /// many.
  Result<Read> read(std::int64_t rows) {
    return db_.look([&]() -> Result<Read> {
      const Stretch asked = asked_for(request_);
      auto found = db_.exchange({{sql_.inbox, Parameters(request_.user.value)},
                                 {sql_.months, Parameters(request_.user.value, asked.before, kRunsAtOnce)}});
      if (!found) return error_of(found);
      Read read{.inbox = counters_of(found->front()), .slice = {}, .archived = {}, .whole = true};
      std::optional<Window> window;
      if (!counts_archived_) {  // the count reads all months anyway
        window = window_in(found->front(), found->back(), asked, rows);
        if (window && window->first && window->first->plus(kMonthsWritten) <= *window->last) window.reset();
      }
      auto last = db_.finish(rows_steps(read.inbox, asked, window));
      if (!last) return error_of(last);
      if (counts_archived_) read.archived = last->back().integer(0, 0);
      if (window && !window->first) return read;
      auto slice = slice_of(last->front(), last->front().size(), request_.limit);
      if (!slice) return error_of(slice);
      read.slice = *std::move(slice);
      read.whole = !window || window->whole || last->front().size() >= rows_at_most(request_, read.inbox);
      return read;
    });
  }

 private:
  /// nullopt where the map does not cover the stretch.
  std::optional<Window> window_in(const Rows& inbox, const Rows& months, Stretch asked, std::int64_t rows) const {
    const std::int64_t last_seq = counters_of(inbox).last_seq;
    if (inbox.integer(0, InboxColumn::mapped_to) != last_seq) return std::nullopt;
    const std::vector<MonthRun> runs = runs_of(months);
    return window_of({runs, runs.size() < kRunsAtOnce, last_seq}, order_of(request_), asked, rows);
  }

  std::vector<Step> rows_steps(const Inbox& inbox, Stretch asked, const std::optional<Window>& window) {
    std::vector<Step> steps;
    const auto order = order_of(request_);
    if (!window) {
      steps.push_back({sql_.page(request_.show, order),
                       Parameters(request_.user.value, asked.after, asked.before, request_.limit + 1, request_.skip)});
    } else if (window->first) {
      text_ = sql_.page_within(request_.show, order, *window->first, *window->last);
      const bool is_recent = *window->first >= month_of(now_wall()).plus(-kMonthsKept);
      const Keep keep = window->first != window->last ? Keep::never : is_recent ? Keep::always : Keep::while_few;
      steps.push_back({text_,
                       Parameters(inbox.user_no, window->rows.after, window->rows.before, request_.limit + 1,
                                  request_.skip, inbox.read_up_to),
                       keep});
    }
    if (counts_archived_) {
      steps.push_back({sql_.archive_count, Parameters(request_.user.value, kArchiveCountLimit + 1)});
    }
    return steps;
  }

  Connection& db_;
  const Statements& sql_;
  const PageRequest& request_;
  const bool counts_archived_;
  std::string text_;  // the text of the statement
};

Result<Read> read_rows(Connection& db, const Statements& sql, const PageRequest& request, bool counts_archived) {
  PageReader reader(db, sql, request, counts_archived);
  if (!counts_archived && !request.before_seq) {
    auto guessed = reader.guess();
    if (!guessed) return error_of(guessed);
    if (*guessed) return std::move(**guessed);
  }
  std::int64_t rows = rows_wanted(request);
  for (;;) {
    auto read = reader.read(rows);
    if (!read || read->whole) return read;
    rows *= kMoreRows;
  }
}

std::optional<std::int64_t> total_of(const Read& read, const PageRequest& request) {
  if (request.before_seq || request.since_seq) return std::nullopt;
  switch (request.show) {
    case Show::inbox:
      return read.inbox.live;
    case Show::unread:
      return read.inbox.unread;
    case Show::archived:
      break;
  }
  return read.archived && *read.archived <= kArchiveCountLimit ? read.archived : std::nullopt;
}

}  // namespace

Result<Page> read_page(Connection& db, const Statements& sql, const PageRequest& request) {
  const bool counts_archived = request.show == Show::archived && !request.before_seq && !request.since_seq;
  return read_rows(db, sql, request, counts_archived).map([&request](Read read) {
    return Page{.rows = std::move(read.slice.rows),
                .more = read.slice.more,
                .total = total_of(read, request),
                .epoch = std::move(read.inbox.epoch)};
  });
}

Result<Missed> read_missed(Connection& db, const Statements& sql, const UserId& user, std::int64_t since,
                           std::size_t limit) {
  PageRequest request;
  request.user = user;
  request.limit = limit;
  request.since_seq = since;
  return read_rows(db, sql, request, false).map([](Read read) {
    return Missed{
        .rows = std::move(read.slice.rows),
        .complete = !read.slice.more,
        .now = {.count = read.inbox.unread, .seq = read.inbox.last_seq, .epoch = std::move(read.inbox.epoch)}};
  });
}

Result<std::vector<Grown>> read_grown(Connection& db, const Statements& sql, std::span<const UserId> users,
                                      EpochMs since, std::size_t rows) {
  std::vector<std::string> ids;
  ids.reserve(users.size());
  for (const UserId& user : users) ids.push_back(user.value);
  return db.read({{sql.grown, Parameters(ids, first_id_at(since), rows)}}).map([](const std::vector<Rows>& answer) {
    std::vector<Grown> grown;
    const Rows& found = answer[0];
    for (int row = 0; row < found.size(); ++row) grown.push_back({{found.text(row, 0)}, found.integer(row, 1)});
    return grown;
  });
}

Result<std::optional<InboxRow>> find_inbox_row(Connection& db, const Statements& sql, const UserId& user,
                                               const NotificationId& id) {
  return db.read({{sql.inbox_row, Parameters(user.value, id)}}).and_then([](const std::vector<Rows>& answer) {
    return maybe_inbox_row(answer[0]);
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
