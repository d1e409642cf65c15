#pragma once
// Broadcasts: jobs that give the rows of one message to very many, slice by slice.

#include <memory>

#include "store/broadcast_repository.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// The connection may be shared with others of its thread.
std::unique_ptr<BroadcastRepository> make_broadcasts(std::shared_ptr<Connection> db, const std::string& schema);

}  // namespace nx::store::postgres
