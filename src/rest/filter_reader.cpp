#include "rest/filter_reader.hpp"

#include "json/document.hpp"
#include "rest/filter_terms.hpp"

namespace nx::rest {
namespace {

Input<void> take_where(Filter& filter, json::View value, const std::string& at, WhereUse use) {
  // Like IGNIS, also accepts JSON text within JSON.
  if (value.is_string()) {
    const auto inner = read_filter_document(value.text(), at);
    if (!inner) return error_of(inner);
    if (inner->root().is_string()) return bad_field(at, "Invalid input: expected object");
    return take_where(filter, inner->root(), at, use);
  }
  if (use == WhereUse::checked_only) {
    return value.is_object() ? Input<void>() : bad_field(at, "Invalid input: expected object");
  }
  auto where = read_where(value, at);
  if (!where) return error_of(where);
  filter.where = std::move(*where);
  if (!filter.where.empty()) filter.where_text = json::write(value);
  return {};
}

Input<void> take_order(Filter& filter, const Input<std::vector<store::OrderTerm>>& order) {
  if (!order) return error_of(order);
  filter.order = *order;
  return {};
}

Input<void> take_fields(Filter& filter, const Input<NotificationFields>& fields) {
  if (!fields) return error_of(fields);
  filter.fields = *fields;
  filter.fields_text.clear();
  if (*fields == NotificationFields::all()) return {};
  for (std::size_t i = 0; i < kNotificationFieldNames.size(); ++i) {
    if (!fields->has(static_cast<NotificationField>(i))) continue;
    if (!filter.fields_text.empty()) filter.fields_text += ',';
    filter.fields_text += kNotificationFieldNames[i];
  }
  return {};
}

Input<void> take_member(Filter& filter, const json::ViewMember& member, std::optional<std::size_t>& skip,
                        WhereUse use) {
  const std::string name = member.name.text(), at = "filter." + name;
  const json::View value = member.value;
  if (name == "where") return take_where(filter, value, at, use);
  if (name == "order") return take_order(filter, read_order(value, at));
  if (name == "fields") return take_fields(filter, read_fields(value, at));
  if (name == "limit" || name == "skip" || name == "offset") {
    const auto number = read_count(value, at, name == "limit" ? kMostRows : kMostSkipped);
    if (!number) return error_of(number);
    if (name == "limit") filter.limit = *number;
    if (name == "skip") skip = *number;
    if (name == "offset") filter.skip = *number;
    return {};
  }
  if (name == "include") return bad_field(at, "not supported: a notification has no relations");
  return bad_field(at, "unknown: a filter has where, fields, order, limit, skip, offset");
}

Input<Filter> read_document(const std::string& text, WhereUse use) {
  Filter filter;
  if (text.empty()) return filter;
  const auto document = read_filter_document(text, "filter");
  if (!document) return error_of(document);
  if (!document->root().is_object()) return bad_field("filter", "Invalid input: expected object");
  std::optional<std::size_t> skip;
  for (const json::ViewMember member : document->root().members()) {
    if (const auto taken = take_member(filter, member, skip, use); !taken) return error_of(taken);
  }
  if (skip) filter.skip = *skip;
  return filter;
}

Input<void> take_parameters(Filter& filter, const QueryParameters& query, WhereUse use) {
  if (const auto where = query.text("where")) {
    const auto document = read_filter_document(*where, "where");
    if (!document) return error_of(document);
    if (auto taken = take_where(filter, document->root(), "where", use); !taken) return taken;
  }
  if (const auto order = query.text("order")) {
    if (auto taken = take_order(filter, read_order_parameter(*order)); !taken) return taken;
  }
  if (const auto fields = query.text("fields")) {
    if (auto taken = take_fields(filter, read_fields_parameter(*fields)); !taken) return taken;
  }
  for (const char* name : {"offset", "skip"}) {  // skip takes precedence over offset
    const auto number = query.integer(name, 0, kMostSkipped);
    if (!number) return error_of(number);
    if (*number) filter.skip = static_cast<std::size_t>(**number);
  }
  const auto limit = query.integer("limit", 1, kMostRows);
  if (!limit) return error_of(limit);
  if (*limit) filter.limit = static_cast<std::size_t>(**limit);
  return {};
}

}  // namespace

Input<Filter> read_filter(const QueryParameters& query, WhereUse use) {
  if (const auto text = query.text("filter")) {
    for (const char* name : {"where", "order", "fields", "limit", "skip", "offset"}) {
      if (query.has(name)) return bad_field(name, "not together with filter: say it there");
    }
    return read_document(*text, use);
  }
  Filter filter;
  if (const auto taken = take_parameters(filter, query, use); !taken) return error_of(taken);
  return filter;
}

Input<store::Where> read_count_where(const QueryParameters& query) {
  const auto text = query.text("where");
  if (!text) return bad_field("where", "Invalid input: expected object, received undefined");
  const auto document = read_filter_document(*text, "where");
  if (!document) return error_of(document);
  Filter filter;
  if (const auto taken = take_where(filter, document->root(), "where", WhereUse::read); !taken) return error_of(taken);
  return std::move(filter.where);
}

}  // namespace nx::rest
