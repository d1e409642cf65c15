#include "store/postgres/month_map.hpp"

#include <algorithm>

#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

// Bounds of one transaction.
constexpr std::int64_t kInboxesLooked = 20'000;
constexpr std::int64_t kInboxesCleared = 1'000;  // when it looks for runs and marks of dropped months
constexpr std::int64_t kInboxesFilled = 1'000;
constexpr std::int64_t kRowsFilled = 5'000;
constexpr std::int64_t kSmaller = 8, kSmallest = kInboxesFilled;  // after a slice failed

}  // namespace

MonthMapping::MonthMapping(MaintenanceRun& run)
    : run_(run),
      db_(run.db),
      state_(in_schema(R"(SELECT mapped_through, ended_before, map_from <= pg_catalog.clock_timestamp(),
          coalesce((SELECT max(user_no) FROM @"ActivityInbox"), 0),
          EXISTS (SELECT 1 FROM pg_catalog.pg_partitioned_table t JOIN pg_catalog.pg_class c ON c.oid = t.partrelid
            JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
            WHERE s.nspname = $1 AND c.relname = $2 AND t.partdefid <> 0)
        FROM @"ActivityUpkeep")",
                       run.schema)),
      move_(in_schema(R"(UPDATE @"ActivityUpkeep" SET mapped_through = $1)", run.schema)),
      end_(in_schema(R"(UPDATE @"ActivityUpkeep" SET mapped_through = 0, ended_before = greatest(ended_before, $1),
        map_from = pg_catalog.clock_timestamp() + $2 * interval '1 hour')",
                     run.schema)),
      gaps_(in_schema(R"(SELECT user_no, last_seq, mapped_to FROM @"ActivityInbox"
        WHERE user_no > $1 AND user_no <= $2 AND mapped_to < last_seq ORDER BY user_no LIMIT $3)",
                      run.schema)),
      // All transactions lock inboxes in the order of their users' ids. The next pass handles an inbox that is in use.
      lock_(in_schema(R"(SELECT user_no, last_seq, mapped_to FROM @"ActivityInbox" WHERE user_no = ANY($1::bigint[])
        ORDER BY user_id FOR NO KEY UPDATE SKIP LOCKED)",
                      run.schema)),
      // Live and archived rows are read separately, because the indexes in the order of seq are separate.
      runs_(in_schema(R"(SELECT user_no, seq, month FROM (
        SELECT user_no, seq, month, lag(month) OVER (PARTITION BY user_no ORDER BY seq) AS before FROM (
          SELECT r.user_no, r.seq, (extract(year FROM r.at) * 12 + extract(month FROM r.at) - 1)::bigint AS month
          FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (user_no, after, upto) CROSS JOIN LATERAL (
            SELECT user_no, seq, to_timestamp(('x' || left(replace(notification_id::text, '-', ''), 12))::bit(48)::bigint
              / 1000.0) AT TIME ZONE 'UTC' AS at
            FROM (SELECT user_no, seq, notification_id FROM @"ActivityNotificationRecipient"
                WHERE user_no = w.user_no AND seq > w.after AND seq <= w.upto AND archived_at IS NULL
              UNION ALL SELECT user_no, seq, notification_id FROM @"ActivityNotificationRecipient"
                WHERE user_no = w.user_no AND seq > w.after AND seq <= w.upto AND archived_at IS NOT NULL) both_sides) r
        ) months) runs WHERE before IS DISTINCT FROM month ORDER BY user_no, seq)",
                      run.schema)),
      replace_(in_schema(R"(DELETE FROM @"ActivityInboxMonth" e
        USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (user_no, after, upto)
        WHERE e.user_no = w.user_no AND e.first_seq > w.after AND e.first_seq <= w.upto)",
                         run.schema)),
      enter_(in_schema(R"(INSERT INTO @"ActivityInboxMonth" (user_no, first_seq, month)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING)",
                       run.schema)),
      update_(in_schema(R"(UPDATE @"ActivityInbox" i SET mapped_to = t.upto, month = t.month, month_from = t.first
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS t (user_no, upto, month, first)
        WHERE i.user_no = t.user_no)",
                        run.schema)),
      forget_months_(in_schema(
          R"(DELETE FROM @"ActivityInboxMonth" WHERE user_no > $1 AND user_no <= $2 AND month < $3)", run.schema)),
      // Rows below the first run no longer exist, so a read mark there is obsolete.
      forget_marks_(in_schema(R"(DELETE FROM @"ActivityReadMark" m USING @"ActivityInbox" i
        WHERE m.user_no > $1 AND m.user_no <= $2 AND i.user_no > $1 AND i.user_no <= $2 AND i.user_no = m.user_no
          AND i.mapped_to = i.last_seq
          AND m.up_to < coalesce((SELECT min(e.first_seq) FROM @"ActivityInboxMonth" e WHERE e.user_no = m.user_no),
            i.last_seq + 1))",
                              run.schema)) {}

