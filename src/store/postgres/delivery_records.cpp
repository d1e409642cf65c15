#include "store/postgres/delivery_records.hpp"

#include <algorithm>

#include "store/postgres/inbox_rows.hpp"
#include "store/users_json.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::size_t kStepsAtOnce = 256;  // per round trip

/// For the statements delivery and deliveries.
DeliveryRecord record_of(const Rows& rows, int row) {
  return {.user = {rows.text(row, DeliveryColumn::user_id)},
          .seq = rows.integer(row, DeliveryColumn::seq),
          .delivered_at = rows.maybe_time(row, DeliveryColumn::delivered_at),
          .read_at = rows.maybe_time(row, DeliveryColumn::read_at),
          .archived_at = rows.maybe_time(row, DeliveryColumn::archived_at)};
}

/// Sorted by user and then by name, so that two writers lock rows in the same order.
std::vector<Step> steps_of(const Statements& sql, std::span<const Acknowledgement> batch) {
  std::vector<const Acknowledgement*> order;
  order.reserve(batch.size());
  for (const Acknowledgement& one : batch) order.push_back(&one);
  std::ranges::stable_sort(order, {}, [](const Acknowledgement* one) { return std::string_view{one->user.value}; });
  std::vector<Step> steps;
  for (const Acknowledgement* one : order) {
    if (!one->ids.empty()) steps.push_back({sql.acknowledge_ids, Parameters(one->user.value, one->ids, one->at)});
    if (one->up_to > one->above) {
      steps.push_back({sql.acknowledge_stretch,
                       Parameters(one->user.value, one->above, one->up_to, kMaxAcknowledgedRows, one->at)});
    }
  }
  return steps;
}

}  // namespace

Result<std::int64_t> acknowledge(Connection& db, const Statements& sql, std::span<const Acknowledgement> batch) {
  return db.write([&]() -> Result<std::int64_t> {
    std::vector<Step> all = steps_of(sql, batch);
    std::int64_t marked = 0;
    for (std::size_t first = 0; first < all.size(); first += kStepsAtOnce) {
      const std::size_t end = std::min(first + kStepsAtOnce, all.size());
      std::vector<Step> steps(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(first)),
                              std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(end)));
      auto done = end == all.size() ? db.finish(std::move(steps)) : db.exchange(std::move(steps));
      if (!done) return error_of(done);
      for (const Rows& rows : *done) marked += rows.changed();
    }
    return marked;
  });
}

Result<std::optional<StoredNotification>> read_stored_notification(Connection& db, const Statements& sql,
                                                                   const NotificationId& id) {
  auto answer = db.read({{sql.stored_notification, Parameters(id)}});
  if (!answer) return error_of(answer);
  const Rows& rows = answer->front();
  if (rows.empty()) return std::nullopt;
  auto notification = notification_of(rows, 0);
  if (!notification) return error_of(notification);
  return StoredNotification{.notification = *std::move(notification),
                            .excluded = users_from_json(rows.maybe_json(0, StoredColumn::excluded).value_or("[]")),
                            .source = rows.maybe_text(0, StoredColumn::source)};
}

Result<std::optional<DeliveryRecord>> read_delivery(Connection& db, const Statements& sql, const UserId& user,
                                                    const NotificationId& id) {
  auto answer = db.read({{sql.delivery, Parameters(user.value, id)}});
  if (!answer) return error_of(answer);
  if (answer->front().empty()) return std::nullopt;
  return record_of(answer->front(), 0);
}

Result<DeliverySlice> read_deliveries(Connection& db, const Statements& sql, const NotificationId& id,
                                      const UserId& after, std::size_t inboxes) {
  auto answer = db.read(
      {{sql.deliveries, Parameters(after.value, id, inboxes)}, {sql.next_inboxes, Parameters(after.value, inboxes)}});
  if (!answer) return error_of(answer);
  DeliverySlice slice;
  const Rows& rows = answer->front();
  for (int row = 0; row < rows.size(); ++row) slice.records.push_back(record_of(rows, row));
  const Rows& looked_into = answer->back();
  if (looked_into.integer(0, NextInboxesColumn::count) >= static_cast<std::int64_t>(inboxes))
    slice.reached = UserId{looked_into.text(0, NextInboxesColumn::last_user_id)};
  return slice;
}

}  // namespace nx::store::postgres
