#include "store/postgres/statements.hpp"

#include <fmt/core.h>

#include "model/uuid.hpp"

namespace nx::store::postgres {
namespace {

// A row below a mark was read when the first mark that covers it was set.
constexpr std::string_view kReadAt =
    R"(coalesce(r.read_at, CASE WHEN NOT r.reopened THEN (SELECT m.read_at FROM @"ActivityReadMark" m
      WHERE m.user_no = r.user_no AND m.up_to >= r.seq ORDER BY m.up_to LIMIT 1) END))";

constexpr std::string_view kUserNo = R"((SELECT i.user_no FROM @"ActivityInbox" i WHERE i.user_id = $1))";
constexpr std::string_view kMark = R"((SELECT i.read_up_to FROM @"ActivityInbox" i WHERE i.user_id = $1))";

// OFFSET 0 keeps the planner from turning the look-up into a join. While a month's partition is empty, all its plans
// cost the same, and the planner could keep one that reads the whole index and filters.
std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string notification_of(std::string_view condition = {}) {
  return join({R"(CROSS JOIN LATERAL (SELECT * FROM @"ActivityNotification" o WHERE o.id = r.notification_id)",
               condition, " OFFSET 0) n"});
}

/// In the order of EntryColumn.
std::string row_columns() {
  return join({"r.seq, r.archived_at, ", kReadAt});
}

/// The parts of a page's statement: the user, the read mark, and the conditions on months.
struct PageSource {
  std::string user_no, mark;
  std::string recipients, notifications;  // further conditions on these tables
};

PageSource all_months() {
  return {.user_no = std::string{kUserNo}, .mark = std::string{kMark}, .recipients = {}, .notifications = {}};
}

/// Months are literals in the statement, so that the cached plan contains only their partitions.
PageSource within(PageSource user, Month first, Month last) {
  const auto between = [&](std::string_view id) {
    return join({" AND ", id, " >= '", uuid_text(first.first_id().bytes), "' AND ", id, " < '",
                 uuid_text(last.plus(1).first_id().bytes), "'"});
  };
  user.recipients = between("notification_id");
  user.notifications = between("o.id");
  return user;
}

std::string page_statement(PageRequest::Show show, PageOrder order, const PageSource& source) {
  const std::string_view by_seq = order == PageOrder::newest_first ? " ORDER BY seq DESC" : " ORDER BY seq";
  const auto rows = [&source](std::string_view after, std::string_view condition) {
    return join(
        {R"(SELECT user_no, seq, notification_id, read_at, archived_at, reopened FROM @"ActivityNotificationRecipient" WHERE user_no = )",
         source.user_no, " AND seq > ", after, " AND seq < $3 AND ", condition, source.recipients});
  };
  std::string page;
  switch (show) {
    case PageRequest::Show::inbox:
      page = rows("$2", "archived_at IS NULL");
      break;
    case PageRequest::Show::archived:
      page = rows("$2", "archived_at IS NOT NULL");
      break;
    case PageRequest::Show::unread:
      // Above the mark the unread index is used; below it only reopened rows are unread.
      page = join({"SELECT * FROM ((",
                   rows(join({"greatest($2, ", source.mark, ")"}), "archived_at IS NULL AND read_at IS NULL"), by_seq,
                   " LIMIT $4::bigint + $5::bigint) UNION ALL (",
                   rows("$2", "reopened AND archived_at IS NULL AND read_at IS NULL"), by_seq,
                   " LIMIT $4::bigint + $5::bigint)) both_sides"});
      break;
  }
  return join({"SELECT ", kNotificationColumns, ", ", row_columns(), " FROM (", page, by_seq, " LIMIT $4 OFFSET $5) r ",
               notification_of(source.notifications), " ORDER BY r.seq",
               order == PageOrder::newest_first ? " DESC" : ""});
}

}  // namespace

std::string in_schema(std::string_view sql, const std::string& schema) {
  const std::string prefix = quoted(schema, '"') + ".";
  std::string out;
  for (const char c : sql) {
    if (c == '@') {
      out += prefix;
    } else {
      out += c;
    }
  }
  return out;
}

FilterParts::FilterParts(const std::string& schema)
    : recipients(in_schema(R"(@"ActivityNotificationRecipient" AS r)", schema)),
      user_no(in_schema(kUserNo, schema)),
      mark(in_schema(kMark, schema)),
      notification(" " + in_schema(notification_of(), schema)),
      entry_columns(in_schema(join({kNotificationColumns, ", ", row_columns()}), schema)),
      read_at(in_schema(kReadAt, schema)) {}

