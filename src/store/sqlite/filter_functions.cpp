#include "store/sqlite/filter_functions.hpp"

#include <array>
#include <exception>
#include <memory>
#include <re2/re2.h>

#include "model/utf8.hpp"
#include "store/decimal.hpp"
#include "store/pattern.hpp"
#include "store/sqlite/jsonb_text.hpp"

namespace nx::store::sqlite {
namespace {

std::string_view text_of(sqlite3_value* value) {
  const unsigned char* start = sqlite3_value_text(value);
  if (start == nullptr) return {};
  return {reinterpret_cast<const char*>(start), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void answer_text(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void answer_blob(sqlite3_context* context, std::string_view bytes) {
  sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

using Arguments = sqlite3_value**;

void place(sqlite3_context* context, Arguments arguments) {
  if (const auto text = text_at(text_of(arguments[0]), text_of(arguments[1]))) answer_text(context, *text);
}

void number(sqlite3_context* context, Arguments arguments) {
  const std::string_view text = text_of(arguments[0]);
  if (is_plain_decimal(text)) answer_blob(context, decimal_order(text));
}

void document(sqlite3_context* context, Arguments arguments) {
  answer_text(context, equal_text(text_of(arguments[0])));
}

void place_order(sqlite3_context* context, Arguments arguments) {
  if (const auto key = order_at(text_of(arguments[0]), text_of(arguments[1]))) answer_blob(context, *key);
}

/// The timestamp of an id, followed by copies of one byte.
void id_at(sqlite3_context* context, Arguments arguments) {
  constexpr std::size_t kTimeBytes = 6, kIdBytes = 16;
  const auto* id = static_cast<const char*>(sqlite3_value_blob(arguments[0]));
  if (id == nullptr || sqlite3_value_bytes(arguments[0]) != static_cast<int>(kIdBytes)) return;
  std::string made(id, kTimeBytes);
  made.resize(kIdBytes, static_cast<char>(sqlite3_value_int(arguments[1])));
  answer_blob(context, made);
}

void like_text(sqlite3_context* context, Arguments arguments) {
  sqlite3_result_int(context, like(text_of(arguments[0]), text_of(arguments[1])) ? 1 : 0);
}

void matches(sqlite3_context* context, Arguments arguments) {
  auto* compiled = static_cast<RE2*>(sqlite3_get_auxdata(context, 1));
  std::unique_ptr<RE2> made;
  if (compiled == nullptr) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    const std::string_view pattern = text_of(arguments[1]);
    made = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    compiled = made.get();
  }
  const std::string_view text = text_of(arguments[0]);
  sqlite3_result_int(context, RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled) ? 1 : 0);
  // Cached for the statement's other rows. SQLite may free it within this call, so it is not used afterwards.
  if (made) sqlite3_set_auxdata(context, 1, made.release(), [](void* old) { delete static_cast<RE2*>(old); });
}

void translate(sqlite3_context* context, Arguments arguments) {
  const std::string_view text = text_of(arguments[0]), from = text_of(arguments[1]), to = text_of(arguments[2]);
  const auto character = [](std::string_view rest) {
    return rest.substr(0, std::max<std::size_t>(1, utf8_character(rest)));
  };
  std::string out;
  out.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view one = character(rest);
    rest.remove_prefix(one.size());
    std::string_view written = one;
    std::string_view old = from, now = to;
    while (!old.empty() && !now.empty()) {
      const std::string_view a = character(old), b = character(now);
      if (a == one) {
        written = b;
        break;
      }
      old.remove_prefix(a.size());
      now.remove_prefix(b.size());
    }
    out += written;
  }
  answer_text(context, out);
}

/// Null for a null argument; no exception reaches SQLite.
template <auto kFunction>
void call(sqlite3_context* context, int count, Arguments arguments) {
  for (int i = 0; i < count; ++i) {
    if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return;
  }
  try {
    kFunction(context, arguments);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  } catch (const std::exception& problem) {
    sqlite3_result_error(context, problem.what(), -1);
  }
}

}  // namespace

void add_filter_functions(Connection& db) {
  db.add_function("signal_place", 2, call<place>);
  db.add_function("signal_number", 1, call<number>);
  db.add_function("signal_document", 1, call<document>);
  db.add_function("signal_place_order", 2, call<place_order>);
  db.add_function("signal_id_at", 2, call<id_at>);
  db.add_function("signal_like", 2, call<like_text>);
  db.add_function("signal_matches", 2, call<matches>);
  db.add_function("translate", 3, call<translate>);
}

}  // namespace nx::store::sqlite
