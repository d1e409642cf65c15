#pragma once
// A route for operators only: the caller is authenticated, and the rights are read from the same token.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "observe/log.hpp"
#include "operators/operators.hpp"
#include "rest/bearer_token.hpp"
#include "rest/router.hpp"
#include "store/repositories.hpp"

namespace nx::rest {

/// References are borrowed for the life of the router.
struct OperatorRoutes {
  Authenticate authenticate;
  std::vector<std::string> roles;  // SIGNAL_ADMIN_ROLES: the caller needs one of them
  bool claim_wanted = false;       // SIGNAL_ADMIN_CLAIM is set: it must also be true
  operators::Operators& operators;
  store::ReaderPool& readers;
  const observe::Logger& log;
};

bool is_operator(const auth::Claims& claims, const std::vector<std::string>& roles, bool claim_wanted);

/// One request of a caller with the rights; shared by the threads that work on it one after the other.
struct OperatorCall {
  transport::HttpRequest request;
  RouteParameters parameters;
  transport::Respond respond;
  UserId by;
  const observe::Logger& log;
  std::shared_ptr<observe::LogGate> failures;  // one line a second for each route
};

/// Called on the connection's loop; must not block.
using OperatorWork = std::function<void(std::shared_ptr<const OperatorCall>)>;

// Each of these responds and logs one line.

/// 429: too many questions are unanswered. `what_is_done`: the part that was done nevertheless.
void refuse_unasked(const OperatorCall& call, std::string_view what_is_done = {});
/// 503, nothing was attempted.
void refuse_for_now(const OperatorCall& call, std::string_view message);
/// 503: the brokers do not answer, or refuse.
void refuse_by_kafka(const OperatorCall& call, const Error& error);
/// Responds according to the store's error.
void refuse_by_database(const OperatorCall& call, const Error& error);

RouteHandler operator_route(const OperatorRoutes& routes, OperatorWork work);

}  // namespace nx::rest
