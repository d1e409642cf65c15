#include "store/filter_sql.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "store/filter_conditions.hpp"

namespace nx::store {
namespace {

using Order = FilterPlan::Order;
using Source = FilterPlan::Source;

/// The lowest or the highest id of a millisecond, by `rest`.
NotificationId id_at(EpochMs time, std::uint8_t rest) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 48) - 1;
  const auto ms = static_cast<std::uint64_t>(std::clamp<std::int64_t>(time.value, 0, kMost));
  NotificationId id;
  id.bytes.fill(rest);
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  return id;
}

class StatementWriter {
 public:
  StatementWriter(const FilterDialect& dialect, const FilterPlan& plan, std::vector<SqlValue> first)
      : dialect_(dialect), plan_(plan), conditions_(dialect, std::move(first)) {
    if (!plan.rest.empty()) rest_ = " AND " + conditions_.where(plan.rest);
    if (plan.above) above_ = conditions_.bind(*plan.above);
    if (plan.below) rest_ += " AND r.seq < " + conditions_.bind(*plan.below);
    if (plan.since) rest_ += " AND r.notification_id >= " + conditions_.bind(id_at(*plan.since, 0x00));
    if (plan.until) rest_ += " AND r.notification_id <= " + conditions_.bind(id_at(*plan.until, 0xff));
    if (plan.source == Source::by_id) rest_ += " AND r.notification_id IN " + ids();
  }

  FilterStatement page(const FilterRequest& request, bool with_total) {
    add_order_keys(request.order);
    const std::size_t wanted = request.page.skip + request.page.limit + 1;
    std::string limit;
    if (plan_.order != Order::sorted) {
      const auto most = static_cast<std::int64_t>(wanted);
      limit = conditions_.bind(with_total ? std::max(most, kTotalLimit + 1) : most);
    }
    std::string sql =
        plan_.by_time() ? walk_by_time(limit) : fmt::format("WITH hits AS MATERIALIZED ({})", sides(limit));
    sql += " SELECT ";
    sql += dialect_.entry_columns();
    if (with_total) sql += ", (SELECT count(*) FROM hits)";
    const std::string most = conditions_.bind(static_cast<std::int64_t>(request.page.limit) + 1);
    const std::string skipped = conditions_.bind(static_cast<std::int64_t>(request.page.skip));
    sql += fmt::format(" FROM (SELECT r.* FROM hits r{} LIMIT {} OFFSET {}) r", order_by(), most, skipped);
    sql += dialect_.notification();
    sql += order_by();
    return {std::move(sql), conditions_.take_values(), with_total};
  }

  FilterStatement count(std::int64_t at_most) {
    const std::string limit = conditions_.bind(at_most);
    std::string sql = fmt::format("SELECT count(*) FROM ({}) counted", sides(limit));
    return {std::move(sql), conditions_.take_values(), true};
  }

 private:
  std::string ids() {
    std::string list;
    for (const NotificationId& id : plan_.ids) {
      if (!list.empty()) list += ", ";
      list += conditions_.bind(id);
    }
    return fmt::format("({})", list);
  }

  /// Expressions of the order become columns of `hits`, so that they are computed once.
  void add_order_keys(const std::vector<OrderTerm>& order) {
    if (plan_.order != Order::sorted && !plan_.by_time()) return;
    for (const OrderTerm& term : order) {
      for (const std::string& expression : conditions_.order(term.subject)) {
        keys_ += fmt::format(", {} AS key_{}", expression, descending_.size());
        descending_.push_back(term.descending);
      }
    }
  }

  std::string order_by() const {
    std::string terms;
    for (std::size_t i = 0; i < descending_.size(); ++i) {
      terms += fmt::format("r.key_{}{}", i, descending_[i] ? " DESC NULLS FIRST, " : " ASC NULLS LAST, ");
    }
    return fmt::format(" ORDER BY {}{}", terms, plan_.order == Order::oldest_first ? "r.seq" : "r.seq DESC");
  }

  std::string side(const FilterSide& side, const std::string& limit) const {
    std::string sql =
        fmt::format("SELECT r.user_no, r.seq, r.notification_id, r.read_at, r.archived_at, r.reopened{} FROM {}", keys_,
                    side.table);
    if (conditions_.needs_notification()) sql += dialect_.notification();
    sql.append(" WHERE r.user_no = ").append(dialect_.user_no());
    if (!side.condition.empty()) sql.append(" AND ").append(side.condition);
    // There is one lower end: with two, SQLite would start in the index at the first one and read everything below the
    // second.
    if (!side.above.empty()) {
      sql += " AND r.seq > ";
      sql += above_.empty() ? std::string{side.above} : dialect_.greatest(above_, side.above);
    } else if (!above_.empty()) {
      sql += " AND r.seq > " + above_;
    }
    sql += rest_;
    // The order is requested even where it does not matter, so that the database picks an index that has it.
    if (plan_.by_time()) {
      sql += plan_.order == Order::latest_first ? " ORDER BY r.notification_id DESC" : " ORDER BY r.notification_id";
    } else if (plan_.source != Source::by_id && plan_.source != Source::by_time && plan_.order != Order::sorted) {
      sql += plan_.order == Order::oldest_first ? " ORDER BY r.seq" : " ORDER BY r.seq DESC";
    }
    if (!limit.empty()) sql += " LIMIT " + limit;
    return sql;
  }

  /// Reads as many rows as needed in the order of ids, and in addition all others of the last row's millisecond,
  /// because they may sort before it.
  std::string walk_by_time(const std::string& limit) const {
    const FilterSide walk = dialect_.sides(plan_.source).front();
    const bool down = plan_.order == Order::latest_first;
    const std::string last = fmt::format(
        "(SELECT w.notification_id FROM walked w ORDER BY w.notification_id{} LIMIT 1)", down ? "" : " DESC");
    const std::string within = down ? fmt::format("r.notification_id < {} AND r.notification_id >= {}", last,
                                                  dialect_.first_of_millisecond(last))
                                    : fmt::format("r.notification_id > {} AND r.notification_id <= {}", last,
                                                  dialect_.last_of_millisecond(last));
    const FilterSide tied{walk.table, within, {}};
    return fmt::format(
        "WITH walked AS MATERIALIZED ({}), hits AS MATERIALIZED (SELECT * FROM walked UNION ALL SELECT * FROM ({}) "
        "tied)",
        side(walk, limit), side(tied, {}));
  }

  std::string sides(const std::string& limit) const {
    const std::vector<FilterSide> sides = dialect_.sides(plan_.source);
    if (sides.size() == 1) return side(sides.front(), limit);
    std::string all;
    for (const FilterSide& one : sides) {
      if (!all.empty()) all += " UNION ALL ";
      all += fmt::format("SELECT * FROM ({}) side", side(one, limit));
    }
    return all;
  }

  const FilterDialect& dialect_;
  const FilterPlan& plan_;
  FilterConditions conditions_;
  std::string rest_, above_, keys_;
  std::vector<bool> descending_;  // by key
};

}  // namespace

FilterStatement page_statement(const FilterDialect& dialect, const FilterRequest& request, const FilterPlan& plan,
                               bool with_total, std::vector<SqlValue> first) {
  return StatementWriter(dialect, plan, std::move(first)).page(request, with_total);
}

FilterStatement count_statement(const FilterDialect& dialect, const FilterPlan& plan, std::int64_t at_most,
                                std::vector<SqlValue> first) {
  return StatementWriter(dialect, plan, std::move(first)).count(at_most);
}

}  // namespace nx::store
