#pragma once
// Broadcasts: jobs that give very many users the rows of one message, slice by slice.

#include <memory>

#include "store/broadcast_repository.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// The connection may be shared with other repositories of its thread.
std::unique_ptr<BroadcastRepository> make_broadcasts(std::shared_ptr<Connection> db);

}  // namespace nx::store::sqlite
