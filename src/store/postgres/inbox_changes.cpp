#include "store/postgres/inbox_changes.hpp"

#include <algorithm>
#include <map>

#include "store/postgres/inbox_rows.hpp"

namespace nx::store::postgres {
namespace {

RecipientRow row_of(const Rows& rows, int row) {
  return {.seq = rows.integer(row, RowColumn::seq),
          .read_at = rows.maybe_time(row, RowColumn::read_at),
          .archived_at = rows.maybe_time(row, RowColumn::archived_at),
          .reopened = rows.flag(row, RowColumn::reopened)};
}

Step row_step(const Statements& sql, const Inbox& inbox, const NotificationId& id, const RecipientRow& row) {
  return {sql.update_row, Parameters(inbox.user_no, id, row.read_at, row.archived_at, row.reopened)};
}

Step counters_step(const Statements& sql, const Inbox& inbox) {
  return {sql.write_counters, Parameters(inbox.user_no, inbox.live, inbox.unread, inbox.read_up_to)};
}

}  // namespace

Result<std::optional<InboxRow>> change_inbox_row(Connection& db, const Statements& sql, const UserId& user,
                                                 const NotificationId& id, const Change& change) {
  return db.write([&]() -> Result<std::optional<InboxRow>> {
    auto found = db.exchange({{sql.lock_inbox, Parameters(user.value)}, {sql.lookup_row, Parameters(user.value, id)}});
    if (!found) return error_of(found);
    if ((*found)[1].empty()) return std::nullopt;
    Inbox inbox = inbox_of((*found)[0]);
    const RecipientRow before = row_of((*found)[1], 0);
    const RecipientRow after = changed(before, inbox, change, now_wall());

    std::vector<Step> steps;
    if (after != before) {
      count(inbox, before, after);
      steps.push_back(row_step(sql, inbox, id, after));
      steps.push_back(counters_step(sql, inbox));
    }
    steps.push_back({sql.inbox_row, Parameters(user.value, id)});
    auto done = db.finish(std::move(steps));
    if (!done) return error_of(done);
    return maybe_inbox_row(done->back());
  });
}

Result<Marked> mark_read(Connection& db, const Statements& sql, const UserId& user,
                         std::span<const NotificationId> ids) {
  return db.write([&]() -> Result<Marked> {
    const std::vector<NotificationId> asked(ids.begin(), ids.end());
    auto found =
        db.exchange({{sql.lock_inbox, Parameters(user.value)}, {sql.lookup_rows, Parameters(user.value, asked)}});
    if (!found) return error_of(found);
    Inbox inbox = inbox_of((*found)[0]);
    std::map<NotificationId, RecipientRow> rows;
    for (int i = 0; i < (*found)[1].size(); ++i) {
      rows.emplace((*found)[1].notification_id(i, RowColumn::notification_id), row_of((*found)[1], i));
    }

    Marked marked;
    marked.read_at = now_wall();
    std::vector<Step> steps;
    for (const NotificationId& id : ids) {
      const auto row = rows.find(id);
      if (row == rows.end() || row->second.is_read(inbox)) continue;
      const RecipientRow after = changed(row->second, inbox, {.read = true, .archived = {}}, marked.read_at);
      count(inbox, row->second, after);
      row->second = after;
      steps.push_back(row_step(sql, inbox, id, after));
      marked.ids.push_back(id);
    }
    marked.changed = static_cast<std::int64_t>(marked.ids.size());
    marked.unread = inbox.unread;
    if (marked.ids.empty()) return marked;
    steps.push_back(counters_step(sql, inbox));
    auto done = db.finish(std::move(steps));
    if (!done) return error_of(done);
    return marked;
  });
}

Result<Marked> mark_all_read(Connection& db, const Statements& sql, const UserId& user,
                             std::optional<std::int64_t> up_to_seq) {
  return db.write([&]() -> Result<Marked> {
    auto locked = db.exchange({{sql.lock_inbox, Parameters(user.value)}});
    if (!locked) return error_of(locked);
    Inbox inbox = inbox_of(locked->front());
    Marked marked;
    marked.read_at = now_wall();
    marked.up_to = std::min(up_to_seq.value_or(inbox.last_seq), inbox.last_seq);
    marked.unread = inbox.unread;
    if (marked.up_to <= 0) return marked;

    marked.changed = inbox.unread;  // all rows, so the counter has the number
    if (marked.up_to < inbox.last_seq) {
      auto counted = db.exchange({{sql.count_unread, Parameters(inbox.user_no, inbox.read_up_to, marked.up_to)}});
      if (!counted) return error_of(counted);
      marked.changed = counted->front().integer(0, 0);
    }
    inbox.unread -= marked.changed;
    marked.unread = inbox.unread;

    // Rows that were reopened below the mark are marked read one by one, archived ones too; the new mark covers all
    // others.
    std::vector<Step> steps{{sql.close_reopened, Parameters(inbox.user_no, marked.up_to, marked.read_at)}};
    if (marked.up_to > inbox.read_up_to) {
      inbox.read_up_to = marked.up_to;
      steps.push_back({sql.add_mark, Parameters(inbox.user_no, marked.up_to, marked.read_at)});
    }
    steps.push_back(counters_step(sql, inbox));
    auto done = db.finish(std::move(steps));
    if (!done) return error_of(done);
    return marked;
  });
}

}  // namespace nx::store::postgres
