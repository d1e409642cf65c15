#pragma once
// The SQL functions of filters, which make SQLite answer as PostgreSQL does.

#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// signal_place(document, path), signal_number(text), signal_document(document), signal_place_order(document, path),
/// signal_id_at(id, byte), signal_like(text, pattern), signal_matches(text, pattern), translate(text, from, to). Null
/// for null.
void add_filter_functions(Connection& db);

}  // namespace nx::store::sqlite
