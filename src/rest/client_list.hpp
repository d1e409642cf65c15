#pragma once
// Translates the query of GET /v1/socket/websocket/clients into a question to all instances, and their answers into
// JSON.

#include "contract/operator_message.hpp"
#include "operators/gathering.hpp"
#include "rest/replies.hpp"

namespace nx::rest {

Input<contract::ListClients> read_client_list(const transport::HttpRequest& request);

/// `{"count":…,"clients":[…]}`, with `missing` if instances did not answer, and a Link to the next page if there are
/// more.
transport::HttpResponse client_list_reply(const transport::HttpRequest& request, const contract::ListClients& asked,
                                          const operators::Gathered& gathered);

/// One client and its instance.
std::string client_json(const operators::LocatedClient& located);

/// `,"missing":[…]`, or an empty string.
std::string missing_json(const std::vector<std::string>& missing);

/// The user id of the query; 422 that names the parameter when it is invalid.
Input<std::optional<UserId>> read_user(const class QueryParameters& query);

}  // namespace nx::rest
