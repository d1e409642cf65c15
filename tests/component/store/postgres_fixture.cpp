#include "component/store/postgres_fixture.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

#include <gtest/gtest.h>

#include "crypto/random.hpp"

namespace nx::store {
namespace {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

std::string output_of(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  if (!pipe) throw std::runtime_error("popen");
  std::string out;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) out.push_back(static_cast<char>(c));
  if (::pclose(pipe.release()) != 0) throw std::runtime_error(command + " failed: " + out);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace

PostgresRaw::PostgresRaw(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

std::optional<std::string> PostgresRaw::run(const std::string& script) {
  const ResultHandle result(PQexec(connection_.get(), script.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
      << script << "\n"
      << PQerrorMessage(connection_.get());
  if (PQntuples(result.get()) == 0) return std::nullopt;
  return PQgetvalue(result.get(), 0, 0);
}

std::vector<std::string> PostgresRaw::column(const std::string& query) {
  const ResultHandle result(PQexec(connection_.get(), query.c_str()));
  EXPECT_EQ(PQresultStatus(result.get()), PGRES_TUPLES_OK) << query << "\n" << PQerrorMessage(connection_.get());
  std::vector<std::string> values;
  for (int row = 0; row < PQntuples(result.get()); ++row) values.emplace_back(PQgetvalue(result.get(), row, 0));
  return values;
}

std::string PostgresRaw::sqlstate_of(const std::string& script) {
  const ResultHandle result(PQexec(connection_.get(), script.c_str()));
  const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

std::string with_database(const std::string& url, const std::string& database) {
  return url.substr(0, url.rfind('/') + 1) + database;
}

void add_month(PostgresRaw& raw, int months_ago) {
  raw.run(R"(DO $$ DECLARE first date := date_trunc('month', now() AT TIME ZONE 'UTC') - interval ')" +
          std::to_string(months_ago) +
          R"( months'; low text; high text; parent text; BEGIN
      low := lpad(to_hex((extract(epoch FROM first AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') || repeat('0', 20);
      high := lpad(to_hex((extract(epoch FROM (first + interval '1 month') AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') || repeat('0', 20);
      FOREACH parent IN ARRAY ARRAY['ActivityNotification', 'ActivityNotificationRecipient'] LOOP
        EXECUTE format('CREATE TABLE signal.%I PARTITION OF signal.%I FOR VALUES FROM (%L) TO (%L)',
          parent || to_char(first, '_YYYY_MM'), parent, low::uuid, high::uuid);
      END LOOP; END $$)");
}

PostgresDatabase::PostgresDatabase(const std::string& server_url) : server_url_(server_url) {
  if (server_url_.empty()) {
    const char* given = std::getenv("NX_TEST_POSTGRES");
    if (given == nullptr) throw std::runtime_error("NX_TEST_POSTGRES is not set: run this below tests/stack/with");
    server_url_ = given;
  }
  name_ = uuid_text(crypto::uuid_v4());
  url_ = with_database(server_url_, name_);
  PostgresRaw(server_url_).run("CREATE DATABASE \"" + name_ + "\"");
}

PostgresDatabase::~PostgresDatabase() {
  try {
    PostgresRaw(server_url_).run("DROP DATABASE \"" + name_ + "\" WITH (FORCE)");
  } catch (const std::exception& problem) {
    ADD_FAILURE() << problem.what();
  }
}

PostgresOptions PostgresDatabase::options() const {
  PostgresOptions options;
  options.url = url_;
  return options;
}

PostgresServer::PostgresServer(const std::string& server_options) {
  make_folder();
  if (!server_options.empty()) environment_ = "STACK_POSTGRES_OPTIONS='" + server_options + "' ";
  command("start");
  url_ = output_of(stack_command("url"));
}

PostgresServer::PostgresServer(StandbyOf streaming) {
  make_folder();
  command("standby " + streaming.primary.folder_ + "/server");
  url_ = output_of(stack_command("url"));
}

void PostgresServer::make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "signal-postgres-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
}

std::string PostgresServer::port() const {
  const std::size_t colon = url_.rfind(':');
  return url_.substr(colon + 1, url_.rfind('/') - colon - 1);
}

PostgresServer::~PostgresServer() {
  try {
    command("immediate || true");
  } catch (const std::exception& problem) {
    ADD_FAILURE() << problem.what();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::command(const std::string& words) {
  output_of(stack_command(words));
}

std::string PostgresServer::stack_command(const std::string& words) const {
  std::ostringstream text;
  text << environment_ << SIGNAL_SOURCE_DIR << "/tests/stack/postgres " << folder_ << "/server " << words << " 2>&1";
  return text.str();
}

PostgresOptions PostgresServer::options() const {
  PostgresOptions options;
  options.url = url_;
  return options;
}

}  // namespace nx::store