Result<void> MonthMapping::run() {
  auto due = is_due();
  if (!due) return error_of(due);
  bool more = *due;
  while (more && run_.goes_on()) {
    auto done = run_.step([&]() -> Result<void> {
      auto went_on = slice();
      if (!went_on) return error_of(went_on);
      more = *went_on;
      return {};
    });
    if (done) continue;
    if (db_.last_sqlstate() == SqlState::none) return done;  // the server does not answer
    if (divisor_ < kSmallest) {
      divisor_ *= kSmaller;
      continue;
    }
    // One inbox must not stop the pass: it is skipped, and the next pass tries it again.
    auto passed = run_.step([&] { return go_to(trying_); });
    return passed ? done : passed;
  }
  return {};
}

Result<bool> MonthMapping::is_due() {
  bool due = false;
  auto looked = run_.step([&]() -> Result<void> {
    auto state = db_.exchange({{state_, Parameters(run_.schema, kRecipients)}});
    if (!state) return error_of(state);
    const Rows& row = state->front();
    if (row.empty()) return {};
    through_ = row.integer(0, 0);
    ended_before_ = row.integer(0, 1);
    due = row.flag(0, 2);
    last_user_ = row.integer(0, 3);
    found_gap_ = through_ > 0;
    auto months = months_present(db_, run_.schema, kRecipients);
    if (!months) return error_of(months);
    // Rows in a default partition may belong to any month.
    const bool has_default = row.flag(0, 4);
    oldest_ = has_default || months->empty() ? 0 : months->front().number();
    return {};
  });
  if (!looked) return error_of(looked);
  return due;
}

Result<bool> MonthMapping::slice() {
  if (through_ >= last_user_) return end_walk();
  trying_ = through_ + 1;
  const bool clears = oldest_ > ended_before_;
  std::int64_t last = std::min(last_user_, through_ + (clears ? kInboxesCleared : kInboxesLooked));
  auto gaps = gaps_up_to(last);
  if (!gaps) return error_of(gaps);
  if (!gaps->empty()) {
    found_gap_ = true;
    trying_ = gaps->front().user_no;
    const bool is_full =
        static_cast<std::int64_t>(gaps->size()) == std::max<std::int64_t>(1, kInboxesFilled / divisor_);
    if (is_full) last = gaps->back().user_no;
    std::int64_t room = std::max<std::int64_t>(1, kRowsFilled / divisor_);
    std::size_t taken = 0;
    for (; taken < gaps->size() && room > 0; ++taken) {
      Gap& gap = (*gaps)[taken];
      gap.upto = std::min(gap.last_seq, gap.after + room);
      room -= gap.upto - gap.after;
    }
    // An inbox with more rows than the bound is visited again until all are entered, or until it is in use.
    const bool is_partial = (*gaps)[taken - 1].upto < (*gaps)[taken - 1].last_seq;
    if (taken < gaps->size() || is_partial) last = (*gaps)[taken - 1].user_no - (is_partial ? 1 : 0);
    gaps->resize(taken);
    const Gap newest = gaps->back();
    if (auto filled = fill(*gaps); !filled) return error_of(filled);
    if (is_partial) {
      auto left = db_.exchange({{gaps_, Parameters(newest.user_no - 1, newest.user_no, 1)}});
      if (!left) return error_of(left);
      const bool moved = left->front().empty() || left->front().integer(0, 2) > newest.after;
      if (!moved) last = newest.user_no;
    }
  }
  if (clears) {
    auto cleared = db_.exchange(
        {{forget_months_, Parameters(through_, last, oldest_)}, {forget_marks_, Parameters(through_, last)}});
    if (!cleared) return error_of(cleared);
  }
  if (auto moved = go_to(last); !moved) return error_of(moved);
  return true;
}

