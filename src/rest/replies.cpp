#include "rest/replies.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "contract/notification_json.hpp"
#include "json/value.hpp"

namespace nx::rest {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;

constexpr const char* kRetryAfterSeconds = "2";

/// Text from the client in a form fit for JSON: HTTP allows bytes that are not UTF-8.
std::string printable(std::string_view text) {
  std::string out{text};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += name;
  json::append_string(out, text);
}

std::string url_of(const HttpRequest& request) {
  const std::string_view host = request.header("host");
  return fmt::format("{}://{}{}", request.over_tls ? "https" : "http", printable(host.empty() ? "localhost" : host),
                     printable(request.target));
}

/// `{"message":…,"statusCode":…,"requestId":…`
std::string error_head(const HttpRequest& request, int status, std::string_view message) {
  std::string out;
  append_member(out, R"({"message":)", message);
  out += R"(,"statusCode":)" + std::to_string(status);
  append_member(out, R"(,"requestId":)", request.header(kRequestId));
  return out;
}

std::string details_head(const HttpRequest& request) {
  std::string out;
  append_member(out, R"(,"details":{"url":)", url_of(request));
  append_member(out, R"(,"path":)", printable(request.path));
  return out;
}

bool wants_count(const HttpRequest& request) {
  const std::string_view wish = request.header("x-request-count");
  return wish != "false" && wish != "0";
}

HttpResponse data_reply(const HttpRequest& request, std::size_t count, const char* format, const std::string& data) {
  HttpResponse response =
      json_reply(wants_count(request) ? R"({"count":)" + std::to_string(count) + R"(,"data":)" + data + "}" : data);
  response.headers.push_back({"x-response-count", std::to_string(count)});
  response.headers.push_back({"x-response-format", format});
  return response;
}

}  // namespace

HttpRequest kept_for_reply(HttpRequest request) {
  HttpRequest kept{.method = std::move(request.method),
                   .target = std::move(request.target),
                   .path = std::move(request.path),
                   .query = {},
                   .headers = {},
                   .body = {},
                   .peer_address = std::move(request.peer_address),
                   .over_tls = request.over_tls,
                   .minor_version = request.minor_version};
  for (const std::string_view name : {std::string_view{"host"}, kRequestId, std::string_view{"x-request-count"}}) {
    if (request.has_header(name)) kept.headers.push_back({std::string{name}, std::string{request.header(name)}});
  }
  return kept;
}

HttpResponse json_reply(std::string body, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/json"});
  response.headers.push_back({"Cache-Control", "no-store"});
  response.body = std::move(body);
  return response;
}

HttpResponse error_reply(const HttpRequest& request, int status, std::string_view message) {
  return json_reply(error_head(request, status, message) + details_head(request) + "}}", status);
}

HttpResponse bad_input_reply(const HttpRequest& request, const BadInput& bad) {
  if (bad.status != 422) return error_reply(request, bad.status, bad.problem);
  std::string body = error_head(request, 422, "ValidationError") + details_head(request);
  append_member(body, R"(,"cause":[{"path":)", bad.field);
  append_member(body, R"(,"message":)", bad.problem);
  append_member(body, R"(,"code":)", "invalid_value");
  return json_reply(body + "}]}}", 422);
}

HttpResponse url_not_found(const HttpRequest& request) {
  std::string body = error_head(request, 404, "URL NOT FOUND");
  append_member(body, R"(,"path":)", printable(request.path));
  append_member(body, R"(,"url":)", url_of(request));
  return json_reply(body + "}", 404);
}

HttpResponse unauthorized(const HttpRequest& request) {
  HttpResponse response = error_reply(request, 401, "Authentication failed. Tried strategies: jwt");
  response.headers.push_back({"WWW-Authenticate", "Bearer"});  // RFC 9110 §15.5.2
  return response;
}

HttpResponse try_later(const HttpRequest& request, std::string_view message) {
  HttpResponse response = error_reply(request, 503, message);
  response.headers.push_back({"Retry-After", kRetryAfterSeconds});
  return response;
}

HttpResponse store_error(const HttpRequest& request, const Error& error) {
  switch (error.kind) {
    case ErrorKind::too_broad:
      return bad_input_reply(request, {422, "", "too broad"});
    case ErrorKind::unavailable:
    case ErrorKind::conflict:
      return try_later(request, "The database does not answer");
    case ErrorKind::invalid:
    case ErrorKind::not_found:
      break;
  }
  return error_reply(request, 500, "Internal Server Error");
}

HttpResponse single_reply(const HttpRequest& request, const std::optional<InboxRow>& row, NotificationFields fields) {
  std::string data;
  if (row) {
    contract::append_inbox_row(data, *row, fields);
  } else {
    data = "null";
  }
  return data_reply(request, row ? 1 : 0, "object", data);
}

HttpResponse list_reply(const HttpRequest& request, const std::vector<InboxRow>& rows, const ListPart& part) {
  std::string data = "[";
  for (const InboxRow& row : rows) {
    if (data.size() > 1) data += ',';
    contract::append_inbox_row(data, row, part.fields);
  }
  data += ']';
  HttpResponse response = data_reply(request, rows.size(), "array", data);
  const std::size_t end = part.skipped + rows.size();
  const std::string range = rows.empty() ? "*" : fmt::format("{}-{}", part.skipped, end - 1);
  response.headers.push_back(
      {"Content-Range", fmt::format("records {}/{}", range, part.total ? std::to_string(*part.total) : "*")});
  return response;
}

}  // namespace nx::rest
