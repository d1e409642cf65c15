// What typical filters cost a user with few rows and one with very many, in one PostgreSQL database: the indexes that
// each walks, p50 and p99 of the page with its total, through the reader and the repository that REST uses. script/rows
// makes the database. A filter that the database ended after its 2 s is `too broad`.
//
//   filters URL SCHEMA SMALL_USER LARGE_USER [rounds] [-v]      default 200; -v prints the plans

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <libpq-fe.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "die.hpp"
#include "model/percent.hpp"
#include "model/uuid.hpp"
#include "rest/filter_reader.hpp"
#include "store/filter_plan.hpp"
#include "store/postgres/filter_dialect.hpp"
#include "store/postgres_store.hpp"

namespace {

using namespace nx;
using bench::or_die;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kMostForOne{20};

struct Typical {
  std::string name, filter;
};

/// Times and ids are those of rows that are there.
std::vector<Typical> typical(const std::vector<InboxRow>& newest) {
  std::string ids;
  for (const InboxRow& row : newest) ids += (ids.empty() ? "\"" : ",\"") + uuid_text(row.notification.id.bytes) + '"';
  constexpr std::int64_t kDay = 86'400'000;
  const std::int64_t last = newest.front().notification.created_at.value;
  const auto ms = [last](std::int64_t days) { return std::to_string(last - days * kDay); };
  return {
      {"ids", R"({"where":{"id":{"inq":[)" + ids + "]}}}"},
      {"seq from 50 to 90", R"({"where":{"seq":{"between":[50,90]}}})"},
      {"unread", R"({"where":{"readAt":null}})"},
      {"read", R"({"where":{"readAt":{"ne":null}}})"},
      {"archived", R"({"where":{"archivedAt":{"ne":null}}})"},
      {"of the last day", R"({"where":{"createdAt":{"gte":)" + ms(1) + "}}}"},
      {"of one day, 10 days ago", R"({"where":{"createdAt":{"between":[)" + ms(11) + "," + ms(10) + "]}}}"},
      {"type, every second row", R"({"where":{"type":"payment.success"}})"},
      {"type, one of 1,000", R"({"where":{"type":"system.notice"}})"},
      {"type, none", R"({"where":{"type":"nothing.has.it"}})"},
      {"unread of two types", R"({"where":{"readAt":null,"type":{"inq":["payment.failed","order.created"]}}})"},
      {"title ilike %999%", R"({"where":{"title":{"ilike":"%PAYMENT 999%"}}})"},
      {"data.amount above", R"({"where":{"data.amount":{"gt":999000}}})"},
      {"type or merchant", R"({"where":{"or":[{"type":"order.created"},{"merchantId":"m-7"}]}})"},
      {"title iregexp", R"({"where":{"title":{"iregexp":"^payment [0-9]*00$"}}})"},
      {"order by title", R"({"where":{"readAt":null},"order":["title"]})"},
      {"order by createdAt", R"({"order":["createdAt DESC"]})"},
  };
}

store::FilterRequest request_of(const std::string& text, const std::string& user) {
  auto query = or_die(rest::QueryParameters::parse("filter=" + percent_encode(text)), "reading a query");
  auto filter = or_die(rest::read_filter(query), text.c_str());
  store::FilterRequest request;
  request.page.user = {user};
  request.page.limit = filter.limit;
  request.page.skip = filter.skip;
  request.where = std::move(filter.where);
  request.order = std::move(filter.order);
  return request;
}

/// Plans of statements as the program's connections run them.
class Planner {
 public:
  Planner(const char* url, const char* schema, bool verbose)
      : db_(PQconnectdb(url), PQfinish), parts_(schema), verbose_(verbose) {
    for (const auto& [name, value] : store::postgres::kByIndex) run(std::string{"SET "} + name + " = " + value, {});
    run("SET plan_cache_mode = force_custom_plan", {});
    for (const std::string& pair :
         run("SELECT c.relname || ' ' || p.relname FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid "
             "JOIN pg_class p ON p.oid = h.inhparent WHERE c.relkind = 'i'",
             {})) {
      parents_[pair.substr(0, pair.find(' '))] = pair.substr(pair.find(' ') + 1);
    }
  }

