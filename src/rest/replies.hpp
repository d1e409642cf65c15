#pragma once
// Responses and errors in the shapes of docs/rest.md#answers and docs/rest.md#errors. Pure functions of the request;
// the router has set its x-request-id.

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "model/notification.hpp"
#include "model/notification_field.hpp"
#include "model/result.hpp"
#include "transport/http_message.hpp"

namespace nx::rest {

inline constexpr std::string_view kRequestId = "x-request-id";

/// The parts of a request that the functions below read: target, `Host`, `x-request-id` and `x-request-count`.
transport::HttpRequest kept_for_reply(transport::HttpRequest request);

/// An error of the client: 400 for input that cannot be read, 422 for input that can be read but not used.
struct BadInput {
  int status = 422;
  std::string field;  // as the client named it; empty for the whole body
  std::string problem;
};

template <class T>
using Input = tl::expected<T, BadInput>;

inline tl::unexpected<BadInput> bad_field(std::string field, std::string problem) {
  return tl::unexpected<BadInput>({422, std::move(field), std::move(problem)});
}

transport::HttpResponse json_reply(std::string body, int status = 200);

/// {message, statusCode, requestId, details: {url, path}}
transport::HttpResponse error_reply(const transport::HttpRequest& request, int status, std::string_view message);

/// 422 in the form of IGNIS's ValidationError, whose `cause` names the field; other statuses as error_reply.
transport::HttpResponse bad_input_reply(const transport::HttpRequest& request, const BadInput& bad);

/// 404, flat: {message, statusCode, requestId, path, url}
transport::HttpResponse url_not_found(const transport::HttpRequest& request);

/// 401; the text is the same for every defect of the token.
transport::HttpResponse unauthorized(const transport::HttpRequest& request);

/// 503 with Retry-After.
transport::HttpResponse try_later(const transport::HttpRequest& request, std::string_view message);

/// Maps a store's error to an HTTP status.
transport::HttpResponse store_error(const transport::HttpRequest& request, const Error& error);

/// {"count":1,"data":{…}}, or {"count":0,"data":null} without a row; only the data if `x-request-count` is false or 0.
transport::HttpResponse single_reply(const transport::HttpRequest& request, const std::optional<InboxRow>& row,
                                     NotificationFields fields = NotificationFields::all());

struct ListPart {
  NotificationFields fields = NotificationFields::all();
  std::size_t skipped = 0;              // rows before the page
  std::optional<std::int64_t> total{};  // rows of all pages, if known
};
/// {"count":n,"data":[…]} with Content-Range: records S-E/T, `*` for an unknown T.
transport::HttpResponse list_reply(const transport::HttpRequest& request, const std::vector<InboxRow>& rows,
                                   const ListPart& part);

}  // namespace nx::rest
