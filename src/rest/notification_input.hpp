#pragma once
// Reads the bodies of PATCH /v1/notifications/{id} and POST /v1/notifications/read.

#include <optional>
#include <vector>

#include "model/ids.hpp"
#include "rest/replies.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::rest {

/// `{read?, archived?}`, at least one of them.
Input<store::Change> read_change(const transport::HttpRequest& request);

/// `{ids}` or `{all: true, upTo?}`.
struct ReadOrder {
  std::vector<NotificationId> ids;
  bool all = false;
  std::optional<std::int64_t> up_to;  // only with all
};
Input<ReadOrder> read_read_order(const transport::HttpRequest& request);

}  // namespace nx::rest
