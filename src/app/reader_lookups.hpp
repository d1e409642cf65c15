#pragma once
// Answers the sessions' questions to the database with the reader pool.

#include <chrono>

#include "session/lookups.hpp"
#include "store/repositories.hpp"

namespace nx::app {

/// `readers` is borrowed. Destroy it after the shards' threads have ended, so that nobody asks any more, and before
/// their loops are destroyed, so that no answer is posted to a destroyed loop. `hint_max_age`:
/// SIGNAL_HINT_MAX_AGE_MS.
session::Lookups reader_lookups(store::ReaderPool& readers, std::chrono::milliseconds hint_max_age);

}  // namespace nx::app
