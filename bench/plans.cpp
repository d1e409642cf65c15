// The plan of every statement on Signal's tables, in its prepared form and with the planner settings of the program's
// own connections, on the database that is there: the indexes it enters, by the names of the partitioned ones. Exit 1
// when one reads a whole table or index. script/rows makes the database; `-v` prints the plans themselves.
//
//   plans URL SCHEMA [-v]

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <libpq-fe.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/postgres/statements.hpp"

namespace {

using namespace nx::store::postgres;

class Database {
 public:
  explicit Database(const char* url) : db_(PQconnectdb(url), PQfinish) {}

  /// The first column, or the second as well after a tab.
  std::vector<std::string> rows(const std::string& sql) const {
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(db_.get(), sql.c_str()), PQclear);
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      std::fprintf(stderr, "plans: %s\n", PQerrorMessage(db_.get()));
      std::exit(1);
    }
    std::vector<std::string> lines;
    for (int i = 0; i < PQntuples(answer.get()); ++i) {
      lines.emplace_back(PQgetvalue(answer.get(), i, 0));
      if (PQnfields(answer.get()) > 1) lines.back() += std::string("\t") + PQgetvalue(answer.get(), i, 1);
    }
    return lines;
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> db_;
};

/// Ids are of a row that is there: NULL would prune every partition, and with them what is to be seen.
std::vector<std::string> plan_of(const Database& database, const std::string& name, std::string_view sql,
                                 const std::string& id) {
  database.rows("PREPARE \"" + name + "\" AS " + std::string{sql});
  std::string values;
  for (const std::string& type :
       database.rows("SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = '" + name + "'")) {
    values += values.empty() ? "(" : ", ";
    values += type == "uuid" ? "'" + id + "'" : type == "uuid[]" ? "ARRAY['" + id + "'::uuid]" : "NULL";
  }
  if (!values.empty()) values += ")";
  return database.rows("EXPLAIN (COSTS OFF) EXECUTE \"" + name + "\"" + values);
}

/// What stands between `begin` and the next space.
std::string word_after(const std::string& line, std::string_view begin) {
  const std::size_t at = line.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return line.substr(from, line.find(' ', from) - from);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: plans URL SCHEMA [-v]\n");
    return 2;
  }
  const bool verbose = argc > 3 && std::strcmp(argv[3], "-v") == 0;
  const Database database(argv[1]);
  std::map<std::string, std::string> parents;  // a partition's index → the partitioned one
  for (const std::string& pair : database.rows("SELECT quote_ident(c.relname), quote_ident(p.relname) FROM pg_inherits "
                                               "h JOIN pg_class c ON c.oid = h.inhrelid "
                                               "JOIN pg_class p ON p.oid = h.inhparent WHERE c.relkind = 'i'")) {
    parents[pair.substr(0, pair.find('\t'))] = pair.substr(pair.find('\t') + 1);
  }
  for (const auto& [name, value] : kByIndex) database.rows(std::string{"SET "} + name + " = " + value);

  const auto ids = database.rows("SELECT notification_id FROM " + std::string{argv[2]} +
                                 ".\"ActivityNotificationRecipient\" ORDER BY user_no, seq LIMIT 1");
  if (ids.empty()) {
    std::fprintf(stderr, "plans: there is no row to ask about\n");
    return 1;
  }
  int whole = 0;
  const Statements statements(argv[2]);
  for (const auto& [name, sql] : statements.all()) {
    const auto plan = plan_of(database, name, sql, ids.front());
    const bool only_inserts =
        plan.front().starts_with("Insert on") || plan.front().starts_with("CTE") || sql.starts_with("COPY");
    std::set<std::string> indexes;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const std::string index = word_after(plan[i], "using ");
      const bool enters = i + 1 < plan.size() && plan[i + 1].find("Index Cond") != std::string::npos;
      const bool whole_table = plan[i].find("Seq Scan") != std::string::npos &&
                               plan[i].find("\"ActivitySchema\"") == std::string::npos;  // one row, always
      if (whole_table || (!index.empty() && !enters)) {
        ++whole;
        std::printf("%s reads a whole table or index: %s\n", name.c_str(), plan[i].c_str());
      }
      if (!index.empty()) indexes.insert(parents.contains(index) ? parents[index] : index);
    }
    std::string names;
    for (const std::string& index : indexes) names += (names.empty() ? "" : ", ") + index;
    if (names.empty() && !only_inserts) {
      ++whole;
      names = "NO INDEX";
    }
    std::printf("%-22s %s\n", name.c_str(), names.empty() ? "no index: an insert" : names.c_str());
    for (const std::string& line : plan) {
      if (verbose) std::printf("    %s\n", line.c_str());
    }
  }
  return whole == 0 ? 0 : 1;
}
