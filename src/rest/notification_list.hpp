#pragma once
// GET /v1/notifications: the query as a page request, and the page as an answer with the link to the next.

#include "rest/replies.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::rest {

Input<store::PageRequest> read_page_request(const transport::HttpRequest& request, const UserId& user);

transport::HttpResponse page_reply(const transport::HttpRequest& request, const store::PageRequest& asked,
                                   const store::Page& page);

}  // namespace nx::rest
