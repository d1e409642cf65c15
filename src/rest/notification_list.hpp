#pragma once
// GET /v1/notifications, its count and its find-one: the query as a question to the store, and the page as an answer
// with the link to the next.

#include "rest/filter_reader.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

struct ListQuestion {
  store::FilterRequest request;
  Filter filter;
  bool plain = false;  // nothing that the prepared pages can not answer
};

Input<ListQuestion> read_list_question(const transport::HttpRequest& request, const UserId& user);
/// The first row that a filter finds.
Input<ListQuestion> read_one_question(const transport::HttpRequest& request, const UserId& user);
Input<store::FilterRequest> read_count_question(const transport::HttpRequest& request, const UserId& user);
/// Of {id}: which fields; the rest of a filter is checked and means nothing.
Input<NotificationFields> read_fields_question(const transport::HttpRequest& request);

transport::HttpResponse page_reply(const transport::HttpRequest& request, const ListQuestion& asked,
                                   const store::Page& page);

}  // namespace nx::rest