Statements::Statements(const std::string& schema) : filter(schema), schema_(schema) {
  const Make make = [&schema](std::initializer_list<std::string_view> parts) { return in_schema(join(parts), schema); };
  make_reads(make);
  make_changes(make);
  make_revocations_and_acknowledgements(make);
  make_deliveries(make);
  make_ingest(make);
  make_broadcasts(schema);
}

void Statements::make_reads(const Make& make) {
  inbox = make({R"(SELECT coalesce(i.user_no, 0), coalesce(i.last_seq, 0), coalesce(i.live, 0), coalesce(i.unread, 0),
    coalesce(i.read_up_to, 0), s.epoch, coalesce(i.mapped_to, 0) FROM @"ActivitySchema" s LEFT JOIN @"ActivityInbox" i ON i.user_id = $1)"});
  months = make({R"(SELECT first_seq, month FROM @"ActivityInboxMonth" WHERE user_no = )", kUserNo,
                 " AND first_seq < $2 ORDER BY first_seq DESC LIMIT $3"});
  inbox_row = make({"SELECT ", kNotificationColumns, ", ", row_columns(), R"( FROM @"ActivityNotificationRecipient" r
    JOIN @"ActivityNotification" n ON n.id = r.notification_id WHERE r.user_no = )",
                    kUserNo, " AND r.notification_id = $2 AND n.id = $2"});
  for (const auto show : {PageRequest::Show::inbox, PageRequest::Show::unread, PageRequest::Show::archived}) {
    for (const auto order : {PageOrder::newest_first, PageOrder::oldest_first}) {
      pages_[static_cast<std::size_t>(show)][static_cast<std::size_t>(order)] =
          in_schema(page_statement(show, order, all_months()), schema_);
    }
  }
  grown = make({R"(SELECT i.user_id, greatest(r.first - 1, i.last_seq - $3) FROM unnest($1::text[]) AS asked (id)
    CROSS JOIN LATERAL (SELECT user_no, user_id, last_seq FROM @"ActivityInbox" WHERE user_id = asked.id OFFSET 0) i
    CROSS JOIN LATERAL (
      SELECT min(seq) AS first FROM @"ActivityNotificationRecipient"
      WHERE user_no = i.user_no AND notification_id >= $2 OFFSET 0) r WHERE r.first IS NOT NULL)"});
  // The order is requested because only the archive's index has it.
  archive_count = make({R"(SELECT count(*) FROM (SELECT 1 FROM @"ActivityNotificationRecipient" WHERE user_no = )",
                        kUserNo, " AND archived_at IS NOT NULL ORDER BY seq DESC LIMIT $2) counted"});
  recount =
      make({R"(SELECT count(*) FILTER (WHERE archived_at IS NULL AND read_at IS NULL AND (reopened OR seq > )", kMark,
            R"()), coalesce(max(seq), 0) FROM @"ActivityNotificationRecipient" WHERE user_no = )", kUserNo});
}

void Statements::make_changes(const Make& make) {
  lock_inbox = make(
      {R"(SELECT user_no, last_seq, live, unread, read_up_to FROM @"ActivityInbox" WHERE user_id = $1 FOR UPDATE)"});
  constexpr std::string_view kRow =
      R"(SELECT seq, read_at, archived_at, reopened, notification_id FROM @"ActivityNotificationRecipient" WHERE user_no = )";
  lookup_row = make({kRow, kUserNo, " AND notification_id = $2"});
  lookup_rows = make({"SELECT r.* FROM unnest($2::uuid[]) AS asked (id) CROSS JOIN LATERAL (", kRow, kUserNo,
                      " AND notification_id = asked.id OFFSET 0) r"});
  update_row = make({R"(UPDATE @"ActivityNotificationRecipient" SET read_at = $3, archived_at = $4, reopened = $5
    WHERE user_no = $1 AND notification_id = $2)"});
  count_unread = make({R"(SELECT (SELECT count(*) FROM @"ActivityNotificationRecipient"
        WHERE user_no = $1 AND archived_at IS NULL AND read_at IS NULL AND seq > $2 AND seq <= $3)
    + (SELECT count(*) FROM @"ActivityNotificationRecipient"
        WHERE user_no = $1 AND reopened AND archived_at IS NULL AND read_at IS NULL AND seq <= $3))"});
  close_reopened = make({R"(UPDATE @"ActivityNotificationRecipient" SET read_at = $3, reopened = false
    WHERE user_no = $1 AND reopened AND seq <= $2)"});
  add_mark = make({R"(INSERT INTO @"ActivityReadMark" (user_no, up_to, read_at) VALUES ($1, $2, $3))"});
  write_counters = make({R"(UPDATE @"ActivityInbox" SET live = $2, unread = $3, read_up_to = $4 WHERE user_no = $1)"});
}

void Statements::make_revocations_and_acknowledgements(const Make& make) {
  revoke = make(
      {R"(INSERT INTO @"ActivityRevocation" AS r (user_id, revoked_at, revoked_by) VALUES ($1, clock_timestamp(), $2)
    ON CONFLICT (user_id) DO UPDATE SET revoked_at = greatest(r.revoked_at, excluded.revoked_at), revoked_by = excluded.revoked_by
    RETURNING revoked_at)"});
  revocations = make({R"(SELECT user_id, revoked_at FROM @"ActivityRevocation" WHERE (revoked_at, user_id) > ($1, $2)
    ORDER BY revoked_at, user_id LIMIT $3)"});
  acknowledge_ids = make({R"(UPDATE @"ActivityNotificationRecipient" SET delivered_at = $3 WHERE user_no = )", kUserNo,
                          " AND notification_id = ANY($2::uuid[]) AND delivered_at IS NULL"});
  // Takes the newest rows of the stretch, whether marked or not, so that the scan ends after that many.
  acknowledge_stretch =
      make({R"(UPDATE @"ActivityNotificationRecipient" SET delivered_at = $5 WHERE user_no = )", kUserNo,
            R"( AND delivered_at IS NULL AND notification_id = ANY(ARRAY(SELECT w.notification_id FROM (
      SELECT notification_id, delivered_at FROM @"ActivityNotificationRecipient" WHERE user_no = )",
            kUserNo, R"( AND archived_at IS NULL AND seq > $2 AND seq <= $3 ORDER BY seq DESC LIMIT $4) w
      WHERE w.delivered_at IS NULL)))"});
}

void Statements::make_deliveries(const Make& make) {
  stored_notification =
      make({"SELECT ", kNotificationColumns, R"(, n.excluded, (SELECT k.source FROM @"ActivityNotificationKey" k
      WHERE k.created_at = n.created_at AND k.notification_id = n.id LIMIT 1) FROM @"ActivityNotification" n WHERE n.id = $1)"});
  delivery = make({"SELECT $1::text, ", row_columns(), R"(, r.delivered_at FROM @"ActivityNotificationRecipient" r
    WHERE r.user_no = )",
                   kUserNo, " AND r.notification_id = $2"});
  deliveries = make({"SELECT u.user_id, ", row_columns(), R"(, r.delivered_at
    FROM (SELECT user_id, user_no FROM @"ActivityInbox" WHERE user_id > $1 ORDER BY user_id LIMIT $3) u
    CROSS JOIN LATERAL (SELECT * FROM @"ActivityNotificationRecipient" o
      WHERE o.user_no = u.user_no AND o.notification_id = $2 OFFSET 0) r)"});
  next_inboxes = make({R"(SELECT coalesce(max(u.user_id), ''), count(*) FROM (SELECT user_id FROM @"ActivityInbox"
    WHERE user_id > $1 ORDER BY user_id LIMIT $2) u)"});
}

void Statements::make_ingest(const Make& make) {
  claim_keys = make({R"(INSERT INTO @"ActivityNotificationKey" (key, notification_id, source, created_at)
    SELECT k, i, s, $4 FROM unnest($1::bytea[], $2::uuid[], $3::text[]) AS t (k, i, s)
    ON CONFLICT (key) DO NOTHING RETURNING notification_id)"});
  find_keys = make({R"(SELECT key, notification_id, source FROM @"ActivityNotificationKey" WHERE key = ANY($1))"});
  insert_notifications =
      make({R"(INSERT INTO @"ActivityNotification" (id, key, type, title, body, data, extra, recipient_scope,
      organizer_id, merchant_id, actor_id, occurred_at, excluded, created_at, modified_at)
    SELECT t.*, $14, $14 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[],
      $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::jsonb[]) AS t)"});
  upsert_inboxes =
      make({R"(INSERT INTO @"ActivityInbox" AS i (user_id, last_seq, live, unread, month, month_from, mapped_to)
    SELECT u, n, n, n, $3, 1, n FROM unnest($1::text[], $2::bigint[]) AS t (u, n)
    ON CONFLICT (user_id) DO UPDATE SET last_seq = i.last_seq + excluded.last_seq, live = i.live + excluded.live,
      unread = i.unread + excluded.unread, month = excluded.month,
      month_from = CASE WHEN i.month = excluded.month THEN i.month_from ELSE i.last_seq + 1 END,
      mapped_to = CASE WHEN i.mapped_to = i.last_seq THEN i.last_seq + excluded.last_seq ELSE i.mapped_to END
    RETURNING user_id, user_no, last_seq, unread, month_from, mapped_to)"});
  insert_months = make({R"(INSERT INTO @"ActivityInboxMonth" (user_no, first_seq, month)
    SELECT u, f, $3 FROM unnest($1::bigint[], $2::bigint[]) AS t (u, f)
    ON CONFLICT (user_no, first_seq) DO UPDATE SET month = excluded.month)"});
  lock_free_inboxes =
      make({R"(SELECT user_id FROM @"ActivityInbox" WHERE user_id = ANY($1::text[]) FOR NO KEY UPDATE SKIP LOCKED)"});
  known_inboxes = make({R"(SELECT user_id FROM @"ActivityInbox" WHERE user_id = ANY($1::text[]))"});
  copy_recipients =
      make({R"(COPY @"ActivityNotificationRecipient" (user_no, seq, notification_id) FROM STDIN (FORMAT binary))"});
  stored = make({"SELECT ", kNotificationColumns, R"( FROM @"ActivityNotification" n WHERE n.id = $1)"});
  delivered = make({R"(SELECT u.user_id, r.seq, i.unread FROM unnest($1::text[]) WITH ORDINALITY AS u (user_id, place)
    CROSS JOIN LATERAL (SELECT user_no, unread FROM @"ActivityInbox" WHERE user_id = u.user_id OFFSET 0) i
    CROSS JOIN LATERAL (SELECT seq FROM @"ActivityNotificationRecipient" WHERE user_no = i.user_no AND notification_id = $2
      AND archived_at IS NULL OFFSET 0) r ORDER BY u.place)"});
}

std::string Statements::page_within(PageRequest::Show show, PageOrder order, Month first, Month last) const {
  PageSource known{.user_no = "$1", .mark = "$6::bigint", .recipients = {}, .notifications = {}};
  return in_schema(page_statement(show, order, within(std::move(known), first, last)), schema_);
}

std::string Statements::page_of_month(PageRequest::Show show, PageOrder order, Month month) const {
  return in_schema(page_statement(show, order, within(all_months(), month, month)), schema_);
}

std::vector<Statements::Named> Statements::all() const {
  std::vector<Named> list{
      {"inbox", inbox},
      {"months", months},
      {"inbox_row", inbox_row},
      {"archive_count", archive_count},
      {"recount", recount},
      {"grown", grown},
      {"lock_inbox", lock_inbox},
      {"lookup_row", lookup_row},
      {"lookup_rows", lookup_rows},
      {"update_row", update_row},
      {"count_unread", count_unread},
      {"close_reopened", close_reopened},
      {"add_mark", add_mark},
      {"write_counters", write_counters},
      {"revoke", revoke},
      {"revocations", revocations},
      {"acknowledge_ids", acknowledge_ids},
      {"acknowledge_stretch", acknowledge_stretch},
      {"stored_notification", stored_notification},
      {"delivery", delivery},
      {"deliveries", deliveries},
      {"next_inboxes", next_inboxes},
      {"claim_keys", claim_keys},
      {"find_keys", find_keys},
      {"insert_notifications", insert_notifications},
      {"upsert_inboxes", upsert_inboxes},
      {"insert_months", insert_months},
      {"lock_free_inboxes", lock_free_inboxes},
      {"known_inboxes", known_inboxes},
      {"stored", stored},
      {"delivered", delivered},
      {"insert_broadcast", insert_broadcast},
      {"take_broadcast", take_broadcast},
      {"listed_of_broadcast", listed_of_broadcast},
      {"broadcast_at", broadcast_at},
      {"advance_broadcast", advance_broadcast},
      {"release_broadcast", release_broadcast},
      {"finish_broadcast", finish_broadcast},
      {"open_broadcasts", open_broadcasts},
  };
  for (const auto& [show, name] :
       {std::pair{PageRequest::Show::inbox, "inbox"}, std::pair{PageRequest::Show::unread, "unread"},
        std::pair{PageRequest::Show::archived, "archived"}}) {
    list.push_back({std::string{"page "} + name, page(show, PageOrder::newest_first)});
    list.push_back({fmt::format("page {} upwards", name), page(show, PageOrder::oldest_first)});
  }
  return list;
}

}  // namespace nx::store::postgres
