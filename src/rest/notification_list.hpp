#pragma once
// GET /v1/notifications, its count and its find-one: translates the query into a question to the store, and the page
// into a response with the link to the next page.

#include "rest/filter_reader.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

struct ListQuestion {
  store::FilterRequest request;
  Filter filter;
  bool plain = false;  // the prepared statements for pages can answer it
};

Input<ListQuestion> read_list_question(const transport::HttpRequest& request, const UserId& user);
/// The first row that matches a filter.
Input<ListQuestion> read_one_question(const transport::HttpRequest& request, const UserId& user);
Input<store::FilterRequest> read_count_question(const transport::HttpRequest& request, const UserId& user);
/// For {id}: the selected fields; the rest of the filter is checked and ignored.
Input<NotificationFields> read_fields_question(const transport::HttpRequest& request);

transport::HttpResponse page_reply(const transport::HttpRequest& request, const ListQuestion& asked,
                                   const store::Page& page);

}  // namespace nx::rest
