// What storing notifications costs against a bare COPY of the same rows: 256 messages of 10 recipients a commit, into
// the same tables with their indexes, keys and counters, by one connection each, in alternating slices. The bare loop
// knows every user number and sequence beforehand, writes its text before the clock starts, resolves nothing and finds
// no repeated key. Goal of the whole pipeline: ≥ 0.5 of it; script/bench-ingest measures that end.
//
//   ingest URL SCHEMA [slices] [batches a slice] [users]      default 11 20 10000

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <libpq-fe.h>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "model/uuid.hpp"
#include "quantile.hpp"
#include "store/postgres_store.hpp"

namespace {

using namespace nx;
using bench::median;
using Clock = std::chrono::steady_clock;

constexpr int kMessages = 256;  // a commit
constexpr int kRecipients = 10;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "ingest: %s\n", why.c_str());
  std::exit(1);
}

/// Distinct users of one message.
std::vector<int> draw(std::minstd_rand& random, int users) {
  std::vector<int> drawn;
  while (drawn.size() < kRecipients) {
    const int user = std::uniform_int_distribution<int>{1, users}(random);
    if (std::find(drawn.begin(), drawn.end(), user) == drawn.end()) drawn.push_back(user);
  }
  return drawn;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) out.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return out;
}

class BareCopy {
 public:
  BareCopy(const std::string& url, const std::string& schema, int users)
      : db_(PQconnectdb(url.c_str()), PQfinish), schema_("\"" + schema + "\"."), users_(users) {
    if (PQstatus(db_.get()) != CONNECTION_OK) die(PQerrorMessage(db_.get()));
    run("SET synchronous_commit = on");
    // With the month of their rows: otherwise maintenance reads all of them while the server is measured.
    run("WITH inbox AS (INSERT INTO " + schema_ +
        "\"ActivityInbox\" (user_id, last_seq, live, unread, month, month_from) SELECT 'bare-' || n, 0, 0, 0, "
        "extract(year FROM now() AT TIME ZONE 'UTC') * 12 + extract(month FROM now() AT TIME ZONE 'UTC') - 1, 1 "
        "FROM generate_series(1, " +
        std::to_string(users) + ") n ON CONFLICT DO NOTHING RETURNING user_no, month) INSERT INTO " + schema_ +
        "\"ActivityInboxMonth\" (user_no, first_seq, month) SELECT user_no, 1, month FROM inbox");
    // The users of an earlier run go on, so that their rows and indexes are as old as those of the others.
    const auto rows = run("SELECT user_no, last_seq FROM " + schema_ +
                          "\"ActivityInbox\" WHERE user_id LIKE 'bare-%' ORDER BY substr(user_id, 6)::int");
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
      numbers_.emplace_back(PQgetvalue(rows.get(), i, 0));
      seqs_.push_back(std::atoll(PQgetvalue(rows.get(), i, 1)));
    }
  }

  /// Seconds of the batches' commits alone.
  double slice(int batches) {
    std::vector<Batch> made;
    for (int i = 0; i < batches; ++i) made.push_back(make());
    const auto begun = Clock::now();
    for (const Batch& batch : made) commit(batch);
    return std::chrono::duration<double>(Clock::now() - begun).count();
  }

 private:
  using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;
  struct Batch {
    std::string keys, notifications, counters, recipients;
  };

  Batch make() {
    Batch batch;
    std::map<int, int> rows;
    for (int i = 0; i < kMessages; ++i) {
      const auto id = crypto::uuid_v7(now_wall());
      const std::string text = uuid_text(id.bytes);
      const std::string key = hex(crypto::uuid_v4());
      batch.keys += "\\\\x" + key + "\t" + text + "\tbench/0/" + key + "\tnow\n";
      batch.notifications += text + "\tpayment.success\tPayment received\t{\"amount\":5}\tusers\tnow\tnow\n";
      for (const int user : draw(random_, users_)) {
        const auto place = static_cast<std::size_t>(user - 1);
        batch.recipients += numbers_[place] + "\t" + std::to_string(++seqs_[place]) + "\t" + text + "\n";
        ++rows[user];
      }
    }
    std::string numbers, counts;
    for (const auto& [user, count] : rows) {
      numbers += (numbers.empty() ? "" : ",") + numbers_[static_cast<std::size_t>(user - 1)];
      counts += (counts.empty() ? "" : ",") + std::to_string(count);
    }
    batch.counters = "UPDATE " + schema_ +
                     "\"ActivityInbox\" i SET last_seq = last_seq + n, mapped_to = last_seq + n, live = live + n, "
                     "unread = unread + n FROM unnest('{" +
                     numbers + "}'::bigint[], '{" + counts + "}'::bigint[]) AS u(user_no, n) " +
                     "WHERE i.user_no = u.user_no";
    return batch;
  }

  void commit(const Batch& batch) {
    run("BEGIN");
    copy("\"ActivityNotificationKey\" (key, notification_id, source, created_at)", batch.keys);
    copy("\"ActivityNotification\" (id, type, title, data, recipient_scope, created_at, modified_at)",
         batch.notifications);
    run(batch.counters);
    copy("\"ActivityNotificationRecipient\" (user_no, seq, notification_id)", batch.recipients);
    run("COMMIT");
  }

  Answer run(const std::string& sql) {
    Answer answer(PQexec(db_.get(), sql.c_str()), PQclear);
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) die(PQerrorMessage(db_.get()));
    return answer;
  }

  void copy(const std::string& into, const std::string& rows) {
    const Answer begun(PQexec(db_.get(), ("COPY " + schema_ + into + " FROM STDIN").c_str()), PQclear);
    if (PQresultStatus(begun.get()) != PGRES_COPY_IN) die(PQerrorMessage(db_.get()));
    if (PQputCopyData(db_.get(), rows.data(), static_cast<int>(rows.size())) != 1 ||
        PQputCopyEnd(db_.get(), nullptr) != 1)
      die(PQerrorMessage(db_.get()));
    const Answer ended(PQgetResult(db_.get()), PQclear);
    if (PQresultStatus(ended.get()) != PGRES_COMMAND_OK) die(PQerrorMessage(db_.get()));
    while (Answer(PQgetResult(db_.get()), PQclear)) {
    }
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> db_;
  std::string schema_;
  int users_;
  std::vector<std::string> numbers_;
  std::vector<std::int64_t> seqs_;
  std::minstd_rand random_{1};
};

