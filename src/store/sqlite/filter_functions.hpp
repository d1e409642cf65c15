#pragma once
// The SQL functions of filters, which give the same results as PostgreSQL.

#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// signal_place(document, path), signal_number(text), signal_document(document), signal_place_order(document, path),
/// signal_id_at(id, byte), signal_like(text, pattern), signal_matches(text, pattern), translate(text, from, to). A null
/// argument gives null.
void add_filter_functions(Connection& db);

}  // namespace nx::store::sqlite
