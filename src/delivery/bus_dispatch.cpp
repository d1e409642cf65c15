#include "delivery/bus_dispatch.hpp"

#include "contract/bus_channels.hpp"

namespace nx::delivery {

void BusDispatch::operator()(std::string_view channel, std::string_view message) const {
  switch (contract::content_of(channel)) {
    case contract::ChannelContent::envelopes:
      return relay_(message);
    case contract::ChannelContent::users_hint:
      return relay_.to_users(message);
    case contract::ChannelContent::operator_question:
      return operators_.question(message);
    case contract::ChannelContent::operator_answer:
      return operators_.answer(message);
  }
}

}  // namespace nx::delivery
