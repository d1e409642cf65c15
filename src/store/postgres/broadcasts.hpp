#pragma once
// Broadcasts: jobs that give very many users the rows of one message, slice by slice.

#include <memory>

#include "store/broadcast_repository.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// The connection may be shared with other repositories of its thread.
std::unique_ptr<BroadcastRepository> make_broadcasts(std::shared_ptr<Connection> db, const std::string& schema);

}  // namespace nx::store::postgres
