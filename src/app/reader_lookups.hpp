#pragma once
// Answers the sessions' questions to the database with the reader pool.

#include "session/lookups.hpp"
#include "store/repositories.hpp"

namespace nx::app {

/// `readers` is borrowed. Destroy it after the shards' threads have ended, so that nobody asks any more, and before
/// their loops are destroyed, so that no answer is posted to a destroyed loop.
session::Lookups reader_lookups(store::ReaderPool& readers);

}  // namespace nx::app
