#include "rest/notification_list.hpp"

#include <limits>

#include "rest/cursor.hpp"
#include "rest/query_parameters.hpp"

namespace nx::rest {
namespace {

using Show = store::PageRequest::Show;

constexpr std::int64_t kMaxLimit = 100;  // contract §7
constexpr std::int64_t kAnySeq = std::numeric_limits<std::int64_t>::max();

std::string_view filter_of(Show show) {
  switch (show) {
    case Show::inbox:
      return "inbox";
    case Show::unread:
      return "unread";
    case Show::archived:
      return "archived";
  }
  return "";
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
  if (!unread) return tl::unexpected<BadInput>(unread.error());
  const auto archived = query.flag("archived");
  if (!archived) return tl::unexpected<BadInput>(archived.error());
  if (*unread && *archived)
    return bad_field("archived", "not together with unread: archived rows do not count as unread");
  return *unread ? Show::unread : *archived ? Show::archived : Show::inbox;
}

}  // namespace

Input<store::PageRequest> read_page_request(const transport::HttpRequest& request, const UserId& user) {
  const auto query = QueryParameters::parse(request.query);
  if (!query) return tl::unexpected<BadInput>(query.error());
  for (const char* name : {"filter", "where"}) {
    if (query->has(name)) return bad_field(name, "not supported here: use limit, cursor, since, unread, archived");
  }
  const auto show = read_show(*query);
  if (!show) return tl::unexpected<BadInput>(show.error());
  const auto limit = query->integer("limit", 1, kMaxLimit);
  if (!limit) return tl::unexpected<BadInput>(limit.error());
  const auto since = query->integer("since", 0, kAnySeq);
  if (!since) return tl::unexpected<BadInput>(since.error());

  store::PageRequest page;
  page.user = user;
  page.show = *show;
  page.since_seq = *since;
  if (*limit) page.limit = static_cast<std::size_t>(**limit);
  if (const auto cursor = query->text("cursor")) {
    if (*since) return bad_field("since", "not together with cursor: since walks upwards, cursor downwards");
    const auto seq = read_cursor(*cursor, filter_of(*show));
    if (!seq) return tl::unexpected<BadInput>(seq.error());
    page.before_seq = *seq;
  }
  return page;
}

transport::HttpResponse page_reply(const transport::HttpRequest& request, const store::PageRequest& asked,
                                   const store::Page& page) {
  transport::HttpResponse response = list_reply(request, page.entries, page.total);
  // A header, as the body of a list is stable, and may be a bare array.
  response.headers.push_back({"x-inbox-epoch", page.epoch});
  if (page.more && !page.entries.empty()) {
    const std::int64_t last = page.entries.back().seq;
    const std::string next =
        asked.since_seq ? "since=" + std::to_string(last) : "cursor=" + cursor_text(last, filter_of(asked.show));
    response.headers.push_back({"Link", "<" + request.path + "?limit=" + std::to_string(asked.limit) +
                                            std::string{show_parameter(asked.show)} + "&" + next + R"(>; rel="next")"});
  }
  return response;
}

}  // namespace nx::rest
