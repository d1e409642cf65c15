#pragma once
// Query of GET /v1/socket/websocket/clients ↔ what is asked of all instances, and their answers as JSON.

#include "contract/operator_message.hpp"
#include "operators/gathering.hpp"
#include "rest/replies.hpp"

namespace nx::rest {

Input<contract::ListClients> read_client_list(const transport::HttpRequest& request);

/// `{"count":…,"clients":[…]}`, `missing` when there is somebody, a Link to the next page when there is more.
transport::HttpResponse client_list_reply(const transport::HttpRequest& request, const contract::ListClients& asked,
                                          const operators::Gathered& gathered);

/// One client with its instance.
std::string client_json(const operators::LocatedClient& located);

/// `,"missing":[…]`, or nothing.
std::string missing_json(const std::vector<std::string>& missing);

/// A user's id in the query: 422 naming it when it is none.
Input<std::optional<UserId>> read_user(const class QueryParameters& query);

}  // namespace nx::rest
