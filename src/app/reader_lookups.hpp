#pragma once
// What sessions ask of the database, answered by the reader pool.

#include "session/lookups.hpp"
#include "store/repositories.hpp"

namespace nx::app {

/// `readers` is borrowed: destroy it after the shards' threads have ended, so that nobody asks any more, and before
/// their loops are destroyed, so that no answer is posted to a dead loop.
session::Lookups reader_lookups(store::ReaderPool& readers);

}  // namespace nx::app
