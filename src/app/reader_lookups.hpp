#pragma once
// What sessions ask of the database, answered by the reader pool.

#include "session/lookups.hpp"
#include "store/repositories.hpp"

namespace nx::app {

/// `readers` is borrowed: it must be destroyed before the loops that ask, so that no answer is posted to a dead loop.
session::Lookups reader_lookups(store::ReaderPool& readers);

}  // namespace nx::app