/// Rows without runs were written by programs before version 6; if some were found, more may follow.
Result<bool> MonthMapping::end_walk() {
  constexpr std::int64_t kSoon = 1, kLater = 24;  // hours
  auto ended = db_.exchange({{end_, Parameters(oldest_, found_gap_ ? kSoon : kLater)}});
  if (!ended) return error_of(ended);
  return false;
}

Result<void> MonthMapping::go_to(std::int64_t user_no) {
  auto moved = db_.exchange({{move_, Parameters(user_no)}});
  if (!moved) return error_of(moved);
  through_ = user_no;
  return {};
}

Result<std::vector<MonthMapping::Gap>> MonthMapping::gaps_up_to(std::int64_t user_no) {
  auto found =
      db_.exchange({{gaps_, Parameters(through_, user_no, std::max<std::int64_t>(1, kInboxesFilled / divisor_))}});
  if (!found) return error_of(found);
  const Rows& rows = found->front();
  std::vector<Gap> gaps;
  for (int row = 0; row < rows.size(); ++row) {
    gaps.push_back({.user_no = rows.integer(row, 0),
                    .after = rows.integer(row, 2),
                    .upto = rows.integer(row, 1),
                    .last_seq = rows.integer(row, 1)});
  }
  return gaps;
}

/// The rows are read before their inboxes are locked: the month of a row never changes, and all rows up to the
/// `last_seq` that was read exist.
Result<void> MonthMapping::fill(const std::vector<Gap>& gaps) {
  auto runs = runs_of(gaps);
  if (!runs) return error_of(runs);
  auto ours = locked(gaps);
  if (!ours) return error_of(ours);
  return enter(*ours, *runs);
}

/// The gaps whose inboxes nobody else has locked or has filled meanwhile.
Result<std::vector<MonthMapping::Gap>> MonthMapping::locked(const std::vector<Gap>& gaps) {
  std::vector<std::int64_t> users;
  for (const Gap& gap : gaps) users.push_back(gap.user_no);
  auto locked = db_.exchange({{lock_, Parameters(users)}});
  if (!locked) return error_of(locked);
  const Rows& rows = locked->front();
  std::vector<Gap> ours;
  for (int row = 0; row < rows.size(); ++row) {
    const auto seen = std::ranges::lower_bound(gaps, rows.integer(row, 0), {}, &Gap::user_no);
    if (rows.integer(row, 2) == seen->after) ours.push_back(*seen);
  }
  return ours;
}

Result<std::vector<MonthMapping::Run>> MonthMapping::runs_of(const std::vector<Gap>& gaps) {
  std::vector<std::int64_t> users, after, upto;
  for (const Gap& gap : gaps) {
    users.push_back(gap.user_no);
    after.push_back(gap.after);
    upto.push_back(gap.upto);
  }
  auto found = db_.exchange({{runs_, Parameters(users, after, upto)}});
  if (!found) return error_of(found);
  const Rows& rows = found->front();
  std::vector<Run> runs;
  for (int row = 0; row < rows.size(); ++row) {
    runs.push_back({rows.integer(row, 0), rows.integer(row, 1), rows.integer(row, 2)});
  }
  return runs;
}

Result<void> MonthMapping::enter(const std::vector<Gap>& gaps, const std::vector<Run>& runs) {
  // The month of the last run, which the next writer continues; 0 without rows, so that the next writer begins a run.
  std::vector<std::int64_t> users, after, upto, month, first, run_users, run_seqs, run_months;
  for (const Gap& gap : gaps) {
    users.push_back(gap.user_no);
    after.push_back(gap.after);
    upto.push_back(gap.upto);
    month.push_back(0);
    first.push_back(0);
    for (auto run = std::ranges::lower_bound(runs, gap.user_no, {}, &Run::user_no);
         run != runs.end() && run->user_no == gap.user_no; ++run) {
      run_users.push_back(run->user_no);
      run_seqs.push_back(run->first_seq);
      run_months.push_back(run->month);
      month.back() = run->month;
      first.back() = run->first_seq;
    }
  }
  return db_
      .exchange({{replace_, Parameters(users, after, upto)},
                 {enter_, Parameters(run_users, run_seqs, run_months)},
                 {update_, Parameters(users, upto, month, first)}})
      .map([](const std::vector<Rows>&) {});
}

}  // namespace nx::store::postgres