class Store {
 public:
  Store(const std::string& url, const std::string& schema, int users) : users_(users) {
    store::PostgresOptions options;
    options.url = url;
    options.schema = schema;
    auto opened = store::open_postgres_notifications(options);
    if (!opened) die(opened.error().message);
    repository_ = std::move(*opened);
  }

  double slice(int batches) {
    std::vector<std::vector<store::NewNotification>> made;
    for (int i = 0; i < batches; ++i) made.push_back(make());
    const auto begun = Clock::now();
    for (const auto& batch : made) {
      if (const auto done = repository_->ingest(batch); !done) die(done.error().message);
    }
    return std::chrono::duration<double>(Clock::now() - begun).count();
  }

 private:
  std::vector<store::NewNotification> make() {
    std::vector<store::NewNotification> batch(kMessages);
    for (auto& item : batch) {
      item.activity.source = "bench/1/" + std::to_string(next_) + "/0";
      item.activity.key = "bench-" + std::to_string(next_++) + "-" + std::to_string(begun_);
      item.activity.type = "payment.success";
      item.activity.title = "Payment received";
      item.activity.data = R"({"amount":5})";
      for (const int user : draw(random_, users_)) item.recipients.push_back({"user-" + std::to_string(user)});
    }
    return batch;
  }

  int users_;
  std::unique_ptr<store::ActivityNotificationRepository> repository_;
  std::int64_t next_ = 0;
  std::int64_t begun_ = now_wall().value;
  std::minstd_rand random_{2};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: ingest URL SCHEMA [slices] [batches a slice] [users]\n");
    return 2;
  }
  const int slices = argc > 3 ? std::atoi(argv[3]) : 11;
  const int batches = argc > 4 ? std::atoi(argv[4]) : 20;
  const int users = argc > 5 ? std::atoi(argv[5]) : 10'000;
  BareCopy bare(argv[1], argv[2], users);
  Store stored(argv[1], argv[2], users);
  bare.slice(2 * batches);
  stored.slice(2 * batches);
  std::vector<double> floor, again, ours, ratios, noise;
  for (int i = 0; i < slices; ++i) {
    const double messages = static_cast<double>(batches) * kMessages;
    floor.push_back(messages / bare.slice(batches));
    ours.push_back(messages / stored.slice(batches));
    again.push_back(messages / bare.slice(batches));
    ratios.push_back(ours.back() / ((floor.back() + again.back()) / 2));
    noise.push_back(floor.back() / again.back());
  }
  std::printf(
      "bare COPY %.0f messages/s, repository %.0f messages/s, ratio %.2f (bare COPY to bare COPY %.2f), %d recipients "
      "each\n",
      median(floor), median(ours), median(ratios), median(noise), kRecipients);
  return 0;
}
