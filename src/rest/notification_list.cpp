#include "rest/notification_list.hpp"

#include <limits>

#include <fmt/core.h>

#include "model/percent.hpp"
#include "rest/cursor.hpp"
#include "rest/query_parameters.hpp"

namespace nx::rest {
namespace {

using Show = store::PageRequest::Show;

constexpr std::int64_t kAnySeq = std::numeric_limits<std::int64_t>::max();

/// The filter that a cursor is bound to: it selects the rows among which the cursor is a position.
std::string filter_of(Show show, const Filter& filter) {
  std::string text = show == Show::inbox ? "inbox" : show == Show::unread ? "unread" : "archived";
  if (!filter.where_text.empty()) text.append(1, '\n').append(filter.where_text);
  return text;
}

std::string_view show_parameter(Show show) {
  switch (show) {
    case Show::inbox:
      return "";
    case Show::unread:
      return "&unread=true";
    case Show::archived:
      return "&archived=true";
  }
  return "";
}

Input<Show> read_show(const QueryParameters& query) {
  const auto unread = query.flag("unread");
  if (!unread) return error_of(unread);
  const auto archived = query.flag("archived");
  if (!archived) return error_of(archived);
  if (*unread && *archived)
    return bad_field("archived", "not together with unread: archived rows do not count as unread");
  return *unread ? Show::unread : *archived ? Show::archived : Show::inbox;
}

/// `since` and `cursor` are positions in the default order; with them there is no total, and skip is not allowed.
Input<void> read_place(const QueryParameters& query, const Filter& filter, store::PageRequest& page) {
  const auto since = query.integer("since", 0, kAnySeq);
  if (!since) return error_of(since);
  const auto cursor = query.text("cursor");
  if (*since && cursor) return bad_field("since", "not together with cursor: since walks upwards, cursor downwards");
  if (!*since && !cursor) return {};
  const char* name = cursor ? "cursor" : "since";
  if (*since ? !filter.order.empty() : !filter.in_default_order()) {
    return bad_field(name, "not together with order: it is a place of the default order");
  }
  if (filter.skip > 0) return bad_field(name, "not together with skip");
  page.since_seq = *since;
  if (!cursor) return {};
  const auto seq = read_cursor(*cursor, filter_of(page.show, filter));
  if (!seq) return error_of(seq);
  page.before_seq = *seq;
  return {};
}

Input<QueryParameters> parameters_of(const transport::HttpRequest& request) {
  return QueryParameters::parse(request.query);
}

}  // namespace

Input<ListQuestion> read_list_question(const transport::HttpRequest& request, const UserId& user) {
  const auto query = parameters_of(request);
  if (!query) return error_of(query);
  const auto show = read_show(*query);
  if (!show) return error_of(show);
  auto filter = read_filter(*query);
  if (!filter) return error_of(filter);

  ListQuestion question;
  store::PageRequest& page = question.request.page;
  page.user = user;
  page.show = *show;
  page.limit = filter->limit;
  page.skip = filter->skip;
  if (auto place = read_place(*query, *filter, page); !place) return error_of(place);
  question.request.with_total = !page.since_seq && !page.before_seq;
  question.request.where = filter->where;
  question.request.order = filter->order;
  question.plain = filter->where.empty() && filter->in_default_order();
  question.filter = std::move(*filter);
  return question;
}

Input<ListQuestion> read_one_question(const transport::HttpRequest& request, const UserId& user) {
  const auto query = parameters_of(request);
  if (!query) return error_of(query);
  auto filter = read_filter(*query);
  if (!filter) return error_of(filter);
  ListQuestion question;
  question.request.page.user = user;
  question.request.page.limit = 1;
  question.request.page.skip = filter->skip;
  question.request.with_total = false;
  question.request.where = filter->where;
  question.request.order = filter->order;
  question.filter = std::move(*filter);
  return question;
}

Input<store::FilterRequest> read_count_question(const transport::HttpRequest& request, const UserId& user) {
  const auto query = parameters_of(request);
  if (!query) return error_of(query);
  auto where = read_count_where(*query);
  if (!where) return error_of(where);
  store::FilterRequest question;
  question.page.user = user;
  question.where = std::move(*where);
  return question;
}

Input<NotificationFields> read_fields_question(const transport::HttpRequest& request) {
  const auto query = parameters_of(request);
  if (!query) return error_of(query);
  return read_filter(*query, WhereUse::checked_only).map([](const Filter& filter) { return filter.fields; });
}

transport::HttpResponse page_reply(const transport::HttpRequest& request, const ListQuestion& asked,
                                   const store::Page& page) {
  const Filter& filter = asked.filter;
  const store::PageRequest& place = asked.request.page;
  transport::HttpResponse response =
      list_reply(request, page.rows, {.fields = filter.fields, .skipped = place.skip, .total = page.total});
  // A header, because the body of a list is a stable format and may be a bare array.
  response.headers.push_back({"x-inbox-epoch", page.epoch});
  if (!page.more || page.rows.empty() || !filter.in_default_order()) return response;
  const std::int64_t last = page.rows.back().seq;
  std::string next = "limit=" + std::to_string(place.limit);
  next += show_parameter(place.show);
  if (!filter.where_text.empty()) next += "&where=" + percent_encode(filter.where_text);
  if (!filter.fields_text.empty()) next += "&fields=" + filter.fields_text;
  next += place.since_seq ? "&since=" + std::to_string(last)
                          : "&cursor=" + cursor_text(last, filter_of(place.show, filter));
  response.headers.push_back({"Link", fmt::format(R"(<{}?{}>; rel="next")", request.path, next)});
  return response;
}

}  // namespace nx::rest