  std::string indexes_of(const store::FilterRequest& request) const {
    const store::FilterPlan plan = store::plan_of(request);
    const store::postgres::PostgresDialect dialect(parts_);
    const auto statement = store::page_statement(dialect, request, plan, !plan.kept, {request.page.user.value});
    std::set<std::string> names;
    for (const std::string& line :
         run("EXPLAIN (COSTS OFF) " + statement.sql, store::postgres::parameters_of(statement.values))) {
      if (verbose_) std::printf("    %s\n", line.c_str());
      if (line.find("Sort") != std::string::npos && line.find("Sort Key") == std::string::npos) names.insert("sort");
      const auto at = line.find("using ");
      if (at == std::string::npos) continue;
      std::string name = line.substr(at + 6, line.find(' ', at + 6) - at - 6);
      std::erase(name, '"');
      const auto parent = parents_.find(name);
      names.insert(parent == parents_.end() ? name : parent->second);
    }
    std::string out;
    for (const std::string& name : names) {
      if (name.find("Inbox_pkey") == std::string::npos) out += (out.empty() ? "" : ", ") + name;
    }
    return out;
  }

 private:
  std::vector<std::string> run(const std::string& sql, const store::postgres::Parameters& values) const {
    const auto pointers = values.pointers();
    const auto lengths = values.lengths();
    const std::vector<int> formats(pointers.size(), 1);
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer(
        PQexecParams(db_.get(), sql.c_str(), static_cast<int>(values.size()), values.types().data(), pointers.data(),
                     lengths.data(), formats.data(), 0),
        PQclear);
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      std::fprintf(stderr, "filters: %s%s\n", PQerrorMessage(db_.get()), sql.c_str());
      std::exit(1);
    }
    std::vector<std::string> lines;
    for (int i = 0; i < PQntuples(answer.get()); ++i) lines.emplace_back(PQgetvalue(answer.get(), i, 0));
    return lines;
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> db_;
  store::postgres::FilterParts parts_;
  bool verbose_;
  std::map<std::string, std::string> parents_;  // a partition's index → the partitioned one
};

std::string measured(store::ActivityNotificationRepository& repository, const store::FilterRequest& request,
                     int rounds) {
  std::vector<double> times;
  std::string total;
  const auto end = Clock::now() + kMostForOne;
  for (int i = 0; i < rounds + rounds / 10 && Clock::now() < end; ++i) {
    const auto begun = Clock::now();
    const auto page = repository.list(request);
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
    if (!page && page.error().kind == ErrorKind::too_broad) return "too broad";
    total = or_die(page, "a list").total ? std::to_string(*page->total) : "*";
    if (i >= rounds / 10) times.push_back(ms);  // the first ones fill the buffers
  }
  if (times.empty()) return "-";
  std::ranges::sort(times);
  const auto at = [&](double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  char text[80];
  std::snprintf(text, sizeof text, "%.1f / %.1f (%s)", at(0.5), at(0.99), total.c_str());
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: filters URL SCHEMA SMALL_USER LARGE_USER [rounds] [-v]\n");
    return 2;
  }
  const bool verbose = std::strcmp(argv[argc - 1], "-v") == 0;
  const int rounds = argc > 5 && std::atoi(argv[5]) > 0 ? std::atoi(argv[5]) : 200;
  store::PostgresOptions options;
  options.url = argv[1];
  options.schema = argv[2];
  options.statement_timeout = std::chrono::milliseconds{2'000};
  const auto repository = or_die(store::open_postgres_notifications(options), "opening the database");
  const Planner planner(argv[1], argv[2], verbose);
  std::printf("| filter | walks | p50 / p99 ms of %s (total) | of %s |\n| --- | --- | --- | --- |\n", argv[3], argv[4]);
  std::vector<Typical> of_user[2];
  for (int i = 0; i < 2; ++i) {
    store::PageRequest newest;
    newest.user = {argv[3 + i]};
    of_user[i] = typical(or_die(repository->page(newest), "reading a page").rows);
  }
  for (std::size_t i = 0; i < of_user[0].size(); ++i) {
    const auto small = request_of(of_user[0][i].filter, argv[3]), large = request_of(of_user[1][i].filter, argv[4]);
    std::printf("| %s | %s | %s | %s |\n", of_user[0][i].name.c_str(), planner.indexes_of(large).c_str(),
                measured(*repository, small, rounds).c_str(), measured(*repository, large, rounds).c_str());
    std::fflush(stdout);
  }
  return 0;
}
